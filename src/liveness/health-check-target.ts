import type { Settings } from '../options/settings.js';
import type { TcpFlow } from './tcp-state.js';

/** Intervals and limits of the health checks of a connection. */
export type HealthCheckSettings = Pick<
  Settings,
  'heartbeatIntervalMs' | 'heartbeatDeadlineMs' | 'stallLimitMs' | 'handshakeTimeoutMs'
>;

/**
 * What a connection expects from its server. `answer`: a command is in flight, which does not block or no longer may. `nothing`: no command is in flight, so the
 * connection may be pinged. `data`: the server answers only when it has data (a blocking command, MONITOR), a PING would
 * do harm (an open transaction), or the client belongs to a library and cannot be asked.
 */
export type Expectation = 'answer' | 'nothing' | 'data';

/** Why a connection was found stale. */
export const staleCauses = {
  kernel: 'Bytes were sent, and the peer’s kernel does not acknowledge them.',
  deadline: 'No answer came within the deadline, and the kernel’s state of the connection could not be read.',
  keepalive: 'The kernel’s own probes (TCP keepalive) were not answered.',
  handshake: 'The server accepted the connection and never answered the handshake.',
  'stall-limit':
    'The peer acknowledges bytes, but the server has not answered for `stallLimitMs`. Commands in flight are rejected with `HYG_STALLED`.',
} as const;

export type StaleCause = keyof typeof staleCauses;

/** A connection with a socket, as its health check sees it. */
export interface HealthCheckTarget {
  bytesRead(): number;
  bytesWritten(): number;
  /** Written bytes that the kernel has not taken yet, because the peer reads slowly. */
  bytesQueued(): number;
  expectation(): Expectation;
  ping(): void;
  /** The two ends of the connection, by which the kernel knows it. */
  flow(): TcpFlow;
  /** The peer is gone: the socket should be destroyed. */
  onStale(cause: StaleCause, silentMs: number): void;
  /** The server has sent bytes for `handshakeTimeoutMs`, and has not finished the handshake. Called once for each handshake. */
  onSlowHandshake(waitedMs: number): void;
  /** The peer acknowledges bytes, but the server does not answer. */
  onStalled(silentMs: number): void;
  onRecovered(stalledMs: number): void;
  /** The kernel's state of this connection could not be read. */
  onUnreadable(why: string): void;
}

/** Rounds in one deadline. A change between two rounds is noticed in the second one. */
export const ROUNDS_PER_DEADLINE = 10;

/** Time between two rounds of checks for this deadline, in milliseconds. */
export function checkPeriodMs({ heartbeatDeadlineMs }: Pick<Settings, 'heartbeatDeadlineMs'>): number {
  return Math.ceil(heartbeatDeadlineMs / ROUNDS_PER_DEADLINE);
}

/** With both limits a dead connection is found within 1.2 × 5 s + 3 s = 9 s. */
const MAX_SENTINEL_INTERVAL_MS = 5_000;
const MAX_SENTINEL_DEADLINE_MS = 3_000;

/**
 * Settings for connections to sentinels: one that was cut is dialled again within 9 s, so that a failover is learned
 * within 12 s even if all of these connections were cut just before it.
 */
export function sentinelHealthCheckSettings(settings: HealthCheckSettings): HealthCheckSettings {
  const { heartbeatIntervalMs, heartbeatDeadlineMs } = settings;
  return {
    ...settings,
    heartbeatIntervalMs: Math.min(heartbeatIntervalMs, MAX_SENTINEL_INTERVAL_MS),
    heartbeatDeadlineMs: Math.min(heartbeatDeadlineMs, MAX_SENTINEL_DEADLINE_MS),
  };
}
