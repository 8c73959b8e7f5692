import type { Redis } from 'ioredis';
import { inspect } from 'node:util';
import type { Clock } from '../core/clock.js';
import { HygieneError } from '../core/errors.js';
import {
  type Borrower,
  type BorrowerTrail,
  captureCaller,
  describe,
  glance,
  identify,
  NOT_TAKEN,
  type StackSampling,
} from './borrower.js';
import { type Borrowing, createLeasedClient, ListenerList } from './leased-client.js';
import type { PoolEntry } from './pool-entry.js';
import type { SeenCommand } from './session-state.js';

/** Why a lease is over. */
export type LeaseEnd = 'released' | 'revoked' | 'closed';

const ends: Readonly<Record<LeaseEnd, string>> = {
  released: 'It was released',
  revoked: 'It was ended by force, after leaseMaxMs',
  closed: 'Its pool was closed',
};

/** Whom a lease goes back to. */
export interface Lender {
  readonly name: string;
  readonly stacks: StackSampling;
  /** Resolves when the connection is clean; nothing where it was. */
  giveBack(loan: ActiveLease): Promise<void> | undefined;
}

/** One borrowing of a pooled connection. Whoever has it releases it, once. */
export interface Lease extends AsyncDisposable {
  /** The connection's client, for as long as the lease lasts. Afterwards it refuses all work. */
  readonly client: Redis;
  /**
   * Gives the connection back, and ends the client. Resolves when it may be lent again, or is to be replaced. Works
   * without its lease too: `const { client, release } = await pool.acquire()`.
   *
   * @throws HygieneError `HYG_LEASE_ENDED` on a second call: it names both places
   */
  readonly release: () => Promise<void>;
}

const DONE = Promise.resolve();

/**
 * A lease, as the pool sees it.
 *
 * A class, because there is one for each borrowing: shared methods keep it small.
 */
export class ActiveLease implements Lease, Borrowing {
  readonly member: PoolEntry;
  /** When it began, in milliseconds since the epoch. */
  readonly since: number;
  readonly client: Redis;
  readonly #lender: Lender;
  readonly #trail: BorrowerTrail;
  #borrower: Borrower | undefined;
  #end: LeaseEnd | undefined;
  /** Where it was released. */
  #released: BorrowerTrail | undefined;
  #listeners: ListenerList | undefined;
  #onEnd: (() => void) | undefined;
  /** Whether it has been reported as overdue. */
  isOverdue = false;
  /** Its place among those of its pool. */
  slot = -1;
  /** Whether its borrower has given it back. */
  isBack = false;

  constructor(lender: Lender, member: PoolEntry, trail: BorrowerTrail, since: number) {
    this.#lender = lender;
    this.member = member;
    this.#trail = trail;
    this.since = since;
    this.client = createLeasedClient(member.face, this);
  }

  /** Resolves when the lease is over. */
  get whenEnded(): Promise<void> {
    if (this.#end !== undefined) return Promise.resolve();
    return new Promise((resolve) => (this.#onEnd = resolve));
  }

  /** Whether nobody will ever know who holds it. */
  get isNameless(): boolean {
    return this.#trail === NOT_TAKEN;
  }

  /** Who holds it. Looked up once, and only where somebody asks. */
  get borrower(): Borrower {
    return (this.#borrower ??= identify(this.#trail));
  }

  /** The same for an error, of which there may be very many: the line is left out where it costs too much. */
  borrowerAt(now: number): Borrower {
    if (this.#borrower ?? this.#lender.stacks.lines.take(now)) return this.borrower;
    return glance(this.#trail);
  }

  get lent(): Redis {
    return this.member.client;
  }

  get listeners(): ListenerList {
    return (this.#listeners ??= new ListenerList());
  }

  /** Whether auto-pipelining holds commands of its borrower back until the next turn. */
  get hasUnsent(): boolean {
    return this.lent.options.enableAutoPipelining === true && this.client.autoPipelineQueueSize > 0;
  }

  isFrom(lender: Lender): boolean {
    return this.#lender === lender;
  }

  note(command: SeenCommand): void {
    this.member.traces.note(command);
  }

  refusal(): HygieneError | undefined {
    if (this.#end === undefined) return undefined;
    const borrower = this.borrowerAt(this.since);
    const what = `A client of the pool ${this.#lender.name} was used after its lease had ended. ${ends[this.#end]}; it had been borrowed by ${describe(borrower)}.`;
    return new HygieneError('HYG_LEASE_ENDED', what, { details: { end: this.#end, ...borrower } });
  }

  /** From now on its client refuses work. The first end counts. */
  end(reason: LeaseEnd): void {
    this.#end ??= reason;
    this.#listeners?.removeFrom(this.member.client);
    this.#onEnd?.();
  }

  /** Whether it matters where it is released: a second time always. */
  get keepsPlace(): boolean {
    return this.#released !== undefined || this.#lender.stacks.releases.take(this.since);
  }

  /** Made where it is asked for: a lease of `use()` never is. */
  get release(): () => Promise<void> {
    return () => this.releaseFrom(this.keepsPlace ? captureCaller() : NOT_TAKEN);
  }

  /** Is released by whoever is there. */
  releaseFrom(place: BorrowerTrail): Promise<void> {
    if (this.#released) return Promise.reject(this.#releasedTwice(this.#released, place));
    this.#released = place;
    return this.#lender.giveBack(this) ?? DONE;
  }

  #releasedTwice(first: BorrowerTrail, second: BorrowerTrail): HygieneError {
    const places = { first: identify(first), second: identify(second), borrower: this.borrower };
    const what = `A lease of the pool ${this.#lender.name}, borrowed by ${describe(places.borrower)}, was released by ${describe(places.second)}, and had been already by ${describe(places.first)}.`;
    return new HygieneError('HYG_LEASE_ENDED', what, { details: places });
  }

  /** Printed as one line: it points to its connection, and that points back. */
  toJSON(): string {
    return `Lease <${this.#lender.name}, ${this.#end ?? 'lent'}>`;
  }

  [inspect.custom](): string {
    return this.toJSON();
  }

  /** At the end of its block, also where it has been released before. */
  [Symbol.asyncDispose](): Promise<void> {
    if (this.#released) return DONE;
    return this.releaseFrom(this.keepsPlace ? captureCaller() : NOT_TAKEN);
  }
}

/** The leases at present. Each knows its slot, so that coming and going cost next to nothing. */
export class ActiveLeases {
  readonly #slots: ActiveLease[] = [];

  add(loan: ActiveLease): void {
    loan.slot = this.#slots.push(loan) - 1;
  }

  /** The last one takes the slot of the one that goes. May be called again. */
  remove(loan: ActiveLease): void {
    if (this.#slots[loan.slot] !== loan) return;
    const last = this.#slots.pop();
    if (!last || last === loan) return;
    this.#slots[loan.slot] = last;
    last.slot = loan.slot;
  }

  /** The longest first. */
  all(): readonly ActiveLease[] {
    return [...this.#slots].sort((one, other) => one.since - other.since);
  }
}

export interface LeaseMonitorPorts {
  readonly clock: Clock;
  /** After how long a lease is overdue; 0 never. */
  readonly warnMs: number;
  /** After how long it is ended by force; 0 never. */
  readonly maxMs: number;
  /** The leases at present. */
  readonly loans: () => readonly ActiveLease[];
  readonly onOverdue: (loan: ActiveLease) => void;
  readonly onExpired: (loan: ActiveLease) => void;
}

export interface LeaseMonitor {
  /** A lease begins: it will be looked at in time. */
  arm(): void;
  stop(): void;
}

/** For a pool whose leases may last for ever. */
const IDLE: LeaseMonitor = { arm: () => undefined, stop: () => undefined };

/**
 * Finds the leases that last too long. One timer for all of them, set while something is lent, to the moment when
 * the first of them is due: a lease costs one look at whether it is set.
 */
export function createLeaseMonitor(ports: LeaseMonitorPorts): LeaseMonitor {
  const { clock, warnMs, maxMs } = ports;
  if (warnMs === 0 && maxMs === 0) return IDLE;
  let timer: { cancel(): void } | undefined;
  /** No lease that begins later is due earlier than this. */
  const soonestMs = Math.min(warnMs || Infinity, maxMs || Infinity);

  /** When a lease is to be looked at next. */
  function dueAt({ since, isOverdue }: ActiveLease): number {
    const warnAt = isOverdue ? Infinity : since + (warnMs || Infinity);
    return Math.min(warnAt, since + (maxMs || Infinity));
  }

  function look(loan: ActiveLease): void {
    const heldMs = clock.now() - loan.since;
    if (!loan.isOverdue && heldMs >= (warnMs || Infinity)) ports.onOverdue(loan);
    if (heldMs >= (maxMs || Infinity)) ports.onExpired(loan);
  }

  function sweep(): void {
    timer = undefined;
    ports.loans().forEach(look);
    const next = Math.min(...ports.loans().map(dueAt));
    if (next < Infinity) set(Math.min(next - clock.now(), soonestMs));
  }

  function set(ms: number): void {
    timer = clock.after(Math.max(1, ms), sweep);
  }

  return {
    arm() {
      if (!timer) set(soonestMs);
    },
    stop: () => timer?.cancel(),
  };
}
