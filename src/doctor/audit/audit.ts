import { abandonedClients, monitorLeftOpen, staleConnections } from './checks/abandoned-connections.js';
import { connectionPerRequest, growth } from './checks/connection-churn.js';
import {
  keepaliveOff,
  keepaliveSlow,
  timeoutHitsHealthy,
  timeoutMissesSubscribers,
} from './checks/server-timeouts.js';
import { leakyLibrary } from './checks/leaky-library.js';
import { maxclientsLowered, maxclientsNear, maxclientsUneven } from './checks/maxclients.js';
import { orphanSubscribers } from './checks/orphan-subscribers.js';
import { outputBuffers } from './checks/output-buffers.js';
import { reconnectStorm } from './checks/reconnect-storm.js';
import { unnamedFlood } from './checks/unnamed-flood.js';
import {
  type AuditOptions,
  createAuditContext,
  type Check,
  type Examination,
  type FleetCheck,
} from './audit-context.js';
import type { Finding } from './finding.js';
import { type FindingCode, findingCodes } from './finding-table.js';

/** Who looks for what. */
const checks: Readonly<Record<Exclude<FindingCode, keyof typeof fleetChecks>, Check>> = {
  'unnamed-flood': unnamedFlood,
  'abandoned-clients': abandonedClients,
  'orphan-subscribers': orphanSubscribers,
  'stale-connections': staleConnections,
  'maxclients-near': maxclientsNear,
  growth,
  'reconnect-storm': reconnectStorm,
  'connection-per-request': connectionPerRequest,
  'maxclients-lowered': maxclientsLowered,
  'keepalive-off': keepaliveOff,
  'keepalive-slow': keepaliveSlow,
  'timeout-hits-healthy': timeoutHitsHealthy,
  'timeout-misses-subscribers': timeoutMissesSubscribers,
  'output-buffers': outputBuffers,
  'leaky-library': leakyLibrary,
  'monitor-left-open': monitorLeftOpen,
};

const fleetChecks = { 'maxclients-uneven': maxclientsUneven } satisfies Partial<
  Record<FindingCode, FleetCheck>
>;

/** Of one code on one server nobody reads more. */
const MOST_OF_A_CODE = 10;

const connectionsOf = ({ evidence }: Finding) => Number(evidence.connections ?? 0);

const compare = (one: string, other: string) => Number(one > other) - Number(one < other);

/**
 * Errors before warnings, those that name somebody before those that do not (a full server is the consequence), what is about
 * more connections before what is about fewer, and then always the same order.
 */
function worstFirst(one: Finding, other: Finding): number {
  return (
    Number(one.severity === 'warning') - Number(other.severity === 'warning') ||
    Number(one.owner === undefined) - Number(other.owner === undefined) ||
    connectionsOf(other) - connectionsOf(one) ||
    findingCodes.indexOf(one.code) - findingCodes.indexOf(other.code) ||
    compare(one.target, other.target) ||
    compare(one.owner ?? '', other.owner ?? '')
  );
}

/** The worst of each code, and how many owners more there are. */
function cap(findings: readonly Finding[]): readonly Finding[] {
  const sorted = [...findings].sort(worstFirst);
  const kept = sorted.slice(0, MOST_OF_A_CODE);
  const more = sorted.length - kept.length;
  return kept.map((finding, at) =>
    more > 0 && at === kept.length - 1
      ? { ...finding, evidence: { ...finding.evidence, furtherFindings: more } }
      : finding,
  );
}

/** Draws the verdicts on servers, worst first. Pure: the same examinations give the same findings. */
export function audit(examinations: readonly Examination[], options: AuditOptions): readonly Finding[] {
  const charts = examinations.map(createAuditContext);
  const single = charts.flatMap((chart) =>
    Object.values(checks).flatMap((check) => cap(check(chart, options))),
  );
  const fleet = Object.values(fleetChecks).flatMap((check) => cap(check(charts)));
  return [...single, ...fleet].sort(worstFirst);
}
