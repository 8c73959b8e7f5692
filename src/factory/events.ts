import type { SaturationReport } from '../connect/dial/dial-attempt.js';
import { createEmitter, type Emitter } from '../core/emitter.js';
import type { HygieneError } from '../core/errors.js';
import type { SuspectReport } from '../ledger/connection-counts.js';
import type { CloseReason, ConnectionInfo, LossCause, StateKind } from '../ledger/connection.js';
import type { StaleCause } from '../liveness/health-check-target.js';
import type { OrphanReport } from '../liveness/orphans.js';
import type { PolicyOverride } from '../options/policy.js';
import type { LeaseReport } from '../pool/pool-report.js';
import type { FailoverReport } from '../sentinel/master-group.js';
import type { ShutdownReport } from '../shutdown/shutdown-plan.js';
import type { GapReport } from '../subscriber/subscriber.js';

/** A connection has changed its state, with its ledger entry just after the change. */
export interface ConnectionEvent {
  /** Time of the change, in milliseconds since the Unix epoch. */
  readonly at: number;
  readonly connection: ConnectionInfo;
  /** The previous state, `undefined` if the connection has just entered the ledger. */
  readonly from: StateKind | undefined;
  /** Why the socket closed. `undefined` if there was none, or if its client was told to close. */
  readonly loss?: LossCause | undefined;
}

/** A connection has left the ledger. */
export interface ClosedEvent extends ConnectionEvent {
  readonly reason: CloseReason;
}

/** An option of the caller was replaced by another value. Emitted once for each option and value. */
export interface PolicyEvent extends PolicyOverride {
  /** Time of the event, in milliseconds since the Unix epoch. */
  readonly at: number;
}

/** A result of a connection's health check, with the connection's ledger entry. */
export interface LivenessEvent {
  /** Time of the event, in milliseconds since the Unix epoch. */
  readonly at: number;
  readonly connection: ConnectionInfo;
  /** Age of the connection in milliseconds, counted from its entry into the ledger. */
  readonly ageMs: number;
}

/** The peer of a connection is dead. Its socket is destroyed now, and the client dials again. */
export interface StaleEvent extends LivenessEvent {
  /** Why the connection is considered dead. See docs/liveness.md. */
  readonly cause: StaleCause;
  /** Time since the last bytes from the server, in milliseconds. */
  readonly silentMs: number;
}

/** The peer of a connection acknowledges bytes, but the server does not answer. The connection stays open. */
export interface StalledEvent extends LivenessEvent {
  /** Time since the last bytes from the server, in milliseconds. */
  readonly silentMs: number;
}

/** A stalled connection answers again. */
export interface RecoveredEvent extends LivenessEvent {
  /** Time since the `stalled` event, in milliseconds. */
  readonly stalledMs: number;
}

/**
 * The outcome for an orphan: the server's half of a connection whose socket this process has closed. The `outcome` tells
 * whether the orphan was reaped. See docs/liveness.md.
 */
export interface OrphanEvent extends OrphanReport {
  /** Time of the outcome, in milliseconds since the Unix epoch. */
  readonly at: number;
}

/**
 * A Sentinel failover has moved the master. Emitted once all affected clients are ready on the new master, after 10 s at
 * the latest. See docs/sentinel.md.
 */
export interface FailoverEvent extends FailoverReport {
  /** Time of the event, in milliseconds since the Unix epoch. */
  readonly at: number;
}

/**
 * A server has reached its `maxclients`: new dials to it wait. Emitted once, and again only after the server has had room
 * for a minute. See docs/full-server.md.
 */
export interface SaturatedEvent extends SaturationReport {
  /** Time of the detection, in milliseconds since the Unix epoch. */
  readonly at: number;
}

/**
 * A line of code has more clients open in this process than `limits.perCallSite`, which suggests a leak. Emitted once for
 * each line by the factory that opens the client, and again only after its number of clients has fallen to half the limit. See docs/budget.md.
 */
export interface SuspectEvent extends SuspectReport {
  /** Time of the event, in milliseconds since the Unix epoch. */
  readonly at: number;
}

/** A pool lease has been held for longer than `leaseWarnMs`, or is released after that. See docs/pools.md. */
export interface LeaseEvent extends LeaseReport {
  /** Time of the event, in milliseconds since the Unix epoch. */
  readonly at: number;
}

/** A subscriber may have missed messages. The subscriber emits `gap` too. See docs/subscriber.md. */
export interface GapEvent extends GapReport {
  /** Time of the event, in milliseconds since the Unix epoch. */
  readonly at: number;
}

/** All events of a factory, by name. An event for a new connection state has the name of that state. */
export interface HygieneEvents {
  /** A connection is being dialled. */
  connecting: [event: ConnectionEvent];
  /** The socket of a connection is up, including TLS. The handshake follows. */
  connected: [event: ConnectionEvent];
  /** The handshake of a connection is done. */
  ready: [event: ConnectionEvent];
  /** A connection has lost its socket, and the client will dial again. */
  reconnecting: [event: ConnectionEvent];
  /** A connection is closed for good. */
  closed: [event: ClosedEvent];
  /** The peer of a connection is dead. The socket is destroyed, and the client dials again. */
  stale: [event: StaleEvent];
  /** The server of a connection does not answer, although its peer acknowledges bytes. */
  stalled: [event: StalledEvent];
  /** A stalled connection answers again. */
  recovered: [event: RecoveredEvent];
  /** An orphan on the server was reaped, is gone, or could not be reaped. */
  orphan: [event: OrphanEvent];
  /** A server has reached its `maxclients`, and dials to it wait. */
  saturated: [event: SaturatedEvent];
  /** A Sentinel failover has moved the master, and the clients have followed. */
  failover: [event: FailoverEvent];
  /** A subscriber may have missed messages. */
  gap: [event: GapEvent];
  /** A line of code has more clients open than `limits.perCallSite`. */
  suspect: [event: SuspectEvent];
  /** A pool lease is overdue. Emitted once for each lease. */
  'lease-overdue': [event: LeaseEvent];
  /** An overdue pool lease has been released. */
  'lease-returned': [event: LeaseEvent];
  /** An option of the caller was replaced by another value. */
  policy: [event: PolicyEvent];
  /** A failure with a code and a remedy. Without a listener for `error`, the factory does not throw. */
  error: [error: HygieneError];
  /** `shutdown()` has finished. */
  shutdown: [report: ShutdownReport];
}

/** Emitter of a factory's events. */
export type Events = Emitter<HygieneEvents>;

export function createEvents(): Events {
  return createEmitter<HygieneEvents>();
}
