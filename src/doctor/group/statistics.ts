import type { Row } from '../client-list/row.js';

/** How often a value occurs, the most frequent first. */
export interface Tally {
  readonly value: string;
  readonly count: number;
}

/** What is known of the connections of one group. Times are seconds, sizes bytes. */
export interface Figures {
  readonly count: number;
  readonly oldest: number;
  readonly medianIdle: number;
  /** The last commands, the most frequent first. */
  readonly commands: readonly Tally[];
  /** The flags, one letter each. */
  readonly flags: readonly Tally[];
  /** What they cost the server. 0 before Redis 6.2. */
  readonly memory: number;
}

function byCount(counts: ReadonlyMap<string, number>): Tally[] {
  return [...counts]
    .map(([value, count]) => ({ value, count }))
    .sort((a, b) => b.count - a.count || (a.value < b.value ? -1 : 1));
}

/** The middle one; of an even number the lower one. */
function median(values: readonly number[]): number {
  const sorted = Float64Array.from(values).sort();
  return sorted[Math.floor((sorted.length - 1) / 2)] ?? 0;
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
  #idles: number[] = [];
  readonly #commands = new Map<string, number>();
  readonly #flags = new Map<string, number>();

  get count(): number {
    return this.#count;
  }

  add(row: Row): void {
    this.#count += 1;
    this.#idles.push(row.number('idle') || 0);
    this.#oldest = Math.max(this.#oldest, row.number('age') || 0);
    this.#memory += row.number('tot-mem') || 0;
    const [command, flags] = [row.text('cmd'), row.text('flags')];
    this.#commands.set(command, (this.#commands.get(command) ?? 0) + 1);
    this.#flags.set(flags, (this.#flags.get(flags) ?? 0) + 1);
  }

  /** Takes what another one has gathered. */
  merge(other: Statistics): void {
    this.#count += other.#count;
    this.#oldest = Math.max(this.#oldest, other.#oldest);
    this.#memory += other.#memory;
    this.#idles = this.#idles.concat(other.#idles);
    for (const [own, others] of [
      [this.#commands, other.#commands],
      [this.#flags, other.#flags],
    ] as const) {
      for (const [value, count] of others) own.set(value, (own.get(value) ?? 0) + count);
    }
  }

  figures(): Figures {
    return {
      count: this.#count,
      oldest: this.#oldest,
      medianIdle: median(this.#idles),
      commands: byCount(this.#commands),
      flags: byCount(this.#flags),
      memory: this.#memory,
    };
  }
}
