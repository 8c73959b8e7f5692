import type { AskWho } from '../attribution/attribute.js';
import type { Attribution } from '../attribution/attribution.js';
import { createPeerBook } from '../attribution/peers.js';
import type { RowView } from '../client-list/client-row.js';
import type { Source } from '../sources/source.js';
import {
  attributionKey,
  type AttributionKey,
  type GroupKey,
  isAttributionKey,
  type KeyOf,
  rowKey,
} from './group-keys.js';
import { Statistics } from './group-statistics.js';
import type { Filter } from './row-filter.js';

/** What one source had to say. */
export interface GroupedTarget {
  readonly target: string;
  readonly kind: Source['kind'];
  /** Rows, those that a filter left out included. */
  readonly rows: number;
  readonly maxclients: number | undefined;
  /** Lines that were no rows, and whether the last row was cut short. */
  readonly strangers: number;
  readonly truncated: boolean;
}

/** Rows of all sources, gathered by one key. */
export interface GroupedClients {
  readonly by: GroupKey;
  readonly targets: readonly GroupedTarget[];
  /** Rows that were gathered. */
  readonly clients: number;
  readonly groups: ReadonlyMap<string, Statistics>;
  /** Who stands behind a key, where rows are gathered by who holds them. */
  readonly attributions: ReadonlyMap<string, Attribution>;
}

/** How rows get their keys. Those that need somebody's word (who is that?) get it at the end, all at once. */
export interface RowGrouping {
  readonly by: GroupKey;
  readonly keyOf: KeyOf;
  readonly finish: (
    groups: ReadonlyMap<string, Statistics>,
  ) => Promise<Pick<GroupedClients, 'groups' | 'attributions'>>;
}

/** What is read, and who hears how far it is. */
export interface GroupOptions {
  readonly filter?: Filter | undefined;
  /** Hears the number of rows that were read, every 65 536 of them. */
  readonly onProgress: (rows: number) => void;
}

/** A power of two less one: whether it is time to say how far it is costs next to nothing. */
const PROGRESS_MASK = 0xffff;

/** Reads all sources once, and gathers their rows. */
export async function groupClients(
  sources: readonly Source[],
  keying: RowGrouping,
  { filter, onProgress }: GroupOptions,
): Promise<GroupedClients> {
  const grouping = createGrouping(keying.keyOf);
  let seen = 0;
  const targets = await Promise.all(
    sources.map(async (source) => {
      const { target, kind, maxclients } = source;
      const report = await source.read((row) => {
        seen += 1;
        if ((seen & PROGRESS_MASK) === 0) onProgress(seen);
        if (!filter || filter(row)) grouping.add(row, source);
      });
      return { target, kind, maxclients, ...report };
    }),
  );
  return { by: keying.by, targets, clients: grouping.total(), ...(await keying.finish(grouping.groups())) };
}

/** Rows, gathered by a key. */
export interface Grouping {
  readonly add: (row: RowView, source: Source) => void;
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

/** The best attribution behind each label; where several people share one, theirs is the first. */
function labelled(
  attributions: ReadonlyMap<string, Attribution>,
  labelOf: (attribution: Attribution) => string,
): Map<string, Attribution> {
  const byLabel = new Map<string, Attribution>();
  for (const attribution of attributions.values()) {
    const label = labelOf(attribution);
    if (!byLabel.has(label)) byLabel.set(label, attribution);
  }
  return byLabel;
}

/** Rows are gathered by peer, and peers with the same label (owner, service, …) become one group at the end. */
function byAttribution(by: AttributionKey, askWho: AskWho): RowGrouping {
  const book = createPeerBook();
  const labelOf = attributionKey(by);
  return {
    by,
    keyOf: (row, { isLocal }) => book.keyOf(row, isLocal),
    async finish(groups) {
      const { attributionOf } = await askWho(book.peers.values());
      const attributions = new Map([...book.peers].map(([key, peer]) => [key, attributionOf(peer)]));
      const label = (key: string) => {
        const attribution = attributions.get(key);
        return attribution ? labelOf(attribution) : '';
      };
      return {
        groups: regroup(groups, label),
        attributions: by === 'owner' ? labelled(attributions, labelOf) : new Map(),
      };
    },
  };
}

/** How rows are gathered by a key. */
export function rowGroupingBy(by: GroupKey, askWho: AskWho): RowGrouping {
  if (isAttributionKey(by)) return byAttribution(by, askWho);
  return { by, keyOf: rowKey(by), finish: (groups) => Promise.resolve({ groups, attributions: new Map() }) };
}
