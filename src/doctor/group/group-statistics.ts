import type { RowView } from '../client-list/client-row.js';

/** A value, and how often it occurs. */
export interface ValueCount {
  readonly value: string;
  readonly count: number;
}

/** Figures about the connections of one group. */
export interface GroupFigures {
  /** Number of connections. */
  readonly count: number;
  /** Greatest age, in seconds. */
  readonly oldestSeconds: number;
  /** Median of the idle times, in seconds. */
  readonly medianIdleSeconds: number;
  /** The last commands, the most frequent first. */
  readonly commands: readonly ValueCount[];
  /** The flags, one letter each, the most frequent first. */
  readonly flags: readonly ValueCount[];
  /** Memory that the server uses for the connections, in bytes. 0 before Redis 6.2. */
  readonly memoryBytes: number;
}

/**
 * Accumulates the rows of one group.
 *
 * A class, because a million rows are added.
 */
export class GroupStatistics {
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

  /** Adds all rows of another group. */
  merge(other: GroupStatistics): void {
    this.#count += other.#count;
    this.#oldest = Math.max(this.#oldest, other.#oldest);
    this.#memory += other.#memory;
    this.#idles.merge(other.#idles);
    this.#commands.merge(other.#commands);
    this.#flags.merge(other.#flags);
  }

  figures(): GroupFigures {
    return {
      count: this.#count,
      oldestSeconds: this.#oldest,
      medianIdleSeconds: medianOf(this.#idles, this.#count),
      commands: sortByCount(this.#commands),
      flags: sortByCount(this.#flags),
      memoryBytes: this.#memory,
    };
  }
}

interface Counter {
  count: number;
}

/**
 * Counts how often values occur.
 *
 * A class, because a million values are counted. A value that equals the previous one is not looked up again: nearly all rows
 * have the same command and the same flags.
 */
class Counts<T> {
  readonly #counters = new Map<T, Counter>();
  #lastValue: T | undefined;
  #lastCounter: Counter = { count: 0 };

  add(value: T, times = 1): void {
    if (value !== this.#lastValue) {
      this.#lastCounter = this.#counterOf(value);
      this.#lastValue = value;
    }
    this.#lastCounter.count += times;
  }

  merge(other: Counts<T>): void {
    for (const [value, { count }] of other.#counters) this.add(value, count);
  }

  /** All values with their counts. */
  entries(): [value: T, count: number][] {
    return [...this.#counters].map(([value, { count }]) => [value, count]);
  }

  #counterOf(value: T): Counter {
    let counter = this.#counters.get(value);
    if (!counter) this.#counters.set(value, (counter = { count: 0 }));
    return counter;
  }
}

/** The most frequent value first, equally frequent ones in alphabetical order. */
function sortByCount(counts: Counts<string>): ValueCount[] {
  return counts
    .entries()
    .map(([value, count]) => ({ value, count }))
    .sort((a, b) => b.count - a.count || (a.value < b.value ? -1 : 1));
}

/** The median of counted values; of the two middle values the lower one. */
function medianOf(counts: Counts<number>, total: number): number {
  let remaining = Math.ceil(total / 2);
  for (const [value, count] of counts.entries().sort(([a], [b]) => a - b)) {
    remaining -= count;
    if (remaining <= 0) return value;
  }
  return 0;
}
