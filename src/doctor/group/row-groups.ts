import type { RowView } from '../client-list/client-row.js';
import { NumberColumn } from '../client-list/number-column.js';
import { type GroupFigures, RowStatistics } from './group-statistics.js';

/** Groups of rows by their keys, with the number of rows of each. */
export interface RowGroups {
  /** Number of groups. */
  readonly size: number;
  /** Number of rows in all groups. */
  readonly rows: number;
  /** All keys with the number of their rows, in the order of their first rows. */
  readonly entries: () => Iterable<readonly [key: string, count: number]>;
  /** Number of rows with a key; 0 if there are none. */
  readonly countOf: (key: string) => number;
  /** The first group that got a key, by its number while rows were read; `undefined` if none did. */
  readonly firstWith: (key: string) => number | undefined;
  /** The figures of some groups, in their order. */
  readonly figuresOf: (keys: readonly string[]) => readonly GroupFigures[];
}

/**
 * Accumulates rows in groups, which have numbers while rows are read and keys afterwards.
 *
 * A class, because a million rows are added.
 */
export class RowGroupBuilder {
  readonly #groups = new NumberColumn();
  readonly #statistics = new RowStatistics();

  add(row: RowView, group: number): void {
    this.#groups.push(group);
    this.#statistics.add(row);
  }

  /** Gives groups their keys. Groups with the same key become one, and groups without a key are left out. */
  finish(keyOf: (group: number) => string | undefined): RowGroups {
    const groupByKey = new Map<string, number>();
    /** Numbers of groups with distinct keys by numbers of groups, and the rows in each of them. */
    const mergedGroups: number[] = [];
    const counts: number[] = [];
    const firstGroups: number[] = [];
    const columns = { groups: this.#groups, statistics: this.#statistics };
    let rows = 0;
    for (let index = 0; index < this.#groups.length; index += 1) {
      const group = this.#groups.at(index);
      const merged = (mergedGroups[group] ??= numberOf(keyOf(group), groupByKey));
      if (merged === firstGroups.length) firstGroups.push(group);
      this.#groups.set(index, merged);
      if (merged === LEFT_OUT) continue;
      counts[merged] = (counts[merged] ?? 0) + 1;
      rows += 1;
    }
    const countOf = (key: string) => counts[groupByKey.get(key) ?? LEFT_OUT] ?? 0;
    return {
      ...{ size: groupByKey.size, rows, countOf },
      firstWith: (key) => firstGroups[groupByKey.get(key) ?? LEFT_OUT],
      *entries() {
        for (const [key, group] of groupByKey) yield [key, counts[group] ?? 0];
      },
      figuresOf: (keys) =>
        figuresOf(
          keys.map((key) => groupByKey.get(key) ?? LEFT_OUT),
          columns,
        ),
    };
  }
}

const LEFT_OUT = -1;

function numberOf(key: string | undefined, groupByKey: Map<string, number>): number {
  if (key === undefined) return LEFT_OUT;
  let group = groupByKey.get(key);
  if (group === undefined) groupByKey.set(key, (group = groupByKey.size));
  return group;
}

/** The figures of groups. Their rows are sorted by group first, in an array of 4 bytes for each row. */
function figuresOf(
  chosen: readonly number[],
  { groups, statistics }: { readonly groups: NumberColumn; readonly statistics: RowStatistics },
): readonly GroupFigures[] {
  const positions = new Map(chosen.map((group, position) => [group, position]));
  const ends = new Uint32Array(chosen.length);
  for (let index = 0; index < groups.length; index += 1) {
    const position = positions.get(groups.at(index));
    if (position !== undefined) ends[position] = (ends[position] as number) + 1;
  }
  for (let position = 1; position < ends.length; position += 1) {
    ends[position] = (ends[position] as number) + (ends[position - 1] as number);
  }
  const starts = ends.slice();
  const indexes = new Uint32Array(ends.at(-1) ?? 0);
  for (let index = groups.length - 1; index >= 0; index -= 1) {
    const position = positions.get(groups.at(index));
    if (position !== undefined) indexes[(starts[position] = (starts[position] as number) - 1)] = index;
  }
  return chosen.map((_, position) =>
    statistics.figuresOf(indexes.subarray(starts[position], ends[position])),
  );
}
