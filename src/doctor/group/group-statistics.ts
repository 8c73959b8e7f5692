import type { RowView } from '../client-list/client-row.js';

/** How often a value occurs, the most frequent first. */
export interface ValueCount {
  readonly value: string;
  readonly count: number;
}

/** What is known of the connections of one group. Times are seconds, sizes bytes. */
export interface Figures {
  readonly count: number;
  readonly oldest: number;
  readonly medianIdle: number;
  /** The last commands, the most frequent first. */
  readonly commands: readonly ValueCount[];
  /** The flags, one letter each. */
  readonly flags: readonly ValueCount[];
  /** What they cost the server. 0 before Redis 6.2. */
  readonly memory: number;
}

function byCount(counts: Counts<string>): ValueCount[] {
  return counts
    .entries()
    .map(([value, count]) => ({ value, count }))
    .sort((a, b) => b.count - a.count || (a.value < b.value ? -1 : 1));
}

/** The middle one of values that occur so often each; of an even number the lower one. */
function median(counts: Counts<number>, total: number): number {
  let left = Math.ceil(total / 2);
  for (const [value, count] of counts.entries().sort(([a], [b]) => a - b)) {
    left -= count;
    if (left <= 0) return value;
  }
  return 0;
}

/**
 * Gathers the rows of one group.
 *
 * A class, because a million rows are added.
 */
export class Statistics {
  #count = 0;
  #oldest = 0;
  #memory = 0;
  readonly #idles = new Counts<number>();
  readonly #commands = new Counts<string>();
  readonly #flags = new Counts<string>();

  get count(): number {
    return this.#count;
  }

  add(row: RowView): void {
    this.#count += 1;
    this.#idles.add(row.number('idle') || 0);
    this.#oldest = Math.max(this.#oldest, row.number('age') || 0);
    this.#memory += row.number('tot-mem') || 0;
    this.#commands.add(row.text('cmd'));
    this.#flags.add(row.text('flags'));
  }

  /** Takes what another one has gathered. */
  merge(other: Statistics): void {
    this.#count += other.#count;
    this.#oldest = Math.max(this.#oldest, other.#oldest);
    this.#memory += other.#memory;
    this.#idles.merge(other.#idles);
    this.#commands.merge(other.#commands);
    this.#flags.merge(other.#flags);
  }

  figures(): Figures {
    return {
      count: this.#count,
      oldest: this.#oldest,
      medianIdle: median(this.#idles, this.#count),
      commands: byCount(this.#commands),
      flags: byCount(this.#flags),
      memory: this.#memory,
    };
  }
}

interface Counter {
  count: number;
}

/**
 * Counts how often values occur.
 *
 * A class, because a million are counted. A value that comes twice in a row is not looked up again: nearly all rows have
 * the same command and the same flags.
 */
class Counts<T> {
  readonly #counters = new Map<T, Counter>();
  #last: T | undefined;
  #counter: Counter = { count: 0 };

  add(value: T, times = 1): void {
    if (value !== this.#last) {
      this.#counter = this.#counterOf(value);
      this.#last = value;
    }
    this.#counter.count += times;
  }

  merge(other: Counts<T>): void {
    for (const [value, { count }] of other.#counters) this.add(value, count);
  }

  /** Each value with its count. */
  entries(): [value: T, count: number][] {
    return [...this.#counters].map(([value, { count }]) => [value, count]);
  }

  #counterOf(value: T): Counter {
    let counter = this.#counters.get(value);
    if (!counter) this.#counters.set(value, (counter = { count: 0 }));
    return counter;
  }
}
