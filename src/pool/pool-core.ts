import type { PooledConnection, PooledListener } from '../connect/client/pooled-connection.js';
import type { RetryStrategy } from '../connect/client/retry-strategies.js';
import type { BackoffBounds } from '../core/backoff.js';
import type { Clock } from '../core/clock.js';
import type { HygieneError } from '../core/errors.js';
import type { CapturedBorrower } from './borrower.js';
import { Checkout } from './checkout.js';
import { type ActiveLease, createLeaseMonitor, type LeaseMonitor } from './lease.js';
import { createDialFailures, type DialFailures } from './pool-backoff.js';
import { PoolConnections } from './pool-connections.js';
import type { PoolSettings } from './pool-options.js';
import {
  acquireTimeoutError,
  createLeaseReport,
  type ExhaustionDetails,
  type LeaseReport,
  poolClosedError,
  PoolCounters,
  poolFullError,
  type PoolReport,
  type PoolStatistics,
} from './pool-report.js';
import { WaitQueue } from './wait-queue.js';

export interface PoolCorePorts {
  readonly clock: Clock;
  /** Name of the pool's connections, as in CLIENT LIST. */
  readonly name: string;
  readonly settings: PoolSettings;
  readonly bounds: BackoffBounds;
  readonly retryStrategy: RetryStrategy;
  readonly open: (listener: PooledListener) => PooledConnection;
  /** Called when a lease becomes overdue. */
  readonly onOverdue: (report: LeaseReport) => void;
  /** Called when an overdue lease is released. */
  readonly onReturned: (report: LeaseReport) => void;
}

/** Joins the parts of a pool: wait queue, checkout, connections and lease monitor. Closes the pool. */
export class PoolCore {
  readonly #ports: PoolCorePorts;
  readonly #counters = new PoolCounters();
  readonly #waitQueue: WaitQueue;
  readonly #connections: PoolConnections;
  readonly #checkout: Checkout;
  readonly #leaseMonitor: LeaseMonitor;
  readonly #dialFailures: DialFailures;
  /** Set once a lease whose borrower is unknown was overdue: from then on every borrower's stack is captured. */
  #capturesAllStacks = false;
  #closing: Promise<PoolReport> | undefined;
  /** The leases that `close()` has ended by force. */
  #leaked: readonly LeaseReport[] | undefined;
  #endLeaseTime: () => void = () => undefined;
  /** Resolves when `close()` does not wait for leases any longer. */
  readonly #leaseTimeEnded = new Promise<void>((resolve) => (this.#endLeaseTime = resolve));

  constructor(ports: PoolCorePorts) {
    this.#ports = ports;
    const { clock, settings } = ports;
    const counters = this.#counters;
    this.#dialFailures = createDialFailures(clock);
    this.#waitQueue = new WaitQueue({
      clock,
      timeoutMs: settings.acquireTimeoutMs,
      onTimeout: () => this.#acquireTimeoutError(),
    });
    this.#leaseMonitor = createLeaseMonitor({
      clock,
      ...{ warnMs: settings.leaseWarnMs, maxMs: settings.leaseMaxMs },
      activeLeases: () => this.#checkout.activeLeases,
      onOverdue: (lease) => this.#reportOverdue(lease),
      onExpired: (lease) => this.#revokeExpired(lease),
    });
    this.#connections = new PoolConnections({
      ...{ ...ports, counters },
      isWanted: (size) => this.#isOpen() && (this.#waitQueue.length > 0 || size <= settings.min),
      onFailure: (error) => this.#handleDialFailure(error),
      onReady: () => this.#dialFailures.reset(),
    });
    this.#checkout = new Checkout({
      ...{ ...ports, counters, connections: this.#connections, waitQueue: this.#waitQueue },
      isOpen: () => this.#isOpen(),
      onCheckOut: () => this.#leaseMonitor.arm(),
      onCheckIn: (lease, now) => this.#recordUse(lease, now),
      onOpenFailed: (failure) => this.#waitQueue.rejectAll(failure),
    });
  }

  #isOpen(): boolean {
    return this.#closing === undefined;
  }

  /** The time that a caller passes to the methods that follow. Read once, as the clock is a part of a lease's cost. */
  now(): number {
    return this.#ports.clock.now();
  }

  /** Whether to capture the stack of the next borrower. */
  shouldCaptureBorrower(now: number): boolean {
    return this.#capturesAllStacks || this.#checkout.stackSampling.borrowerStacks.take(now);
  }

  /** Acquires a connection without waiting, if one was returned a short time ago. */
  tryAcquire(capturedBorrower: CapturedBorrower, now: number): ActiveLease | undefined {
    return this.#checkout.tryCheckOut(capturedBorrower, now);
  }

  /**
   * Waits for a connection.
   *
   * @throws HygieneError `HYG_POOL_CLOSED`, `HYG_POOL_FULL`, `HYG_ACQUIRE_TIMEOUT`, or why no connection can be opened
   */
  acquire(capturedBorrower: CapturedBorrower, now: number): Promise<ActiveLease> {
    if (!this.#isOpen()) return Promise.reject(poolClosedError(this.#ports.name));
    const pauseError = this.#dialFailures.pauseError();
    if (pauseError) return Promise.reject(pauseError);
    if (this.#checkout.isFull()) return Promise.reject(this.#poolFullError());
    const lease = this.#waitQueue.enqueue(capturedBorrower, now);
    this.#checkout.serveWaitQueue();
    return lease;
  }

  /** Whether the lease is one of this pool. */
  hasIssued(lease: ActiveLease): boolean {
    return lease.isFrom(this.#checkout);
  }

  release(lease: ActiveLease): Promise<void> | undefined {
    return this.#checkout.checkIn(lease);
  }

  /** Replaces all connections: idle ones close at once, those in use when they are returned. */
  clear(): void {
    this.#connections.clear();
  }

  statistics(): PoolStatistics {
    const { min, max } = this.#ports.settings;
    const live = this.#connections.entries.filter(({ dropReason }) => !dropReason);
    const ready = live.filter(({ readyInfo }) => readyInfo);
    const [size, connecting] = [ready.length, live.length - ready.length];
    const used = ready.filter(({ lease }) => lease).length;
    const resetting = ready.filter(({ isResetting }) => isResetting).length;
    return {
      ...{ min, max, size, idle: size - used - resetting, used, resetting, connecting },
      pending: this.#waitQueue.length,
      ...this.#counters.read(),
    };
  }

  /** What the pool has counted, as in `statistics()`. */
  get counters(): PoolCounters {
    return this.#counters;
  }

  /**
   * The current leases, longest first; once `close()` has ended those that were not released in time, these. Of many `use()`
   * callbacks, some have no location: each takes 0.4 ms to find.
   */
  leases(): readonly LeaseReport[] {
    if (this.#leaked) return this.#leaked;
    const { name, clock } = this.#ports;
    const now = clock.now();
    return this.#checkout.activeLeases.map((lease) =>
      createLeaseReport(name, lease, now, lease.borrowerForError(now)),
    );
  }

  /** Closes the pool. If called again, the earliest deadline counts: a shutdown may have less time left. */
  close(timeoutMs: number): Promise<PoolReport> {
    const timer = this.#ports.clock.after(timeoutMs, () => this.#endLeaseTime());
    this.#closing ??= this.#close();
    void this.#closing.then(() => timer.cancel());
    return this.#closing;
  }

  async #close(): Promise<PoolReport> {
    await Promise.resolve(); // so that `#closing` is set, and the pool counts as closed below
    this.#waitQueue.rejectAll(poolClosedError(this.#ports.name));
    const openCount = this.#connections.entries.length;
    const leasesAtStart = this.#checkout.activeLeases;
    const closing = this.#checkout.close();
    await Promise.race([this.#leaseTimeEnded, Promise.all(leasesAtStart.map(({ whenEnded }) => whenEnded))]);
    const leaked = this.#checkout.activeLeases;
    const leases = (this.#leaked = leaked.map((lease) => this.#report(lease)));
    const forced = leaked.filter(({ entry }) => !entry.isClosed).length;
    leaked.forEach((lease) => this.#checkout.revoke(lease, 'closed'));
    await closing;
    this.#leaseMonitor.stop();
    return { closed: openCount - forced, forced, leases };
  }

  #report(lease: ActiveLease): LeaseReport {
    return createLeaseReport(this.#ports.name, lease, this.#ports.clock.now());
  }

  #reportOverdue(lease: ActiveLease): void {
    lease.isOverdue = true;
    this.#capturesAllStacks ||= lease.isBorrowerUnknown;
    this.#ports.onOverdue(this.#report(lease));
  }

  /** Ends an expired lease, which is always reported as overdue first. */
  #revokeExpired(lease: ActiveLease): void {
    if (!lease.isOverdue) this.#reportOverdue(lease);
    this.#checkout.revoke(lease, 'revoked');
  }

  #recordUse(lease: ActiveLease, now: number): void {
    this.#counters.use.add(now - lease.since);
    if (lease.isOverdue) this.#ports.onReturned(this.#report(lease));
  }

  /** After refused credentials all callers are rejected, as waiting does not help, unless a connection is ready. */
  #handleDialFailure(error: Error): void {
    const areCredentialsRefused = this.#dialFailures.record(error);
    if (!areCredentialsRefused || this.#connections.entries.some(({ readyInfo }) => readyInfo)) return;
    this.#dialFailures.pause(error);
    this.#waitQueue.rejectAll(error);
  }

  #poolFullError(): HygieneError {
    this.#counters.refusals += 1;
    return poolFullError(this.#ports.settings.maxWaiting, this.#exhaustionDetails());
  }

  #acquireTimeoutError(): HygieneError {
    this.#counters.timeouts += 1;
    return acquireTimeoutError(this.#ports.settings.acquireTimeoutMs, this.#exhaustionDetails());
  }

  #exhaustionDetails(): ExhaustionDetails {
    const { name: pool } = this.#ports;
    const { max, size, pending } = this.statistics();
    const leases = this.leases();
    const idleLeases = this.#checkout.activeLeases.filter(
      ({ entry }) => !entry.connection.hasPendingCommands(),
    ).length;
    const failure = this.#dialFailures.last ?? this.#connections.notReadyError();
    return { pool, max, size, pending, leases, idleLeases, failure };
  }
}
