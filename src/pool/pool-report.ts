import { DurationHistogram, type Durations } from '../core/duration-histogram.js';
import { HygieneError } from '../core/errors.js';
import { formatBorrower } from './borrower.js';
import type { ActiveLease } from './lease.js';
import { type DropReason, dropReasons } from './pool-entry.js';

/** What a pool has counted since it was created. */
export interface PoolCounts {
  /** How long callers waited until they got a connection. */
  readonly wait: Durations;
  /** How long leases lasted. */
  readonly use: Durations;
  /** How long connections took to become ready, from the first dial. */
  readonly create: Durations;
  /** Number of callers that were refused after `acquireTimeoutMs`. */
  readonly timeouts: number;
  /** Number of callers that were refused because `maxWaiting` callers waited already. */
  readonly refusals: number;
  /** Number of connections that became ready. */
  readonly created: number;
  /** Number of connections that closed, by reason. */
  readonly closed: Readonly<Record<DropReason, number>>;
}

/** The figures of a pool. */
export interface PoolStatistics extends PoolCounts {
  readonly min: number;
  readonly max: number;
  /** Number of connections that are ready: the sum of `idle`, `used` and `resetting`. */
  readonly size: number;
  /** Number of connections that no caller uses. */
  readonly idle: number;
  /** Number of connections with a lease. */
  readonly used: number;
  /** Number of connections whose session state is being reset after a lease. */
  readonly resetting: number;
  /** Number of connections that are being opened. */
  readonly connecting: number;
  /** Number of callers that wait for a connection. */
  readonly pending: number;
}

/** The durations that a pool measures, as in `PoolCounts`. */
export interface PoolHistograms {
  readonly wait: DurationHistogram;
  readonly use: DurationHistogram;
  readonly create: DurationHistogram;
}

/** Counts what `PoolCounts` holds. A lease costs two additions. */
export class PoolCounters implements PoolHistograms {
  readonly wait = new DurationHistogram();
  readonly use = new DurationHistogram();
  readonly create = new DurationHistogram();
  timeouts = 0;
  refusals = 0;
  created = 0;
  readonly closed = Object.fromEntries(Object.keys(dropReasons).map((reason) => [reason, 0])) as Record<
    DropReason,
    number
  >;

  countClosed(reason: DropReason): void {
    this.closed[reason] += 1;
  }

  read(): PoolCounts {
    const { timeouts, refusals, created } = this;
    return {
      ...{ wait: this.wait.read(), use: this.use.read(), create: this.create.read() },
      ...{ timeouts, refusals, created },
      closed: { ...this.closed },
    };
  }
}

/** A lease: who holds it, and for how long. */
export interface LeaseReport {
  /** Name of the pool's connections, as in CLIENT LIST. */
  readonly pool: string;
  /** Name of the function that acquired the lease, `(anonymous)` if it has none. */
  readonly name: string;
  /** `file:line:column` of the callback of `use()`, or of the call of `acquire()`. */
  readonly location: string;
  /** Name and location, as in a stack trace. */
  readonly stack: string;
  /** When the lease began, in milliseconds since the epoch. */
  readonly since: number;
  /** How long the lease has been held, in milliseconds. */
  readonly heldMs: number;
  /** The command that the borrower sent last, without its arguments. */
  readonly lastCommand: string | undefined;
}

/** What `close()` of a pool did. */
export interface PoolReport {
  /** Number of connections that closed without a lease. */
  readonly closed: number;
  /** Number of connections that were closed although their borrowers had not released them. */
  readonly forced: number;
  /** The leases that were not released in time, the longest first. */
  readonly leases: readonly LeaseReport[];
}

export function createLeaseReport(
  pool: string,
  lease: ActiveLease,
  now: number,
  borrower = lease.borrower,
): LeaseReport {
  const { since, entry } = lease;
  const { name, location } = borrower;
  const { lastCommand } = entry.sessionState;
  return { pool, name, location, stack: formatBorrower(borrower), since, heldMs: now - since, lastCommand };
}

/** The state of a pool that has no connection for a caller, for the details of the caller's error. */
export interface ExhaustionDetails {
  readonly pool: string;
  readonly max: number;
  /** Number of connections that are ready. */
  readonly size: number;
  /** Number of callers that wait. */
  readonly pending: number;
  /** All leases, the longest first. */
  readonly leases: readonly LeaseReport[];
  /** Number of leases without a command in flight. */
  readonly idleLeases: number;
  /** Why the last dial failed, if no connection became ready since, or why connections are not ready yet. */
  readonly failure: Error | undefined;
}

export function acquireTimeoutError(acquireTimeoutMs: number, state: ExhaustionDetails): HygieneError {
  const what = `No connection of the pool ${state.pool} was free within ${acquireTimeoutMs} ms.`;
  return exhaustedError('HYG_ACQUIRE_TIMEOUT', what, state);
}

export function poolFullError(maxWaiting: number, state: ExhaustionDetails): HygieneError {
  const what = `${maxWaiting} callers already wait for a connection of the pool ${state.pool}, as many as maxWaiting allows.`;
  return exhaustedError('HYG_POOL_FULL', what, state);
}

export function poolClosedError(pool: string): HygieneError {
  const what = `The pool ${pool} is closed, so no connection can be acquired.`;
  return new HygieneError('HYG_POOL_CLOSED', what, { details: { pool } });
}

/** Names the holders of the connections. The cause is added if connections are missing because dials failed. */
function exhaustedError(
  code: 'HYG_ACQUIRE_TIMEOUT' | 'HYG_POOL_FULL',
  what: string,
  { failure, ...details }: ExhaustionDetails,
): HygieneError {
  const { size, max, leases } = details;
  const cause = failure && size < max ? { cause: failure } : {};
  const text = `${what} ${describeHolders(leases, max)}${nestingHint(details)}`;
  return new HygieneError(code, text, { details, ...cause });
}

/** A borrower that waits for its own pool sends nothing meanwhile. Other reasons for that exist, so this is a hint. */
function nestingHint({ idleLeases, max, leases }: Omit<ExhaustionDetails, 'failure'>): string {
  if (leases.length < max || idleLeases < leases.length) return '';
  return ' None of these leases has a command in flight. If their borrowers wait for this pool themselves (a use() within a use()), they wait for each other: pass on the client of the outer lease.';
}

/** The number of holders that a message names. All of them are in its details. */
const MAX_NAMED_HOLDERS = 5;

function describeHolders(holders: readonly LeaseReport[], max: number): string {
  if (holders.length === 0) return `None of its ${max} connections is in use, and none is ready for use.`;
  const named = holders.slice(0, MAX_NAMED_HOLDERS).map(describeHolder).join('; ');
  const more = holders.length > MAX_NAMED_HOLDERS ? `; and ${holders.length - MAX_NAMED_HOLDERS} more` : '';
  return `Connections in use: ${holders.length} of ${max}, longest first: ${named}${more}.`;
}

function describeHolder({ stack, heldMs, lastCommand }: LeaseReport): string {
  return `${stack} for ${heldMs} ms${lastCommand === undefined ? '' : `, last command ${lastCommand}`}`;
}
