import type { SocketMonitorPorts } from '../connect/connection/socket-monitor.js';
import type { SaturationReport } from '../connect/dial/dial-attempt.js';
import { type Clock, throttle } from '../core/clock.js';
import type { HygieneError, HygieneErrorCode } from '../core/errors.js';
import type { SuspectReport } from '../ledger/connection-counts.js';
import type { ConnectionInfo } from '../ledger/connection.js';
import type { MoveListener } from '../ledger/ledger.js';
import type { OrphanPorts } from '../liveness/orphans.js';
import type { PolicyOverride } from '../options/policy.js';
import type { LeaseReport } from '../pool/pool-report.js';
import type { FailoverReport } from '../sentinel/master-group.js';
import type { GapReport } from '../subscriber/subscriber.js';
import type { Announce } from './announce.js';
import type { HygieneEvents, LivenessEvent } from './events.js';

/** Callbacks of a factory's parts, which turn their reports into the factory's events. */
export interface Reporter {
  readonly onMove: MoveListener;
  readonly onStale: SocketMonitorPorts['onStale'];
  readonly onStalled: SocketMonitorPorts['onStalled'];
  readonly onRecovered: SocketMonitorPorts['onRecovered'];
  readonly onOrphan: OrphanPorts['onOrphan'];
  readonly onOverdue: (report: LeaseReport) => void;
  readonly onReturned: (report: LeaseReport) => void;
  readonly onSaturated: (report: SaturationReport) => void;
  readonly onFailover: (report: FailoverReport) => void;
  readonly onSuspect: (report: SuspectReport) => void;
  readonly onGap: (report: GapReport) => void;
  /** Emits `policy` once for each option and value, up to 1000 of them. */
  readonly onOverride: (override: PolicyOverride) => void;
  /**
   * Emits `error`. Repeated errors are limited: a refused name is reported once for each server, a sentinel that cannot be
   * used once until it is back, and a full budget at most once a second.
   */
  readonly onFailure: (error: HygieneError) => void;
}

/** Limit of remembered overrides, for an application that invents a new name for each client. */
const MAX_OVERRIDES = 1_000;

/** Interval between reports of a full budget, as a library or a Cluster that is refused dials again in a loop. */
const REFUSAL_INTERVAL_MS = 1_000;

export function createReporter(announce: Announce, clock: Clock): Reporter {
  const reportedOverrides = new Set<string>();
  const unnamedTargets = new Set<unknown>();
  /** Sentinels that refuse us or cannot be reached, by error code. While other sentinels are asked, one report is enough. */
  const lostSentinels = new Map<HygieneErrorCode, Set<unknown>>([
    ['HYG_CONNECT_FAILED', new Set()],
    ['HYG_AUTH_REFUSED', new Set()],
  ]);

  const announceDated = createDatedAnnouncer(announce, clock);
  const emitError = (error: HygieneError) => void process.nextTick(() => announce('error', error));
  const emitRefusal = throttle(clock, REFUSAL_INTERVAL_MS, emitError);

  function isRepeated({ code, details: { target, role } }: HygieneError): boolean {
    const sentinels = role === 'sentinel' ? lostSentinels.get(code) : undefined;
    const reported = code === 'HYG_NAME_REFUSED' ? unnamedTargets : sentinels;
    return reported !== undefined && !addTarget(reported, target);
  }

  function livenessEvent(connection: ConnectionInfo): LivenessEvent {
    const at = clock.now();
    return { at, connection, ageMs: at - connection.openedAt };
  }

  return {
    onStale: (connection, cause, silentMs) =>
      announce('stale', { ...livenessEvent(connection), cause, silentMs }),
    onStalled: (connection, silentMs) => announce('stalled', { ...livenessEvent(connection), silentMs }),
    onRecovered: (connection, stalledMs) =>
      announce('recovered', { ...livenessEvent(connection), stalledMs }),
    onOrphan: announceDated('orphan'),
    onSaturated: announceDated('saturated'),
    onOverdue: announceDated('lease-overdue'),
    onReturned: announceDated('lease-returned'),
    onFailover: announceDated('failover'),
    onSuspect: announceDated('suspect'),
    onGap: announceDated('gap'),
    onMove(connection, from, reason, loss) {
      if (connection.state === 'ready') lostSentinels.forEach((lost) => lost.delete(connection.target));
      const event = { at: connection.since, connection, from, loss };
      if (connection.state === 'closed') announce('closed', { ...event, reason: reason ?? 'application' });
      else announce(connection.state, event);
    },
    onOverride(override) {
      if (!addOverride(reportedOverrides, override)) return;
      // Deferred, so that listeners added right after createRedisFactory() receive the event.
      process.nextTick(() => announce('policy', { at: clock.now(), ...override }));
    },
    onFailure(error) {
      if (isRepeated(error)) return;
      if (error.code === 'HYG_LIMIT_CONNECTIONS') emitRefusal(error);
      else emitError(error);
    },
  };
}

/** Events that are a report of a part with the time added. */
type DatedName = 'orphan' | 'saturated' | 'lease-overdue' | 'lease-returned' | 'failover' | 'suspect' | 'gap';

function createDatedAnnouncer(announce: Announce, clock: Clock) {
  return <Name extends DatedName>(name: Name) =>
    (report: Omit<HygieneEvents[Name][0], 'at'>) =>
      announce(name, { at: clock.now(), ...report } as HygieneEvents[Name][0]);
}

/** Remembers a target. Returns false if it was remembered before. */
function addTarget(targets: Set<unknown>, target: unknown): boolean {
  const sizeBefore = targets.size;
  return targets.add(target).size > sizeBefore;
}

/** Remembers an override. Returns false if it was reported before, or if the limit is reached. */
function addOverride(reported: Set<string>, { option, given, used }: PolicyOverride): boolean {
  const key = [option, given, used].map(String).join('\n');
  if (reported.has(key) || reported.size >= MAX_OVERRIDES) return false;
  reported.add(key);
  return true;
}
