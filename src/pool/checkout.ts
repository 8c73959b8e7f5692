import type { Clock } from '../core/clock.js';
import { type BorrowerTrail, createStackSampling, type StackSampling } from './borrower.js';
import { createStock, Shelf, type Stock } from './idle-connections.js';
import { type Lender, ActiveLease, ActiveLeases } from './lease.js';
import type { PoolConnections } from './pool-connections.js';
import { type DropReason, PoolEntry, type FailedEntry } from './pool-entry.js';
import type { PoolSettings } from './pool-options.js';
import type { Counters } from './pool-report.js';
import type { WaitQueue } from './wait-queue.js';

export interface CheckoutPorts {
  readonly clock: Clock;
  /** As in CLIENT LIST. */
  readonly name: string;
  readonly settings: PoolSettings;
  readonly crew: PoolConnections;
  readonly waiters: WaitQueue;
  readonly counters: Counters;
  readonly isOpen: () => boolean;
  readonly onLent: () => void;
  readonly onReturned: (loan: ActiveLease, now: number) => void;
  /** None could be opened, and none will be. */
  readonly onVacancy: (failure: Error) => void;
}

/** Commands that auto-pipelining holds back are sent before the next turn of the event loop. */
function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/**
 * Hands connections from borrower to borrower. One that has just come back goes to whoever waits, or to the shelf,
 * where the next borrower takes it without ado; after `validateAfterIdleMs` it goes into the stock, from where it is
 * lent only when it gives a sign of life. Only the stock closes what is idle for too long, so none stays on the shelf
 * for longer than `idleTimeoutMs`.
 */
export class Checkout implements Lender {
  readonly stacks: StackSampling;
  readonly #ports: CheckoutPorts;
  readonly #stock: Stock<PoolEntry | FailedEntry>;
  readonly #shelf: Shelf;
  /** Those asked of the stock. */
  #fetching = 0;
  /** Those taken from the stock, and not put back or dropped. */
  #out = 0;
  /** Each lasts until its borrower ends it, also where its connection has broken. */
  readonly #loans = new ActiveLeases();

  constructor(ports: CheckoutPorts) {
    this.#ports = ports;
    const { crew, settings, clock } = ports;
    this.stacks = createStackSampling(settings.max);
    this.#shelf = new Shelf({
      ...{ clock, restMs: Math.min(settings.validateAfterIdleMs, settings.idleTimeoutMs) },
      onRested: (members) => this.#putAway(members),
    });
    this.#stock = createStock<PoolEntry | FailedEntry>({
      ...settings,
      make: () => crew.make(),
      validate: async (item) => !(item instanceof PoolEntry) || crew.validate(item),
      isSpent: (item) => !(item instanceof PoolEntry) || crew.fault(item) !== undefined,
      scrap: (item) => item instanceof PoolEntry && item.leave(crew.fault(item) ?? 'idle'),
    });
  }

  get name(): string {
    return this.#ports.name;
  }

  get loans(): readonly ActiveLease[] {
    return this.#loans.all();
  }

  /** One from the shelf, at once. */
  take(trail: BorrowerTrail): ActiveLease | undefined {
    const { crew, clock } = this.#ports;
    const now = clock.now();
    for (let member = this.#shelf.take(now); member; member = this.#shelf.take(now)) {
      const fault = crew.fault(member, now);
      if (!fault) return this.#lend(member, trail, now, now);
      this.#drop(member, fault);
    }
    return undefined;
  }

  /** Whether somebody who comes now would only lengthen the queue. */
  isFull(): boolean {
    const { settings, waiters } = this.#ports;
    const isExhausted = this.#out + this.#fetching >= settings.max;
    return isExhausted && waiters.length - this.#fetching >= settings.maxWaiting;
  }

  /** As many from the stock as are waited for. */
  fetch(): void {
    const { settings, waiters } = this.#ports;
    while (waiters.length > this.#fetching && this.#out + this.#fetching < settings.max) {
      this.#fetching += 1;
      void this.#stock.take().then((item) => this.#arrived(item));
    }
  }

  #arrived(item: PoolEntry | FailedEntry): void {
    this.#fetching -= 1;
    this.#out += 1;
    if (item instanceof PoolEntry) return this.#offer(item);
    this.#out -= 1;
    this.#stock.drop(item);
    if (item.failure) this.#ports.onVacancy(item.failure);
    else this.fetch();
  }

  #lend(member: PoolEntry, trail: BorrowerTrail, since: number, now: number): ActiveLease {
    const loan = new ActiveLease(this, member, trail, now);
    member.lease = loan;
    member.traces.last = undefined;
    this.#loans.add(loan);
    this.#ports.counters.wait.add(now - since);
    this.#ports.onLent();
    return loan;
  }

  /** Ends a lease. What its borrower left is taken away before the connection is lent again. */
  giveBack(loan: ActiveLease): Promise<void> | undefined {
    if (loan.hasUnsent) return nextTurn().then(() => this.#end(loan));
    return this.#end(loan);
  }

  #end(loan: ActiveLease): Promise<void> | undefined {
    if (loan.isBack) return undefined; // released within use()
    loan.isBack = true;
    const { member } = loan;
    const now = this.#ports.clock.now();
    loan.end('released');
    this.#loans.remove(loan);
    this.#ports.onReturned(loan, now);
    if (member.lease !== loan) return undefined; // it was taken from its borrower before
    member.lease = undefined;
    this.#ports.crew.returned(member, now);
    if (member.reason) this.#drop(member, member.reason);
    else if (!this.#ports.isOpen()) this.#drop(member, 'closed');
    else if (member.traces.isClean && !member.connection.isBusy()) this.#handOn(member, now);
    else return this.#clean(member);
    return undefined;
  }

  /** Takes a connection from its borrower. */
  revoke(loan: ActiveLease, reason: 'revoked' | 'closed'): void {
    loan.end(reason);
    this.#loans.remove(loan);
    loan.member.lease = undefined;
    this.#drop(loan.member, reason);
  }

  /** A transaction that was sent step by step has ended, so its connection has a heartbeat again. */
  #handOn(member: PoolEntry, now: number): void {
    member.connection.transactionClosed();
    this.#offer(member, now);
  }

  async #clean(member: PoolEntry): Promise<void> {
    member.isCleaning = true;
    const isClean = await this.#ports.crew.clean(member);
    member.isCleaning = false;
    if (isClean) this.#offer(member);
    else this.#drop(member, 'dirty');
  }

  /** To whoever has waited longest, or onto the shelf. */
  #offer(member: PoolEntry, now = this.#ports.clock.now()): void {
    const { crew, waiters, isOpen } = this.#ports;
    const fault = isOpen() ? crew.fault(member, now) : 'closed';
    if (fault) return this.#drop(member, fault);
    const waiter = waiters.take();
    if (waiter) return waiter.resolve(this.#lend(member, waiter.trail, waiter.since, now));
    this.#shelf.put(member, now);
  }

  /** Those on the shelf that nobody took for a while go into the stock. */
  #putAway(members: readonly PoolEntry[]): void {
    this.#out -= members.length;
    members.forEach((member) => this.#stock.put(member));
  }

  #drop(member: PoolEntry, reason: DropReason): void {
    member.leave(reason);
    this.#out -= 1;
    this.#stock.drop(member);
    this.fetch();
  }

  /** Closes what is idle, and what comes back; resolves when all of it has closed. */
  async close(): Promise<void> {
    this.#shelf.empty().forEach((member) => this.#drop(member, 'closed'));
    this.#ports.crew.close();
    await this.#stock.close();
  }
}
