import type { SocketMonitorPorts } from '../connect/connection/socket-monitor.js';
import type { SaturationReport } from '../connect/dial/dial-attempt.js';
import { type Clock, throttle } from '../core/clock.js';
import { publish } from '../core/emitter.js';
import type { HygieneError, HygieneErrorCode } from '../core/errors.js';
import type { Suspicion } from '../ledger/connection-counts.js';
import type { ConnectionInfo } from '../ledger/connection.js';
import type { MoveListener } from '../ledger/ledger.js';
import type { OrphanPorts } from '../liveness/orphans.js';
import type { PolicyOverride } from '../options/policy.js';
import type { LeaseReport } from '../pool/pool-report.js';
import type { FailoverReport } from '../sentinel/master-group.js';
import type { Events, HygieneEvents, LivenessEvent } from './events.js';

/** Turns what the parts of a factory find out into its events. */
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
  readonly onSuspect: (suspicion: Suspicion) => void;
  /** Told once for each option and value, up to 1000 of them. */
  readonly onOverride: (override: PolicyOverride) => void;
  /**
   * A refused name is told once for each server, a sentinel once until it is back, and a full budget once in a second;
   * all else each time.
   */
  readonly onFailure: (error: HygieneError) => void;
}

/** An application that makes up a new name for each client must not fill the memory with what it was told. */
const MAX_OVERRIDES = 1_000;

/** Of a budget that stays full, the library or the Cluster that dials again and again need not be told more often. */
const REFUSALS_MS = 1_000;

/** Whether it is known already; it is from now on. */
function isKnown(targets: Set<unknown> | undefined, target: unknown): boolean {
  const before = targets?.size;
  return targets !== undefined && targets.add(target).size === before;
}

/** Whether an override has not been told yet; it will have been now. */
function isNews(told: Set<string>, { option, given, used }: PolicyOverride): boolean {
  const key = [option, given, used].map(String).join('\n');
  if (told.has(key) || told.size >= MAX_OVERRIDES) return false;
  told.add(key);
  return true;
}

type PlainName = 'orphan' | 'saturated' | 'lease-overdue' | 'lease-returned' | 'failover' | 'suspect';

/** Tells facts as they are, with the time. */
function teller(events: Events, clock: Clock) {
  return <Name extends PlainName>(name: Name) =>
    (facts: Omit<HygieneEvents[Name][0], 'at'>) =>
      publish<HygieneEvents, Name>(events, name, ...([{ at: clock.now(), ...facts }] as HygieneEvents[Name]));
}

export function createReporter(events: Events, clock: Clock): Reporter {
  const overrides = new Set<string>();
  const namelessTargets = new Set<unknown>();
  /** Sentinels that do not let us in: others are asked meanwhile, so it is told once until they do. */
  const lostSentinels = new Map<HygieneErrorCode, Set<unknown>>([
    ['HYG_CONNECT_FAILED', new Set()],
    ['HYG_AUTH_REFUSED', new Set()],
  ]);

  const tellNow = teller(events, clock);
  const tell = (error: HygieneError) => void process.nextTick(() => publish(events, 'error', error));
  const tellRefusal = throttle(clock, REFUSALS_MS, tell);

  function isRepeated({ code, details: { target, role } }: HygieneError): boolean {
    if (code === 'HYG_NAME_REFUSED') return isKnown(namelessTargets, target);
    return role === 'sentinel' && isKnown(lostSentinels.get(code), target);
  }

  function lifeSign(connection: ConnectionInfo): LivenessEvent {
    const at = clock.now();
    return { at, connection, ageMs: at - connection.openedAt };
  }

  return {
    onStale: (connection, found, silentMs) =>
      publish(events, 'stale', { ...lifeSign(connection), found, silentMs }),
    onStalled: (connection, silentMs) => publish(events, 'stalled', { ...lifeSign(connection), silentMs }),
    onRecovered: (connection, stalledMs) =>
      publish(events, 'recovered', { ...lifeSign(connection), stalledMs }),
    onOrphan: tellNow('orphan'),
    onSaturated: tellNow('saturated'),
    onOverdue: tellNow('lease-overdue'),
    onReturned: tellNow('lease-returned'),
    onFailover: tellNow('failover'),
    onSuspect: tellNow('suspect'),
    onMove(connection, from, reason) {
      if (connection.state === 'ready') lostSentinels.forEach((lost) => lost.delete(connection.target));
      const event = { at: connection.since, connection, from };
      if (connection.state === 'closed')
        publish(events, 'closed', { ...event, reason: reason ?? 'application' });
      else publish(events, connection.state, event);
    },
    onOverride(override) {
      if (!isNews(overrides, override)) return;
      // Later in this tick, so that listeners added right after createRedisFactory() hear it.
      process.nextTick(() => publish(events, 'policy', { at: clock.now(), ...override }));
    },
    onFailure(error) {
      if (isRepeated(error)) return;
      if (error.code === 'HYG_LIMIT_CONNECTIONS') tellRefusal(error);
      else tell(error);
    },
  };
}
