import type { RowView } from '../client-list/client-row.js';
import { NumberColumn, TextColumn } from '../client-list/number-column.js';

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
  /** Median of the idle times, in seconds; of two middle values the lower one. */
  readonly medianIdleSeconds: number;
  /** The last commands, the most frequent first. */
  readonly commands: readonly ValueCount[];
  /** The flags, one letter each, the most frequent first. */
  readonly flags: readonly ValueCount[];
  /** Memory that the server uses for the connections, in bytes. 0 before Redis 6.2. */
  readonly memoryBytes: number;
}

/**
 * What figures are made of, in columns: a million rows take 40 MB, whether they are in one group or each in a group of its
 * own. Figures are computed for the groups that are shown.
 *
 * A class, because a million rows are added.
 */
export class RowStatistics {
  readonly #idles = new NumberColumn();
  readonly #ages = new NumberColumn();
  readonly #memory = new NumberColumn();
  readonly #commands = new TextColumn();
  readonly #flags = new TextColumn();

  /** Adds a row. The first one has index 0. */
  add(row: RowView): void {
    this.#idles.push(row.number('idle') || 0);
    this.#ages.push(row.number('age') || 0);
    this.#memory.push(row.number('tot-mem') || 0);
    this.#commands.push(row.text('cmd'));
    this.#flags.push(row.text('flags'));
  }

  /** The figures of some rows. */
  figuresOf(indexes: Uint32Array): GroupFigures {
    const idles = new Float64Array(indexes.length);
    indexes.forEach((index, at) => (idles[at] = this.#idles.at(index)));
    idles.sort();
    return {
      count: indexes.length,
      oldestSeconds: indexes.reduce((oldest, index) => Math.max(oldest, this.#ages.at(index)), 0),
      medianIdleSeconds: idles[Math.ceil(idles.length / 2) - 1] ?? 0,
      commands: countValues(indexes, this.#commands),
      flags: countValues(indexes, this.#flags),
      memoryBytes: indexes.reduce((sum, index) => sum + this.#memory.at(index), 0),
    };
  }
}

/** The most frequent value first, equally frequent ones in alphabetical order. */
function countValues(indexes: Uint32Array, column: TextColumn): ValueCount[] {
  const counts = new Map<string, number>();
  for (const index of indexes) {
    const value = column.at(index);
    counts.set(value, (counts.get(value) ?? 0) + 1);
  }
  return [...counts]
    .map(([value, count]) => ({ value, count }))
    .sort((a, b) => b.count - a.count || (a.value < b.value ? -1 : 1));
}
