interface Counter {
  count: number;
}

/**
 * Counts how often values occur.
 *
 * A class, because a million are counted. A value that comes twice in a row is not looked up again: nearly all rows have
 * the same command and the same flags.
 */
export class Counts<T> {
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
