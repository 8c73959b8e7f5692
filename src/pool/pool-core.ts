import type { PooledConnection, PooledListener } from '../connect/client/pooled-connection.js';
import type { RetryStrategy } from '../connect/client/retry-strategies.js';
import type { BackoffBounds } from '../core/backoff.js';
import type { Clock } from '../core/clock.js';
import type { HygieneError } from '../core/errors.js';
import type { BorrowerTrail } from './borrower.js';
import { Checkout } from './checkout.js';
import { createLeaseMonitor, type ActiveLease, type LeaseMonitor } from './lease.js';
import { createDialFailures, type DialFailures } from './pool-backoff.js';
import { PoolConnections } from './pool-connections.js';
import type { PoolSettings } from './pool-options.js';
import {
  closed,
  Counters,
  type Exhaustion,
  full,
  type LeaseReport,
  type PoolReport,
  type PoolStatistics,
  reportLease,
  timedOut,
} from './pool-report.js';
import { WaitQueue } from './wait-queue.js';

export interface CorePorts {
  readonly clock: Clock;
  /** Of the pool's connections, as in CLIENT LIST. */
  readonly name: string;
  readonly settings: PoolSettings;
  readonly bounds: BackoffBounds;
  readonly retry: RetryStrategy;
  readonly open: (listener: PooledListener) => PooledConnection;
  readonly onOverdue: (report: LeaseReport) => void;
  readonly onReturned: (report: LeaseReport) => void;
}

/** What is behind a pool: who waits, what is lent, and when it ends. */
export class PoolCore {
  readonly #ports: CorePorts;
  readonly #counters = new Counters();
  readonly #waiters: WaitQueue;
  readonly #crew: PoolConnections;
  readonly #lending: Checkout;
  readonly #sweeper: LeaseMonitor;
  readonly #failures: DialFailures;
  /** A lease was overdue and nobody knew whose it was: from now on everybody's stack is taken. */
  #wantsAll = false;
  #closing: Promise<PoolReport> | undefined;
  #giveUp: () => void = () => undefined;
  /** Resolves when the leases have had their time. */
  readonly #late = new Promise<void>((resolve) => (this.#giveUp = resolve));

  constructor(ports: CorePorts) {
    this.#ports = ports;
    const { clock, settings } = ports;
    const counters = this.#counters;
    this.#failures = createDialFailures(clock);
    this.#waiters = new WaitQueue({
      clock,
      timeoutMs: settings.acquireTimeoutMs,
      onTimeout: () => this.#timedOut(),
    });
    this.#sweeper = createLeaseMonitor({
      clock,
      ...{ warnMs: settings.leaseWarnMs, maxMs: settings.leaseMaxMs },
      loans: () => this.#lending.loans,
      onOverdue: (loan) => this.#overdue(loan),
      onExpired: (loan) => this.#expired(loan),
    });
    this.#crew = new PoolConnections({
      ...{ ...ports, counters },
      isWanted: (size) => this.#isOpen() && (this.#waiters.length > 0 || size <= settings.min),
      onFailure: (error) => this.#failed(error),
      onReady: () => this.#failures.forget(),
    });
    this.#lending = new Checkout({
      ...{ ...ports, counters, crew: this.#crew, waiters: this.#waiters },
      isOpen: () => this.#isOpen(),
      onLent: () => this.#sweeper.arm(),
      onReturned: (loan, now) => this.#returned(loan, now),
      onVacancy: (failure) => this.#waiters.reject(failure),
    });
  }

  #isOpen(): boolean {
    return this.#closing === undefined;
  }

  /** Whether the borrower of the next lease is to be kept. */
  wantsStack(): boolean {
    return this.#wantsAll || this.#lending.stacks.borrowers.take(this.#ports.clock.now());
  }

  /** A connection at once, if one is at hand. */
  take(trail: BorrowerTrail): ActiveLease | undefined {
    return this.#lending.take(trail);
  }

  /** @throws HygieneError `HYG_POOL_CLOSED`, `HYG_POOL_FULL`, `HYG_ACQUIRE_TIMEOUT`; what keeps it from connecting */
  wait(trail: BorrowerTrail): Promise<ActiveLease> {
    if (!this.#isOpen()) return Promise.reject(closed(this.#ports.name));
    const refusal = this.#failures.refusal();
    if (refusal) return Promise.reject(refusal);
    if (this.#lending.isFull()) return Promise.reject(this.#full());
    const loan = this.#waiters.join(trail);
    this.#lending.fetch();
    return loan;
  }

  hasLent(loan: ActiveLease): boolean {
    return loan.isFrom(this.#lending);
  }

  giveBack(loan: ActiveLease): Promise<void> | undefined {
    return this.#lending.giveBack(loan);
  }

  /** The server is elsewhere now. */
  renew(): void {
    this.#crew.renew();
  }

  statistics(): PoolStatistics {
    const { settings } = this.#ports;
    const ready = this.#crew.members.filter(({ birth, reason }) => birth && !reason);
    const opening = this.#crew.members.filter(({ birth, reason }) => !birth && !reason);
    const used = ready.filter(({ lease }) => lease).length;
    const cleaning = ready.filter(({ isCleaning }) => isCleaning).length;
    return {
      ...{ min: settings.min, max: settings.max, size: ready.length },
      ...{ idle: ready.length - used - cleaning, used, cleaning, opening: opening.length },
      pending: this.#waiters.length,
      ...this.#counters.read(),
    };
  }

  /** Each call has its deadline, and the earliest one counts: a shutdown has less time than the application had. */
  close(timeoutMs: number): Promise<PoolReport> {
    const late = this.#ports.clock.after(timeoutMs, () => this.#giveUp());
    this.#closing ??= this.#close();
    void this.#closing.then(() => late.cancel());
    return this.#closing;
  }

  async #close(): Promise<PoolReport> {
    await Promise.resolve(); // so that it counts as closed in what follows
    this.#waiters.reject(closed(this.#ports.name));
    const [open, lent] = [this.#crew.members.length, this.#lending.loans];
    const closing = this.#lending.close();
    await Promise.race([this.#late, Promise.all(lent.map(({ whenEnded }) => whenEnded))]);
    const leaked = this.#lending.loans;
    const leases = leaked.map((loan) => this.#report(loan));
    const forced = leaked.filter(({ member }) => !member.isGone).length;
    leaked.forEach((loan) => this.#lending.revoke(loan, 'closed'));
    await closing;
    this.#sweeper.stop();
    return { closed: open - forced, forced, leases };
  }

  #report(loan: ActiveLease): LeaseReport {
    return reportLease(this.#ports.name, loan, this.#ports.clock.now());
  }

  #overdue(loan: ActiveLease): void {
    loan.isOverdue = true;
    this.#wantsAll ||= loan.isNameless;
    this.#ports.onOverdue(this.#report(loan));
  }

  /** Nothing is taken from its borrower without a word. */
  #expired(loan: ActiveLease): void {
    if (!loan.isOverdue) this.#overdue(loan);
    this.#lending.revoke(loan, 'revoked');
  }

  #returned(loan: ActiveLease, now: number): void {
    this.#counters.use.add(now - loan.since);
    if (loan.isOverdue) this.#ports.onReturned(this.#report(loan));
  }

  /** With a wrong password nobody is served by waiting. */
  #failed(error: Error): void {
    const isHopeless = this.#failures.note(error);
    if (!isHopeless || this.#crew.members.some(({ birth }) => birth)) return;
    this.#failures.pause(error);
    this.#waiters.reject(error);
  }

  #full(): HygieneError {
    this.#counters.refusals += 1;
    return full(this.#ports.settings.maxWaiting, this.#exhaustion());
  }

  #timedOut(): HygieneError {
    this.#counters.timeouts += 1;
    return timedOut(this.#ports.settings.acquireTimeoutMs, this.#exhaustion());
  }

  #exhaustion(): Exhaustion {
    const { max, size, pending } = this.statistics();
    const now = this.#ports.clock.now();
    const report = (loan: ActiveLease) => reportLease(this.#ports.name, loan, now, loan.borrowerAt(now));
    const holders = this.#lending.loans.map(report);
    return { pool: this.#ports.name, max, size, pending, holders, failure: this.#failures.last };
  }
}
