import { dropReasons, type DropReason } from './member.js';

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
  readonly lent: number;
  /** Connections that are freed of what a borrower left on them. */
  readonly cleaning: number;
  /** Connections that are being opened. */
  readonly opening: number;
  /** Callers that wait for a connection. */
  readonly waiting: number;
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
