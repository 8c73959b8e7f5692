import type { Settings } from '../options/settings.js';
import type { TcpFlow } from './tcp-state.js';

/** The numbers by which a connection is judged. */
export type HealthCheckSettings = Pick<
  Settings,
  'heartbeatIntervalMs' | 'heartbeatDeadlineMs' | 'stallLimitMs' | 'handshakeTimeoutMs'
>;

/**
 * What a silent connection may wait for. `answer`: a command is in flight. `nothing`: none is, so it may be pinged.
 * `data`: the server answers when it has something (a blocking command, MONITOR), a PING would do harm (an open
 * transaction), or the client is a library's and cannot be asked.
 */
export type Expectation = 'answer' | 'nothing' | 'data';

/** How a stale connection was found. */
export const staleCauses = {
  kernel: 'Our bytes are out, and the peer acknowledges nothing.',
  deadline: 'No answer within the deadline, and the kernel could tell nothing about the connection.',
  keepalive: 'The kernel’s own probes (TCP keepalive) were not answered.',
  handshake: 'The server took the connection and never answered the handshake.',
  'stall-limit':
    'The peer acknowledges bytes, but the server has not answered for `stallLimitMs`. What waited is rejected with `HYG_STALLED`.',
} as const;

export type StaleCause = keyof typeof staleCauses;

/** One connection with a socket, as far as the heartbeat looks at it. */
export interface HealthCheckTarget {
  bytesRead(): number;
  bytesWritten(): number;
  /** Those of them that the kernel has not taken yet, because the peer is slow to take what came before. */
  bytesQueued(): number;
  expects(): Expectation;
  ping(): void;
  /** Where its bytes go. */
  flow(): TcpFlow;
  /** Its peer is gone: the socket should be destroyed. */
  onStale(found: StaleCause, silentMs: number): void;
  /** Its peer acknowledges bytes, but the server does not answer. */
  onStalled(silentMs: number): void;
  onRecovered(stalledMs: number): void;
  /** The kernel could not be asked about this one. */
  onUnreadable(why: string): void;
}

/** Rounds in one deadline. What happens between two of them is seen at the second. */
export const ROUNDS_PER_DEADLINE = 10;

/** The time between two rounds for this deadline, in milliseconds. */
export function checkPeriodMs({ heartbeatDeadlineMs }: Pick<Settings, 'heartbeatDeadlineMs'>): number {
  return Math.ceil(heartbeatDeadlineMs / ROUNDS_PER_DEADLINE);
}

/** Together 1.2 × 5 s + 3 s = 9 s. */
const SENTINEL_INTERVAL_MS = 5_000;
const SENTINEL_DEADLINE_MS = 3_000;

/**
 * The pace for connections to sentinels: at most 9 s until one that was cut is dialled again, so that a failover is
 * learned within 12 s even where all of them were cut just before it.
 */
export function sentinelHealthCheckSettings(pace: HealthCheckSettings): HealthCheckSettings {
  const { heartbeatIntervalMs, heartbeatDeadlineMs } = pace;
  return {
    ...pace,
    heartbeatIntervalMs: Math.min(heartbeatIntervalMs, SENTINEL_INTERVAL_MS),
    heartbeatDeadlineMs: Math.min(heartbeatDeadlineMs, SENTINEL_DEADLINE_MS),
  };
}
