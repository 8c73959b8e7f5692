import type { Redis, RedisOptions } from 'ioredis';
import { type ClientFactory, reconnectBounds } from '../connect/client/client-factory.js';
import { openPooledConnection } from '../connect/client/pooled-connection.js';
import { areCredentialsRefused, type RetryStrategy } from '../connect/client/retry-strategies.js';
import { type BackoffBounds, fullJitter, refusalDelayMs } from '../core/backoff.js';
import type { Clock } from '../core/clock.js';
import { HygieneError } from '../core/errors.js';
import { formatConnectionName } from '../identity/connection-name.js';
import type { Identity } from '../identity/detect-identity.js';
import type { Budget } from '../ledger/budget.js';
import { captureCallSite } from '../ledger/call-site.js';
import { checkInteger, checkOptionNames, optionTypeError } from '../options/check-options.js';
import { readClientArguments } from '../options/client-arguments.js';
import { describeTarget, roleOfName } from '../options/resolve-options.js';
import type { Settings } from '../options/settings.js';
import { captureCaller, NOT_CAPTURED } from './borrower.js';
import { ActiveLease, type Lease } from './lease.js';
import { leaseOf } from './leased-client.js';
import { PoolCore } from './pool-core.js';
import { checkPoolOptions, type PoolOptions } from './pool-options.js';
import type { LeaseReport, PoolCounters, PoolHistograms, PoolReport, PoolStatistics } from './pool-report.js';

/** Options for closing a pool. */
export interface PoolCloseOptions {
  /**
   * How long to wait for leases to be released, in milliseconds, 0 to 300 000.
   * @default the factory's shutdownTimeoutMs (5000)
   */
  readonly timeoutMs?: number | undefined;
}

/** A limited number of connections, each of which one borrower uses at a time. */
export interface Pool extends AsyncDisposable {
  /** Name of the pool's connections, as in CLIENT LIST. */
  readonly name: string;
  /** What the pool is for: the part of `name` after `#`. */
  readonly role: string;
  /** URL of the server without credentials, as in `factory.connections()`. */
  readonly target: string;

  /**
   * Acquires a connection, calls `work` with its client, and releases the connection when `work` has finished or failed.
   * Returns the result of `work`.
   *
   * @throws HygieneError `HYG_ACQUIRE_TIMEOUT`, `HYG_POOL_FULL`, `HYG_POOL_CLOSED`, `HYG_AUTH_REFUSED`, and any error of
   * `work`
   */
  use<Result>(work: (client: Redis) => Promise<Result> | Result): Promise<Result>;

  /**
   * Acquires a connection until it is released: with `await using lease = await pool.acquire()`, or by `release()` in a
   * `finally` block.
   *
   * @throws HygieneError `HYG_ACQUIRE_TIMEOUT`, `HYG_POOL_FULL`, `HYG_POOL_CLOSED`, `HYG_AUTH_REFUSED`
   */
  acquire(): Promise<Lease>;

  /**
   * Releases a lease, given as the lease or as its client. For code that was written for other pools.
   *
   * @throws HygieneError `HYG_LEASE_UNKNOWN`, `HYG_LEASE_ENDED`
   */
  release(lease: Lease | Redis): Promise<void>;

  /** Replaces all connections, as after a move of the server: idle ones close now, those in use when they are released. */
  clear(): void;

  statistics(): PoolStatistics;

  /**
   * Refuses further callers, waits for leases to be released, and closes all connections. Leases that are not released in
   * time are reported, and their connections closed. Later calls return the same promise. A later call with less time
   * left shortens the wait.
   *
   * @throws HygieneError `HYG_OPTION_UNKNOWN`, `HYG_OPTION_TYPE`, `HYG_OPTION_RANGE`
   */
  close(options?: PoolCloseOptions): Promise<PoolReport>;
}

/** Where a pool's connections lead, and what they are for. */
type PoolFacts = Pick<Pool, 'name' | 'role' | 'target'>;

/** An open pool with what a factory reads of it, beyond what its application sees. */
export interface ManagedPool {
  readonly pool: Pool;
  readonly histograms: PoolHistograms;
  /** The current leases, longest first. */
  leases(): readonly LeaseReport[];
}

export interface PoolFactoryPorts {
  readonly clock: Clock;
  readonly identity: Identity;
  readonly settings: Settings;
  /** The connection options of the factory. */
  readonly connection: string | RedisOptions | undefined;
  readonly clientFactory: Pick<ClientFactory, 'createClient'>;
  readonly budget: Pick<Budget, 'reserve'>;
  /** Throws `HYG_SHUT_DOWN` once shutdown() has begun. */
  readonly assertOpen: () => void;
  readonly onOverdue: (report: LeaseReport) => void;
  readonly onReturned: (report: LeaseReport) => void;
  /** The open pools, which shutdown() closes. */
  readonly pools: Set<ManagedPool>;
  /**
   * Keeps what a pool counts, for the metrics of the process.
   *
   * @param owner Lives for as long as the pool may count.
   */
  readonly keepCounts: (facts: PoolFacts, counters: PoolCounters, owner: object) => void;
}

/** Returns the function that creates pools. Each pool reserves `max` connections in the budget. */
export function createPoolFactory(ports: PoolFactoryPorts) {
  const { clock, identity, settings, clientFactory, budget, pools, assertOpen } = ports;
  const bounds = reconnectBounds(settings);

  return (given: PoolOptions = {}): Pool => {
    assertOpen();
    const { connection, role, settings: poolSettings } = checkPoolOptions(given);
    const name = formatConnectionName({ ...identity, role });
    const options = { ...readClientArguments(ports.connection, [connection]), connectionName: name };
    const callSite = captureCallSite(settings.callSiteFrames);
    const facts = { name, role: roleOfName(name), target: describeTarget(options) };
    const reservation = budget.reserve({ role: facts.role, callSite }, poolSettings.max);
    const core = new PoolCore({
      ...{ clock, name, settings: poolSettings, bounds },
      ...{ onOverdue: ports.onOverdue, onReturned: ports.onReturned },
      retryStrategy: retryStrategyOf(options.retryStrategy, bounds, clock),
      open: (listener) => openPooledConnection(clientFactory, { options, callSite }, listener, clock),
    });
    ports.keepCounts(facts, core.counters, core);
    const pool = createPool({
      ...{ facts, core, closeTimeoutMs: settings.shutdownTimeoutMs },
      onClosed() {
        reservation.release();
        pools.delete(managed);
      },
    });
    const managed: ManagedPool = { pool, histograms: core.counters, leases: () => core.leases() };
    pools.add(managed);
    return pool;
  };
}

/** The caller's strategy, or full jitter. A value that is not a function means no further dial, as in ioredis. */
function retryStrategyOf(given: unknown, bounds: BackoffBounds, clock: Clock): RetryStrategy {
  if (given === undefined) {
    return function (this: unknown, times) {
      return areCredentialsRefused(this)
        ? refusalDelayMs(times, clock.random())
        : fullJitter(times, bounds, clock.random());
    };
  }
  return typeof given === 'function' ? (given as RetryStrategy) : () => null;
}

const CLOSE_TIMEOUT_BOUNDS = { min: 0, max: 300_000, unit: 'ms' };

export interface PoolPorts {
  readonly facts: PoolFacts;
  readonly core: PoolCore;
  readonly closeTimeoutMs: number;
  /** Called once, when all connections are closed. */
  readonly onClosed: () => void;
}

/** Creates the public interface of a pool. */
export function createPool({ facts, core, closeTimeoutMs, onClosed }: PoolPorts): Pool {
  const { name } = facts;
  let closing: Promise<PoolReport> | undefined;

  async function use<Result>(work: (client: Redis) => Promise<Result> | Result): Promise<Result> {
    if (typeof work !== 'function') throw optionTypeError('work', work, 'a function that takes a client');
    const now = core.now();
    const lease = core.tryAcquire(work, now) ?? (await core.acquire(work, now));
    try {
      return await work(lease.client);
    } finally {
      void core.release(lease);
    }
  }

  function acquire(): Promise<Lease> {
    const now = core.now();
    const capturedBorrower = core.shouldCaptureBorrower(now) ? captureCaller() : NOT_CAPTURED;
    const lease = core.tryAcquire(capturedBorrower, now);
    return lease ? Promise.resolve(lease) : core.acquire(capturedBorrower, now);
  }

  async function release(given: unknown): Promise<void> {
    const lease = findLease(given);
    if (lease && core.hasIssued(lease)) {
      return lease.releaseBy(lease.shouldCaptureRelease() ? captureCaller() : NOT_CAPTURED);
    }
    const what = `The released value is neither a lease of the pool ${name} nor the client of one.`;
    throw new HygieneError('HYG_LEASE_UNKNOWN', what, { details: { pool: name } });
  }

  function close(timeoutMs: number): Promise<PoolReport> {
    const closed = core.close(timeoutMs);
    return (closing ??= closed.finally(onClosed));
  }

  return {
    ...facts,
    use,
    acquire,
    release,
    clear: () => core.clear(),
    statistics: () => core.statistics(),
    close(options = {}) {
      checkOptionNames('close()', options, ['timeoutMs']);
      const timeoutMs = checkInteger('timeoutMs', options.timeoutMs ?? closeTimeoutMs, CLOSE_TIMEOUT_BOUNDS);
      return close(timeoutMs);
    },
    [Symbol.asyncDispose]: async () => void (await close(closeTimeoutMs)),
  };
}

/** The lease that `pool.release()` was given, directly or by its client. */
function findLease(given: unknown): ActiveLease | undefined {
  if (given instanceof ActiveLease) return given;
  const lease = typeof given === 'object' && given ? leaseOf(given) : undefined;
  return lease instanceof ActiveLease ? lease : undefined;
}
