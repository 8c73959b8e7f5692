import type { Redis, RedisOptions } from 'ioredis';
import { reconnectBounds, type ClientFactory } from '../connect/client/client-factory.js';
import { openPooled } from '../connect/client/pooled-connection.js';
import { isRefused, type RetryStrategy } from '../connect/client/retry-strategies.js';
import { afterRefusal, type BackoffBounds, fullJitter } from '../core/backoff.js';
import type { Clock } from '../core/clock.js';
import { HygieneError } from '../core/errors.js';
import { formatConnectionName } from '../identity/connection-name.js';
import type { Identity } from '../identity/detect-identity.js';
import type { Budget } from '../ledger/budget.js';
import { captureCallSite } from '../ledger/call-site.js';
import { checkInteger, checkNames, wrongType } from '../options/check-options.js';
import { readClientArguments } from '../options/client-arguments.js';
import { roleOfName } from '../options/resolve-options.js';
import type { Settings } from '../options/settings.js';
import { captureCaller, NOT_TAKEN } from './borrower.js';
import { type Lease, ActiveLease } from './lease.js';
import { borrowingOf } from './leased-client.js';
import { PoolCore } from './pool-core.js';
import { checkPoolOptions, type PoolOptions } from './pool-options.js';
import type { LeaseReport, PoolReport, PoolStatistics } from './pool-report.js';

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
      given instanceof ActiveLease
        ? given
        : typeof given === 'object' && given
          ? borrowingOf(given)
          : undefined;
    if (loan instanceof ActiveLease && core.hasLent(loan))
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

export interface PoolFactoryPorts {
  readonly clock: Clock;
  readonly identity: Identity;
  readonly settings: Settings;
  /** The factory's. */
  readonly connection: string | RedisOptions | undefined;
  readonly opener: Pick<ClientFactory, 'client'>;
  readonly budget: Pick<Budget, 'reserve'>;
  /** Throws `HYG_SHUT_DOWN` once shutdown() has begun. */
  readonly admit: () => void;
  readonly onOverdue: (report: LeaseReport) => void;
  readonly onReturned: (report: LeaseReport) => void;
  /** The pools that are open: shutdown() closes them. */
  readonly pools: Set<Pool>;
}

/** The caller's strategy, or full jitter. Whatever is no function asks for no second dial, as in ioredis. */
function retryOf(given: unknown, bounds: BackoffBounds, clock: Clock): RetryStrategy {
  if (given === undefined) {
    return function (this: unknown, times) {
      return isRefused(this)
        ? afterRefusal(times, clock.random())
        : fullJitter(times, bounds, clock.random());
    };
  }
  return typeof given === 'function' ? (given as RetryStrategy) : () => null;
}

/** Gives the function that opens pools, each with its places reserved in the budget. */
export function createPoolFactory(ports: PoolFactoryPorts) {
  const { clock, identity, settings, opener, budget, pools, admit } = ports;
  const bounds = reconnectBounds(settings);

  return (given: PoolOptions = {}): Pool => {
    admit();
    const { connection, role, settings: own } = checkPoolOptions(given);
    const name = formatConnectionName({ ...identity, role });
    const options = { ...readClientArguments(ports.connection, [connection]), connectionName: name };
    const site = captureCallSite(settings.callSiteFrames);
    const reservation = budget.reserve({ role: roleOfName(name), callSite: site }, own.max);
    const core = new PoolCore({
      ...{ clock, name, settings: own, bounds },
      ...{ onOverdue: ports.onOverdue, onReturned: ports.onReturned },
      retry: retryOf(options.retryStrategy, bounds, clock),
      open: (listener) => openPooled(opener, { options, callSite: site }, listener, clock),
    });
    const pool = createPool({
      ...{ name, core, closeTimeoutMs: settings.shutdownTimeoutMs },
      onClosed() {
        reservation.release();
        pools.delete(pool);
      },
    });
    pools.add(pool);
    return pool;
  };
}
