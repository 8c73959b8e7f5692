import type { Redis } from 'ioredis';
import { HygieneError } from '../core/errors.js';
import { checkInteger, checkNames, wrongType } from '../options/check-options.js';
import { captureCaller, NOT_TAKEN } from './borrower.js';
import type { PoolCore } from './core.js';
import { type Lease, Loan } from './lease.js';
import type { PoolReport } from './report.js';
import type { PoolStatistics } from './statistics.js';
import { borrowingOf } from './view.js';

/** Options of closing a pool. */
export interface PoolCloseOptions {
  /**
   * How long leases may take to come back, in milliseconds, 0 to 300 000.
   * @default the factory's shutdownTimeoutMs (5000)
   */
  readonly timeoutMs?: number;
}

/** A bounded number of connections, lent to one borrower at a time. */
export interface Pool extends AsyncDisposable {
  /** Of its connections, as in CLIENT LIST. */
  readonly name: string;

  /**
   * Lends a connection for as long as `work` takes, and takes it back whatever happens. Gives what `work` gives.
   *
   * @throws HygieneError `HYG_ACQUIRE_TIMEOUT`, `HYG_POOL_FULL`, `HYG_POOL_CLOSED`, `HYG_AUTH_REFUSED`, and whatever
   * `work` throws
   */
  use<Result>(work: (client: Redis) => Promise<Result> | Result): Promise<Result>;

  /**
   * Lends a connection until it is released: `await using lease = await pool.acquire()`, or `release()` in `finally`.
   *
   * @throws HygieneError `HYG_ACQUIRE_TIMEOUT`, `HYG_POOL_FULL`, `HYG_POOL_CLOSED`, `HYG_AUTH_REFUSED`
   */
  acquire(): Promise<Lease>;

  /**
   * Releases a lease, or the lease of this client: for code that is written for other pools.
   *
   * @throws HygieneError `HYG_LEASE_UNKNOWN`, `HYG_LEASE_ENDED`
   */
  release(lease: Lease | Redis): Promise<void>;

  /** The server is elsewhere now: idle connections are closed at once, lent ones when they come back. */
  clear(): void;

  statistics(): PoolStatistics;

  /**
   * Lends nothing any more, waits for the leases, and closes. Who does not release in time is reported, and its
   * connection closed. Later calls get the same promise; one with less time left shortens the wait.
   *
   * @throws HygieneError `HYG_OPTION_UNKNOWN`, `HYG_OPTION_TYPE`, `HYG_OPTION_RANGE`
   */
  close(options?: PoolCloseOptions): Promise<PoolReport>;
}

const TIMEOUT = { min: 0, max: 300_000, unit: 'ms' };

export interface PoolPorts {
  readonly name: string;
  readonly core: PoolCore;
  readonly closeTimeoutMs: number;
  /** Called once, when everything is closed. */
  readonly onClosed: () => void;
}

/** The public face of a pool. */
export function createPool({ name, core, closeTimeoutMs, onClosed }: PoolPorts): Pool {
  let closing: Promise<PoolReport> | undefined;

  async function use<Result>(work: (client: Redis) => Promise<Result> | Result): Promise<Result> {
    if (typeof work !== 'function') throw wrongType('work', work, 'a function that takes a client');
    const loan = core.take(work) ?? (await core.wait(work));
    try {
      return await work(loan.client);
    } finally {
      void core.giveBack(loan);
    }
  }

  function acquire(): Promise<Lease> {
    const trail = core.wantsStack() ? captureCaller() : NOT_TAKEN;
    const loan = core.take(trail);
    return loan ? Promise.resolve(loan) : core.wait(trail);
  }

  async function release(given: unknown): Promise<void> {
    const loan =
      given instanceof Loan ? given : typeof given === 'object' && given ? borrowingOf(given) : undefined;
    if (loan instanceof Loan && core.hasLent(loan))
      return loan.releaseFrom(loan.keepsPlace ? captureCaller() : NOT_TAKEN);
    throw new HygieneError('HYG_LEASE_UNKNOWN', `The pool ${name} has not lent what was released.`, {
      details: { pool: name },
    });
  }

  function close(timeoutMs: number): Promise<PoolReport> {
    const closed = core.close(timeoutMs);
    return (closing ??= closed.finally(onClosed));
  }

  return {
    name,
    use,
    acquire,
    release,
    clear: () => core.renew(),
    statistics: () => core.statistics(),
    close(options = {}) {
      checkNames('close()', options, ['timeoutMs']);
      const timeoutMs = checkInteger('timeoutMs', options.timeoutMs ?? closeTimeoutMs, TIMEOUT);
      return close(timeoutMs);
    },
    [Symbol.asyncDispose]: async () => void (await close(closeTimeoutMs)),
  };
}
