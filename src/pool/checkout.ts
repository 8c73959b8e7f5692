import type { Clock } from '../core/clock.js';
import { type CapturedBorrower, createStackSampling, type StackSampling } from './borrower.js';
import { createIdleConnections, type IdleConnections, RecentlyReturned } from './idle-connections.js';
import { ActiveLease, ActiveLeases, type LeaseIssuer } from './lease.js';
import type { PoolConnections } from './pool-connections.js';
import { type DropReason, type FailedEntry, PoolEntry } from './pool-entry.js';
import type { PoolSettings } from './pool-options.js';
import type { PoolCounters } from './pool-report.js';
import type { WaitQueue } from './wait-queue.js';

export interface CheckoutPorts {
  readonly clock: Clock;
  /** Name of the pool's connections, as in CLIENT LIST. */
  readonly name: string;
  readonly settings: PoolSettings;
  readonly connections: PoolConnections;
  readonly waitQueue: WaitQueue;
  readonly counters: PoolCounters;
  /** Whether the pool is open. */
  readonly isOpen: () => boolean;
  readonly onCheckOut: () => void;
  readonly onCheckIn: (lease: ActiveLease, now: number) => void;
  /** Called when a connection could not be opened and its dials have ended. */
  readonly onOpenFailed: (failure: Error) => void;
}

/**
 * Checks connections out to borrowers, and in again. A returned connection goes to the caller that has waited longest, or
 * to `RecentlyReturned`, from where the next borrower takes it without a check. After `validateAfterIdleMs` it moves to
 * `IdleConnections`, from where it is handed out only if it answers a PING. Only `IdleConnections` closes idle
 * connections, so no connection stays in `RecentlyReturned` for longer than `idleTimeoutMs`.
 */
export class Checkout implements LeaseIssuer {
  readonly stackSampling: StackSampling;
  readonly #ports: CheckoutPorts;
  readonly #idleConnections: IdleConnections;
  readonly #recentlyReturned: RecentlyReturned;
  /** How many connections were asked of `#idleConnections` and have not arrived. */
  #arriving = 0;
  /** How many connections were taken from `#idleConnections` and neither put back nor discarded. */
  #taken = 0;
  /** A lease stays active until its borrower ends it, also if its connection has broken. */
  readonly #activeLeases = new ActiveLeases();

  constructor(ports: CheckoutPorts) {
    this.#ports = ports;
    const { connections, settings, clock } = ports;
    this.stackSampling = createStackSampling(settings.max);
    this.#recentlyReturned = new RecentlyReturned({
      ...{ clock, keepMs: Math.min(settings.validateAfterIdleMs, settings.idleTimeoutMs) },
      onExpired: (entries) => this.#putBack(entries),
    });
    this.#idleConnections = createIdleConnections({
      ...{ max: settings.max, min: settings.min, idleTimeoutMs: settings.idleTimeoutMs },
      create: () => connections.create(),
      validate: async (entry) => !(entry instanceof PoolEntry) || connections.validate(entry),
      isUnusable: (entry) => !(entry instanceof PoolEntry) || connections.findFault(entry) !== undefined,
      close: (entry) => entry instanceof PoolEntry && entry.drop(connections.findFault(entry) ?? 'idle'),
    });
  }

  get name(): string {
    return this.#ports.name;
  }

  get activeLeases(): readonly ActiveLease[] {
    return this.#activeLeases.all();
  }

  /** Checks out a recently returned connection, if there is one. */
  tryCheckOut(capturedBorrower: CapturedBorrower, now: number): ActiveLease | undefined {
    const { connections } = this.#ports;
    const recent = this.#recentlyReturned;
    for (let entry = recent.take(now); entry; entry = recent.take(now)) {
      const fault = connections.findFault(entry, now);
      if (!fault) return this.#startLease(entry, capturedBorrower, now, now);
      this.#drop(entry, fault);
    }
    return undefined;
  }

  /** Whether the wait queue has no place for another caller. */
  isFull(): boolean {
    const { settings, waitQueue } = this.#ports;
    const isExhausted = this.#taken + this.#arriving >= settings.max;
    return isExhausted && waitQueue.length - this.#arriving >= settings.maxWaiting;
  }

  /** Takes idle or new connections for the callers that wait, as far as `max` allows. */
  serveWaitQueue(): void {
    const { settings, waitQueue } = this.#ports;
    while (waitQueue.length > this.#arriving && this.#taken + this.#arriving < settings.max) {
      this.#arriving += 1;
      void this.#idleConnections.take().then((entry) => this.#receive(entry));
    }
  }

  #receive(entry: PoolEntry | FailedEntry): void {
    this.#arriving -= 1;
    this.#taken += 1;
    if (entry instanceof PoolEntry) return this.#offer(entry);
    this.#taken -= 1;
    this.#idleConnections.discard(entry);
    if (entry.failure) this.#ports.onOpenFailed(entry.failure);
    else this.serveWaitQueue();
  }

  /** Gives the connection to the caller that has waited longest, or keeps it for the next one. */
  #offer(entry: PoolEntry, now = this.#ports.clock.now()): void {
    const { connections, waitQueue, isOpen } = this.#ports;
    const fault = isOpen() ? connections.findFault(entry, now) : 'closed';
    if (fault) return this.#drop(entry, fault);
    const pending = waitQueue.dequeue();
    if (pending) {
      return pending.resolve(this.#startLease(entry, pending.capturedBorrower, pending.since, now));
    }
    this.#recentlyReturned.put(entry, now);
  }

  #startLease(entry: PoolEntry, borrower: CapturedBorrower, waitingSince: number, now: number): ActiveLease {
    const lease = new ActiveLease(this, entry, borrower, now);
    entry.lease = lease;
    entry.sessionState.lastCommand = undefined;
    this.#activeLeases.add(lease);
    this.#ports.counters.wait.add(now - waitingSince);
    this.#ports.onCheckOut();
    return lease;
  }

  /**
   * Ends a lease and takes its connection back. The promise resolves when the session state has been reset; `undefined` if
   * there was nothing to reset.
   */
  checkIn(lease: ActiveLease): Promise<void> | undefined {
    if (lease.hasUnsentCommands) return waitForNextTurn().then(() => this.#endLease(lease));
    return this.#endLease(lease);
  }

  #endLease(lease: ActiveLease): Promise<void> | undefined {
    if (lease.isReleased) return undefined; // by pool.release() within use()
    lease.isReleased = true;
    const { entry } = lease;
    const now = this.#ports.clock.now();
    lease.end('released');
    this.#activeLeases.remove(lease);
    this.#ports.onCheckIn(lease, now);
    if (entry.lease !== lease) return undefined; // revoked before
    entry.lease = undefined;
    this.#ports.connections.recordReturn(entry, now);
    if (entry.dropReason) this.#drop(entry, entry.dropReason);
    else if (!this.#ports.isOpen()) this.#drop(entry, 'closed');
    else if (isClean(entry)) this.#offer(entry, now);
    else return this.#reset(entry);
    return undefined;
  }

  async #reset(entry: PoolEntry): Promise<void> {
    entry.isResetting = true;
    const isClean = await this.#ports.connections.reset(entry);
    entry.isResetting = false;
    if (isClean) this.#offer(entry);
    else this.#drop(entry, 'dirty');
  }

  /** Ends a lease against the will of its borrower, and closes the connection. */
  revoke(lease: ActiveLease, reason: 'revoked' | 'closed'): void {
    lease.end(reason);
    this.#activeLeases.remove(lease);
    lease.entry.lease = undefined;
    this.#drop(lease.entry, reason);
  }

  #putBack(entries: readonly PoolEntry[]): void {
    this.#taken -= entries.length;
    entries.forEach((entry) => this.#idleConnections.put(entry));
  }

  #drop(entry: PoolEntry, reason: DropReason): void {
    entry.drop(reason);
    this.#taken -= 1;
    this.#idleConnections.discard(entry);
    this.serveWaitQueue();
  }

  /** Closes idle connections now and the others when they are returned. Resolves when all have closed. */
  async close(): Promise<void> {
    this.#recentlyReturned.takeAll().forEach((entry) => this.#drop(entry, 'closed'));
    this.#ports.connections.close();
    await this.#idleConnections.close();
  }
}

/** Resolves after ioredis has sent the commands that auto-pipelining held back. */
function waitForNextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/** Whether a connection that is returned can be handed out as it is. */
function isClean({ connection, sessionState }: PoolEntry): boolean {
  return !connection.hasPendingCommands() && sessionState.isClean;
}
