import {
  type AuditOptions,
  type Check,
  createAuditContext,
  type Examination,
  type FleetCheck,
} from './audit-context.js';
import { abandonedClients, monitorLeftOpen, staleConnections } from './checks/abandoned-connections.js';
import { connectionPerRequest } from './checks/connection-churn.js';
import { connectionFlood } from './checks/connection-flood.js';
import { growth } from './checks/growth.js';
import { leakyLibrary } from './checks/leaky-library.js';
import { maxclientsLowered, maxclientsNear, maxclientsUneven } from './checks/maxclients.js';
import { orphanConsumers, orphanSubscribers } from './checks/orphan-connections.js';
import { outputBuffers } from './checks/output-buffers.js';
import { reconnectStorm } from './checks/reconnect-storm.js';
import {
  keepaliveOff,
  keepaliveSlow,
  timeoutHitsHealthy,
  timeoutMissesSubscribers,
} from './checks/server-timeouts.js';
import { type FindingCode, findingCodes } from './finding-table.js';
import type { Finding } from './finding.js';

/** Checks that compare several servers, by finding code. */
const fleetChecks = { 'maxclients-uneven': maxclientsUneven } satisfies Partial<
  Record<FindingCode, FleetCheck>
>;

/** Checks of one server, by finding code. */
const checks: Readonly<Record<Exclude<FindingCode, keyof typeof fleetChecks>, Check>> = {
  'connection-flood': connectionFlood,
  'abandoned-clients': abandonedClients,
  'orphan-subscribers': orphanSubscribers,
  'orphan-consumers': orphanConsumers,
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

/** Limit of findings with one code on one server, so that a document stays small. */
export const MAX_FINDINGS_PER_CODE = 100;

/** Runs all checks and returns the worst finding first. Pure: the same examinations give the same findings. */
export function audit(examinations: readonly Examination[], options: AuditOptions): readonly Finding[] {
  const contexts = examinations.map(createAuditContext);
  const findings = contexts.flatMap((context) =>
    Object.values(checks).flatMap((check) => limitFindings(check(context, options))),
  );
  const fleetFindings = Object.values(fleetChecks).flatMap((check) => limitFindings(check(contexts)));
  return [...findings, ...fleetFindings].sort(compareFindings);
}

/** Keeps the worst findings of one code. The last one kept counts the omitted ones in its evidence. */
function limitFindings(findings: readonly Finding[]): readonly Finding[] {
  const sorted = [...findings].sort(compareFindings);
  const kept = sorted.slice(0, MAX_FINDINGS_PER_CODE);
  const omittedCount = sorted.length - kept.length;
  return kept.map((finding, index) =>
    omittedCount > 0 && index === kept.length - 1
      ? { ...finding, evidence: { ...finding.evidence, furtherFindings: omittedCount } }
      : finding,
  );
}

/**
 * Sorts the worst finding first: errors before warnings, then findings with an owner before those about the server (a full
 * server is a consequence), then by number of connections, and at last by fixed criteria.
 */
function compareFindings(one: Finding, other: Finding): number {
  return (
    Number(one.severity === 'warning') - Number(other.severity === 'warning') ||
    Number(one.owner === undefined) - Number(other.owner === undefined) ||
    connectionsOf(other) - connectionsOf(one) ||
    findingCodes.indexOf(one.code) - findingCodes.indexOf(other.code) ||
    compareText(one.target, other.target) ||
    compareText(one.owner ?? '', other.owner ?? '')
  );
}

function connectionsOf({ evidence }: Finding): number {
  return Number(evidence.connections ?? 0);
}

function compareText(one: string, other: string): number {
  return Number(one > other) - Number(one < other);
}
