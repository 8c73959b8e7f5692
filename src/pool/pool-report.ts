import { HygieneError } from '../core/errors.js';
import { describe } from './borrower.js';
import type { ActiveLease } from './lease.js';
import { type DropReason, dropReasons } from './pool-entry.js';

/** One lease: who holds it, and for how long. */
export interface LeaseReport {
  /** Name of the pool's connections, as in CLIENT LIST. */
  readonly pool: string;
  /** Name of the function that borrowed, as far as it has one. */
  readonly name: string;
  /** Where that is: `file:line:column`. */
  readonly site: string;
  /** Both, as a stack frame shows them. */
  readonly stack: string;
  /** When it was borrowed, in milliseconds since the epoch. */
  readonly since: number;
  /** How long it has been held, in milliseconds. */
  readonly heldMs: number;
  /** The command that its borrower sent last, without arguments. */
  readonly lastCommand: string | undefined;
}

/** What `close()` of a pool did. */
export interface PoolReport {
  /** Connections that closed with nothing lent. */
  readonly closed: number;
  /** Connections that were taken from their borrowers, because these did not release them in time. */
  readonly forced: number;
  /** Who these were, longest first. */
  readonly leases: readonly LeaseReport[];
}

export function reportLease(
  pool: string,
  loan: ActiveLease,
  now: number,
  borrower = loan.borrower,
): LeaseReport {
  const { since, member } = loan;
  const { name, site } = borrower;
  const { last: lastCommand } = member.traces;
  return { pool, name, site, stack: describe(borrower), since, heldMs: now - since, lastCommand };
}

/** So many are named in a message; all of them are in its details. */
const HOLDERS_TOLD = 5;

function tell({ stack, heldMs, lastCommand }: LeaseReport): string {
  return `${stack} for ${heldMs} ms${lastCommand === undefined ? '' : `, last command ${lastCommand}`}`;
}

/** Who holds connections, longest first, in a sentence. */
function tellHolders(holders: readonly LeaseReport[], max: number): string {
  if (holders.length === 0) return `None of its ${max} connections is lent: there is none that could be.`;
  const told = holders.slice(0, HOLDERS_TOLD).map(tell).join('; ');
  const more = holders.length > HOLDERS_TOLD ? `; and ${holders.length - HOLDERS_TOLD} more` : '';
  return `Of ${max} connections ${holders.length} are lent, longest first: ${told}${more}.`;
}

/** What a pool says of itself to who gets nothing. */
export interface Exhaustion {
  readonly pool: string;
  readonly max: number;
  /** Connections that are ready. */
  readonly size: number;
  readonly pending: number;
  /** Longest first. */
  readonly holders: readonly LeaseReport[];
  /** Why the last dial brought no connection. */
  readonly failure: Error | undefined;
}

/** Says who holds the connections. Where there are fewer than there could be, the cause says why. */
function exhausted(
  code: 'HYG_ACQUIRE_TIMEOUT' | 'HYG_POOL_FULL',
  what: string,
  { failure, ...details }: Exhaustion,
): HygieneError {
  const { size, max, holders } = details;
  const cause = failure && size < max ? { cause: failure } : {};
  return new HygieneError(code, `${what} ${tellHolders(holders, max)}`, { details, ...cause });
}

export function timedOut(acquireTimeoutMs: number, found: Exhaustion): HygieneError {
  const what = `The pool ${found.pool} had no connection to lend within ${acquireTimeoutMs} ms.`;
  return exhausted('HYG_ACQUIRE_TIMEOUT', what, found);
}

export function full(maxWaiting: number, found: Exhaustion): HygieneError {
  const what = `${maxWaiting} callers wait for the pool ${found.pool} already.`;
  return exhausted('HYG_POOL_FULL', what, found);
}

export function closed(pool: string): HygieneError {
  const what = `The pool ${pool} is closed and lends nothing.`;
  return new HygieneError('HYG_POOL_CLOSED', what, { details: { pool } });
}

/** A kind of duration, summed up. */
export interface Durations {
  readonly count: number;
  /** All of them together, in milliseconds. */
  readonly totalMs: number;
  /** The longest one, in milliseconds. */
  readonly maxMs: number;
}

/** What a pool counts since it was made. */
export interface PoolCounts {
  /** How long callers waited for a connection, those who were served. */
  readonly wait: Durations;
  /** How long leases lasted. */
  readonly use: Durations;
  /** Callers whose `acquireTimeoutMs` ran out. */
  readonly timeouts: number;
  /** Callers who were refused because `maxWaiting` callers waited already. */
  readonly refusals: number;
  /** Connections that became ready. */
  readonly created: number;
  /** Connections that are gone, by reason. */
  readonly closed: Readonly<Record<DropReason, number>>;
}

/** A pool in figures. */
export interface PoolStatistics extends PoolCounts {
  readonly min: number;
  readonly max: number;
  /** Connections that are ready: `idle`, `lent` and `cleaning` together. */
  readonly size: number;
  readonly idle: number;
  readonly used: number;
  /** Connections that are freed of what a borrower left on them. */
  readonly cleaning: number;
  /** Connections that are being opened. */
  readonly opening: number;
  /** Callers that wait for a connection. */
  readonly pending: number;
}

class Sum {
  #count = 0;
  #totalMs = 0;
  #maxMs = 0;

  add(ms: number): void {
    this.#count += 1;
    this.#totalMs += ms;
    if (ms > this.#maxMs) this.#maxMs = ms;
  }

  read(): Durations {
    return { count: this.#count, totalMs: this.#totalMs, maxMs: this.#maxMs };
  }
}

/** Counts, at the cost of an addition for each lease. */
export class Counters {
  readonly wait = new Sum();
  readonly use = new Sum();
  timeouts = 0;
  refusals = 0;
  created = 0;
  readonly #closed = Object.fromEntries(Object.keys(dropReasons).map((reason) => [reason, 0])) as Record<
    DropReason,
    number
  >;

  closed(reason: DropReason): void {
    this.#closed[reason] += 1;
  }

  read(): PoolCounts {
    const { timeouts, refusals, created } = this;
    return {
      ...{ wait: this.wait.read(), use: this.use.read() },
      ...{ timeouts, refusals, created },
      closed: { ...this.#closed },
    };
  }
}
