import type { SaturationReport } from '../connect/dial/dial-attempt.js';
import { createEmitter, type Emitter } from '../core/emitter.js';
import type { HygieneError } from '../core/errors.js';
import type { Suspicion } from '../ledger/connection-counts.js';
import type { CloseReason, ConnectionInfo, StateKind } from '../ledger/connection.js';
import type { StaleCause } from '../liveness/health-check-target.js';
import type { OrphanReport } from '../liveness/orphans.js';
import type { PolicyOverride } from '../options/policy.js';
import type { LeaseReport } from '../pool/pool-report.js';
import type { FailoverReport } from '../sentinel/master-group.js';
import type { ShutdownReport } from '../shutdown/shutdown-plan.js';

/** A fact about a connection: its ledger entry just after the move. */
export interface ConnectionEvent {
  /** When it happened, in milliseconds since the epoch. */
  readonly at: number;
  readonly connection: ConnectionInfo;
  /** The state before, `undefined` when the connection enters the ledger. */
  readonly from: StateKind | undefined;
}

/** A connection has left the ledger. */
export interface ClosedEvent extends ConnectionEvent {
  readonly reason: CloseReason;
}

/** A value that the caller gave was not used as it was. Reported once for each value. */
export interface PolicyEvent extends PolicyOverride {
  readonly at: number;
}

/** A fact about a connection's life signs: its ledger entry, and its ages. */
export interface LivenessEvent {
  /** When it happened, in milliseconds since the epoch. */
  readonly at: number;
  readonly connection: ConnectionInfo;
  /** How long ago the connection was opened, in milliseconds. */
  readonly ageMs: number;
}

/** A connection's peer is gone. Its socket is destroyed now; the client dials again. */
export interface StaleEvent extends LivenessEvent {
  /** How it was found. */
  readonly found: StaleCause;
  /** How long nothing had come from the server, in milliseconds. */
  readonly silentMs: number;
}

/** A connection's peer acknowledges bytes, but the server does not answer. It is kept. */
export interface StalledEvent extends LivenessEvent {
  /** How long nothing has come from the server, in milliseconds. */
  readonly silentMs: number;
}

/** A stalled connection answers again. */
export interface RecoveredEvent extends LivenessEvent {
  /** How long it was stalled, in milliseconds, from the `stalled` event on. */
  readonly stalledMs: number;
}

/** What became of the server's half of a connection that this process has given up. */
export interface OrphanEvent extends OrphanReport {
  /** When it happened, in milliseconds since the epoch. */
  readonly at: number;
}

/** A master has moved, and its clients were closed and dialled again. Told when all of them are ready. */
export interface FailoverEvent extends FailoverReport {
  /** When it was told, in milliseconds since the epoch. */
  readonly at: number;
}

/** A server takes no more connections, and dials to it wait. Told once until it has had room for a minute. */
export interface SaturatedEvent extends SaturationReport {
  /** When it was found, in milliseconds since the epoch. */
  readonly at: number;
}

/**
 * One line of code has more clients open, of this factory, than `limits.perCallSite`. Told once, and again only after
 * it has fallen back to half of that.
 */
export interface SuspectEvent extends Suspicion {
  /** When it was told, in milliseconds since the epoch. */
  readonly at: number;
}

/** A lease has lasted for longer than `leaseWarnMs`, or comes back after that. */
export interface LeaseEvent extends LeaseReport {
  /** When it was told, in milliseconds since the epoch. */
  readonly at: number;
}

/** Everything a factory tells, by event name. The state events carry the name of the state that was reached. */
export interface HygieneEvents {
  connecting: [event: ConnectionEvent];
  connected: [event: ConnectionEvent];
  ready: [event: ConnectionEvent];
  reconnecting: [event: ConnectionEvent];
  closed: [event: ClosedEvent];
  stale: [event: StaleEvent];
  stalled: [event: StalledEvent];
  recovered: [event: RecoveredEvent];
  orphan: [event: OrphanEvent];
  saturated: [event: SaturatedEvent];
  failover: [event: FailoverEvent];
  suspect: [event: SuspectEvent];
  /** A lease is overdue: told once for each lease. */
  'lease-overdue': [event: LeaseEvent];
  /** An overdue lease has been released. */
  'lease-returned': [event: LeaseEvent];
  policy: [event: PolicyEvent];
  /** A failure with a code and a remedy. A factory without a listener for it does not throw. */
  error: [error: HygieneError];
  shutdown: [report: ShutdownReport];
}

export type Events = Emitter<HygieneEvents>;

export function createEvents(): Events {
  return createEmitter<HygieneEvents>();
}
