import type { Redis } from 'ioredis';
import { inspect } from 'node:util';
import type { SentCommand } from '../connect/ioredis/command-replies.js';
import type { Clock } from '../core/clock.js';
import { HygieneError } from '../core/errors.js';
import {
  type Borrower,
  captureCaller,
  type CapturedBorrower,
  formatBorrower,
  identifyBorrower,
  identifyWithoutInspector,
  NOT_CAPTURED,
  type StackSampling,
} from './borrower.js';
import { type ClientLease, createLeasedClient, ListenerList } from './leased-client.js';
import type { PoolEntry } from './pool-entry.js';

/** A connection of a pool, borrowed by one caller, who must release it once. */
export interface Lease extends AsyncDisposable {
  /** The client of the connection. It refuses all work once the lease has ended. */
  readonly client: Redis;
  /**
   * Ends the lease and returns the connection to the pool. Resolves when the connection is clean, or will be replaced.
   * Can be called without its lease: `const { client, release } = await pool.acquire()`.
   *
   * @throws HygieneError `HYG_LEASE_ENDED` on a second call: the error names both callers
   */
  readonly release: () => Promise<void>;
}

/** Why a lease has ended. */
type LeaseEnd = 'released' | 'revoked' | 'closed';

const leaseEndTexts: Readonly<Record<LeaseEnd, string>> = {
  released: 'it was released',
  revoked: 'it was ended by force, after leaseMaxMs',
  closed: 'its pool was closed',
};

/** The part of a pool that gives out leases, and takes their connections back. */
export interface LeaseIssuer {
  /** Name of the pool. */
  readonly name: string;
  readonly stackSampling: StackSampling;
  /** Takes the connection back. The promise resolves when its state has been reset; `undefined` if it was clean. */
  checkIn(lease: ActiveLease): Promise<void> | undefined;
}

const RESOLVED = Promise.resolve();

/**
 * A lease with all that its pool knows of it. A class, because one is created for each `use()` and `acquire()`, and
 * shared methods keep it small.
 */
export class ActiveLease implements Lease, ClientLease {
  readonly entry: PoolEntry;
  /** When the lease began, in milliseconds since the epoch. */
  readonly since: number;
  readonly client: Redis;
  /** Whether the lease has been reported as overdue. */
  isOverdue = false;
  /** Whether the borrower has released the lease. */
  isReleased = false;
  /** Index of the lease in `ActiveLeases`. */
  index = -1;
  readonly #issuer: LeaseIssuer;
  readonly #capturedBorrower: CapturedBorrower;
  #borrower: Borrower | undefined;
  #releasedBy: CapturedBorrower | undefined;
  #end: LeaseEnd | undefined;
  #resolveEnded: (() => void) | undefined;
  #listeners: ListenerList | undefined;

  constructor(issuer: LeaseIssuer, entry: PoolEntry, capturedBorrower: CapturedBorrower, since: number) {
    this.#issuer = issuer;
    this.entry = entry;
    this.#capturedBorrower = capturedBorrower;
    this.since = since;
    this.client = createLeasedClient(entry.clientPrototype, this);
  }

  isFrom(issuer: LeaseIssuer): boolean {
    return this.#issuer === issuer;
  }

  /** Whether the borrower's stack was not captured, so that nothing is known of it. */
  get isBorrowerUnknown(): boolean {
    return this.#capturedBorrower === NOT_CAPTURED;
  }

  get borrower(): Borrower {
    return (this.#borrower ??= identifyBorrower(this.#capturedBorrower));
  }

  /** The borrower for the text of an error. Many errors in a short time get it without the location of a callback. */
  borrowerForError(now: number): Borrower {
    if (this.#borrower ?? this.#issuer.stackSampling.callbackLocations.take(now)) return this.borrower;
    return identifyWithoutInspector(this.#capturedBorrower);
  }

  get pooledClient(): Redis {
    return this.entry.client;
  }

  get listeners(): ListenerList {
    return (this.#listeners ??= new ListenerList());
  }

  recordCommand(command: SentCommand): void {
    this.entry.sessionState.record(command);
  }

  /** Whether auto-pipelining holds back commands of the borrower until the next turn of the event loop. */
  get hasUnsentCommands(): boolean {
    return this.pooledClient.options.enableAutoPipelining === true && this.client.autoPipelineQueueSize > 0;
  }

  /** A new function for each access, bound to the lease. `use()` never accesses it. */
  get release(): () => Promise<void> {
    return () => this.releaseBy(this.shouldCaptureRelease() ? captureCaller() : NOT_CAPTURED);
  }

  /** Releases the lease at the end of an `await using` block, unless it has been released before. */
  [Symbol.asyncDispose](): Promise<void> {
    if (this.#releasedBy) return RESOLVED;
    return this.releaseBy(this.shouldCaptureRelease() ? captureCaller() : NOT_CAPTURED);
  }

  /** Whether to capture the caller of `release()`: always for a second release, else as often as sampling allows. */
  shouldCaptureRelease(): boolean {
    return this.#releasedBy !== undefined || this.#issuer.stackSampling.releaseStacks.take(this.since);
  }

  releaseBy(caller: CapturedBorrower): Promise<void> {
    if (this.#releasedBy) return Promise.reject(this.#releasedTwiceError(this.#releasedBy, caller));
    this.#releasedBy = caller;
    return this.#issuer.checkIn(this) ?? RESOLVED;
  }

  /** Ends the lease, so that its client refuses work. The first reason wins. */
  end(reason: LeaseEnd): void {
    this.#end ??= reason;
    this.#listeners?.removeFrom(this.pooledClient);
    this.#resolveEnded?.();
  }

  get whenEnded(): Promise<void> {
    if (this.#end !== undefined) return Promise.resolve();
    return new Promise((resolve) => (this.#resolveEnded = resolve));
  }

  endedError(): HygieneError | undefined {
    if (this.#end === undefined) return undefined;
    const borrower = this.borrowerForError(this.since);
    const what = `A client of the pool ${this.#issuer.name} was used after its lease had ended: ${leaseEndTexts[this.#end]}. It was borrowed by ${formatBorrower(borrower)}.`;
    return new HygieneError('HYG_LEASE_ENDED', what, { details: { end: this.#end, ...borrower } });
  }

  #releasedTwiceError(firstCaller: CapturedBorrower, secondCaller: CapturedBorrower): HygieneError {
    const [first, second] = [identifyBorrower(firstCaller), identifyBorrower(secondCaller)];
    const { borrower } = this;
    const what = `A lease of the pool ${this.#issuer.name} was released twice: first by ${formatBorrower(first)}, then by ${formatBorrower(second)}. It was borrowed by ${formatBorrower(borrower)}.`;
    return new HygieneError('HYG_LEASE_ENDED', what, { details: { first, second, borrower } });
  }

  /** A short text, as a lease and its connection refer to each other. */
  toJSON(): string {
    return `Lease <${this.#issuer.name}, ${this.#end ?? 'active'}>`;
  }

  [inspect.custom](): string {
    return this.toJSON();
  }
}

/** The leases that have not ended. Adding and removing take constant time, as each lease knows its index. */
export class ActiveLeases {
  readonly #leases: ActiveLease[] = [];

  add(lease: ActiveLease): void {
    lease.index = this.#leases.push(lease) - 1;
  }

  /** Moves the last lease to the index of the removed one. Does nothing for a lease that was removed before. */
  remove(lease: ActiveLease): void {
    if (this.#leases[lease.index] !== lease) return;
    const last = this.#leases.pop();
    if (!last || last === lease) return;
    this.#leases[lease.index] = last;
    last.index = lease.index;
  }

  /** The oldest lease first. */
  all(): readonly ActiveLease[] {
    return [...this.#leases].sort((one, other) => one.since - other.since);
  }
}

export interface LeaseMonitorPorts {
  readonly clock: Clock;
  /** After how many milliseconds a lease is overdue. 0: never. */
  readonly warnMs: number;
  /** After how many milliseconds a lease is ended by force. 0: never. */
  readonly maxMs: number;
  readonly activeLeases: () => readonly ActiveLease[];
  readonly onOverdue: (lease: ActiveLease) => void;
  readonly onExpired: (lease: ActiveLease) => void;
}

/** Finds the leases that last too long. */
export interface LeaseMonitor {
  /** Ensures that a lease which begins now is checked in time. */
  arm(): void;
  stop(): void;
}

const NO_MONITOR: LeaseMonitor = { arm: () => undefined, stop: () => undefined };

/**
 * Monitors all leases of a pool with one timer, which is set to the moment when the first lease is due. Per lease this
 * costs one check whether the timer is set.
 */
export function createLeaseMonitor(ports: LeaseMonitorPorts): LeaseMonitor {
  const { clock, activeLeases } = ports;
  const [warnMs, maxMs] = [ports.warnMs || Infinity, ports.maxMs || Infinity];
  /** A lease is never due earlier than this after its start. */
  const shortestMs = Math.min(warnMs, maxMs);
  if (shortestMs === Infinity) return NO_MONITOR;
  let timer: { cancel(): void } | undefined;

  function dueAt({ since, isOverdue }: ActiveLease): number {
    return since + (isOverdue ? maxMs : shortestMs);
  }

  function check(lease: ActiveLease): void {
    const heldMs = clock.now() - lease.since;
    if (!lease.isOverdue && heldMs >= warnMs) ports.onOverdue(lease);
    if (heldMs >= maxMs) ports.onExpired(lease);
  }

  function checkAll(): void {
    timer = undefined;
    activeLeases().forEach(check);
    const nextAt = Math.min(...activeLeases().map(dueAt));
    if (nextAt < Infinity) setTimer(Math.min(nextAt - clock.now(), shortestMs));
  }

  function setTimer(ms: number): void {
    timer = clock.after(Math.max(1, ms), checkAll);
  }

  return {
    arm() {
      if (!timer) setTimer(shortestMs);
    },
    stop: () => timer?.cancel(),
  };
}
