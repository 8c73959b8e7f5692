import type { Row } from '../client-list/row.js';
import type { Source } from '../sources/source.js';
import { Statistics } from './statistics.js';

/** Reads the key of a row. */
export type KeyOf = (row: Row, source: Source) => string;

/** Rows, gathered by a key. */
export interface Grouping {
  readonly add: (row: Row, source: Source) => void;
  /** How many rows were added. */
  readonly total: () => number;
  readonly groups: () => ReadonlyMap<string, Statistics>;
}

/** Gathers rows by what `keyOf` says of each. */
export function createGrouping(keyOf: KeyOf): Grouping {
  const groups = new Map<string, Statistics>();
  let total = 0;
  return {
    add(row, source) {
      const key = keyOf(row, source);
      let group = groups.get(key);
      if (!group) groups.set(key, (group = new Statistics()));
      group.add(row);
      total += 1;
    },
    total: () => total,
    groups: () => groups,
  };
}

/** The same groups under other keys; those that get the same one become one. */
export function regroup(
  groups: ReadonlyMap<string, Statistics>,
  labelOf: (key: string) => string,
): ReadonlyMap<string, Statistics> {
  const merged = new Map<string, Statistics>();
  for (const [key, group] of groups) {
    const label = labelOf(key);
    const known = merged.get(label);
    if (known) known.merge(group);
    else merged.set(label, group);
  }
  return merged;
}
