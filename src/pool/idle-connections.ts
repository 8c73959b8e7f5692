import type { Clock } from '../core/clock.js';
import { createGenericPool } from './generic-pool.js';
import type { FailedEntry, PoolEntry } from './pool-entry.js';

export interface IdleConnectionsPorts {
  readonly max: number;
  readonly min: number;
  readonly idleTimeoutMs: number;
  /** Opens a connection, however long that takes. Never rejects: a failure is a `FailedEntry`. */
  create(): Promise<PoolEntry | FailedEntry>;
  /** Checks whether an idle connection can be handed out. */
  validate(entry: PoolEntry | FailedEntry): Promise<boolean>;
  /** Whether an idle connection cannot be handed out any more. */
  isUnusable(entry: PoolEntry | FailedEntry): boolean;
  /** Closes a connection that is unusable, or has been idle for too long. */
  close(entry: PoolEntry | FailedEntry): void;
}

/**
 * The idle connections of a pool, most recently used first, kept by generic-pool: it limits their number, creates and
 * validates them, and closes those that are idle for too long.
 */
export interface IdleConnections {
  /** Takes an idle connection that passed validation, or a new one. */
  take(): Promise<PoolEntry | FailedEntry>;
  /** Puts a taken connection back. */
  put(entry: PoolEntry): void;
  /** Gives up a taken connection, which will not be put back. Its place is free when its socket has closed. */
  discard(entry: PoolEntry | FailedEntry): void;
  /** Closes all idle connections, once every taken one was put back or discarded. */
  close(): Promise<void>;
}

export function createIdleConnections(ports: IdleConnectionsPorts): IdleConnections {
  const { max, min, idleTimeoutMs } = ports;
  const factory = {
    create: () => ports.create(),
    validate: (entry: PoolEntry | FailedEntry) => ports.validate(entry),
    async destroy(entry: PoolEntry | FailedEntry) {
      ports.close(entry);
      await entry.whenClosed;
    },
  };
  const options = {
    ...{ max, min },
    fifo: false, // under low load the same few connections are used, so the others become idle and can be closed
    testOnBorrow: true,
    softIdleTimeoutMillis: idleTimeoutMs, // closes no more connections than `min` allows
    idleTimeoutMillis: Number.MAX_SAFE_INTEGER, // would ignore `min`
    evictionRunIntervalMillis: evictionIntervalMs(idleTimeoutMs),
    numTestsPerEvictionRun: max,
  };
  const pool = createGenericPool(factory, options, (entry) => ports.isUnusable(entry));

  return {
    take: () => pool.acquire(),
    put: (entry) => void pool.release(entry),
    discard: (entry) => void pool.destroy(entry),
    async close() {
      await pool.drain();
      await pool.clear();
    },
  };
}

const MIN_EVICTION_INTERVAL_MS = 100;

const MAX_EVICTION_INTERVAL_MS = 5_000;

/** Interval between two checks of the idle connections: a quarter of their timeout, so that they outlast it by little. */
function evictionIntervalMs(idleTimeoutMs: number): number {
  return Math.min(MAX_EVICTION_INTERVAL_MS, Math.max(MIN_EVICTION_INTERVAL_MS, idleTimeoutMs / 4));
}

export interface RecentlyReturnedPorts {
  readonly clock: Clock;
  /** How long a connection is kept here after its return. */
  readonly keepMs: number;
  /** Called with the connections that were not taken in time. */
  readonly onExpired: (entries: readonly PoolEntry[]) => void;
}

/** Connections that were returned less than `keepMs` ago. They are handed out without a check. */
export class RecentlyReturned {
  readonly #ports: RecentlyReturnedPorts;
  /** In the order of their return, the latest at the end. */
  #entries: PoolEntry[] = [];
  #timer: { cancel(): void } | undefined;

  constructor(ports: RecentlyReturnedPorts) {
    this.#ports = ports;
  }

  put(entry: PoolEntry, now: number): void {
    entry.lastUsedAt = now;
    this.#entries.push(entry);
    this.#timer ??= this.#ports.clock.after(this.#ports.keepMs, () => this.#expire());
  }

  /**
   * Takes the connection that was returned last. If it is too old although the timer has not fired (the event loop was
   * blocked), all connections expire.
   */
  take(now: number): PoolEntry | undefined {
    const last = this.#entries.pop();
    if (!last || now - last.lastUsedAt < this.#ports.keepMs) return last;
    this.#ports.onExpired([...this.takeAll(), last]);
    return undefined;
  }

  takeAll(): PoolEntry[] {
    this.#timer?.cancel();
    this.#timer = undefined;
    return this.#entries.splice(0);
  }

  #expire(): void {
    this.#timer = undefined;
    const { clock, keepMs, onExpired } = this.#ports;
    const now = clock.now();
    const isExpired = ({ lastUsedAt }: PoolEntry) => now - lastUsedAt >= keepMs;
    const expired = this.#entries.filter(isExpired);
    this.#entries = this.#entries.filter((entry) => !isExpired(entry));
    onExpired(expired);
    const [oldest] = this.#entries;
    if (oldest) this.#timer = clock.after(oldest.lastUsedAt + keepMs - now, () => this.#expire());
  }
}
