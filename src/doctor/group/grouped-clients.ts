import type { AttributePeers, AttributionResult } from '../attribution/attribute.js';
import type { Attribution, Peer } from '../attribution/attribution.js';
import { createPeerIndex } from '../attribution/peers.js';
import type { RowView } from '../client-list/client-row.js';
import type { RowSource } from '../sources/source.js';
import {
  attributionKeyOf,
  type GroupKey,
  isAttributionKey,
  isSourceKey,
  type KeyOf,
  ownerAccordingTo,
  rowKeyOf,
} from './group-keys.js';
import { GroupStatistics } from './group-statistics.js';
import type { RowFilter } from './row-filter.js';

/** Rows of all sources, grouped by one key. */
export interface GroupedClients {
  readonly by: GroupKey;
  readonly targets: readonly GroupedTarget[];
  /** Number of rows in all groups. */
  readonly clients: number;
  readonly groups: ReadonlyMap<string, GroupStatistics>;
  /** Attribution of each group by its key, if rows are grouped by owner. */
  readonly attributions: ReadonlyMap<string, Attribution>;
}

/** A source of grouped rows. */
export interface GroupedTarget {
  readonly target: string;
  readonly kind: RowSource['kind'];
  /** Number of rows, including those that the filter left out. */
  readonly rows: number;
  readonly maxclients: number | undefined;
  /** Lines that are not rows. */
  readonly skippedLines: number;
  /** Whether the last row is incomplete. Such a row is not counted. */
  readonly truncated: boolean;
}

export interface GroupOptions {
  readonly filter?: RowFilter | undefined;
  /** Called with the number of rows read so far, every 65 536 rows. */
  readonly onProgress: (rows: number) => void;
}

/** Rows between two progress reports: a power of two less one, so that the test costs next to nothing. */
const PROGRESS_MASK = 0xffff;

/** Reads all sources once, and groups their rows. */
export async function groupClients(
  sources: readonly RowSource[],
  grouping: RowGrouping,
  { filter, onProgress }: GroupOptions,
): Promise<GroupedClients> {
  const rowGroups = createRowGroups(grouping.keyOf);
  let rowsRead = 0;
  const targets = await Promise.all(
    sources.map(async (source) => {
      const { target, kind, maxclients } = source;
      const report = await source.read((row) => {
        rowsRead += 1;
        if ((rowsRead & PROGRESS_MASK) === 0) onProgress(rowsRead);
        if (!filter || filter(row)) rowGroups.add(row, source);
      });
      return { target, kind, maxclients, ...report };
    }),
  );
  const finished = await grouping.finish(rowGroups.groups());
  return { by: grouping.by, targets, clients: countClients(finished.groups), ...finished };
}

function countClients(groups: ReadonlyMap<string, GroupStatistics>): number {
  return [...groups.values()].reduce((sum, { count }) => sum + count, 0);
}

/** How rows are grouped by one key. */
export interface RowGrouping {
  readonly by: GroupKey;
  readonly keyOf: KeyOf;
  /** Attributes the groups once all rows are read, if the key needs it. */
  readonly finish: (
    groups: ReadonlyMap<string, GroupStatistics>,
  ) => Promise<Pick<GroupedClients, 'groups' | 'attributions'>>;
}

/**
 * Creates the grouping for a key.
 *
 * @param matches if given, only rows whose attribution matches are grouped
 */
export function createRowGrouping(
  by: GroupKey,
  attributePeers: AttributePeers,
  matches?: (attribution: Attribution) => boolean,
): RowGrouping {
  if (isAttributionKey(by) || isSourceKey(by) || matches) {
    return createAttributionGrouping(by, attributePeers, matches);
  }
  return {
    by,
    keyOf: rowKeyOf(by),
    finish: (groups) => Promise.resolve({ groups, attributions: new Map() }),
  };
}

/** Separates the key of a peer from the key of its row. */
const KEY_SEPARATOR = '\n';

/**
 * Groups rows by peer first, and within a peer by the key if it is one of the row. At the end the groups of peers with the
 * same label (owner, service, …) become one.
 */
function createAttributionGrouping(
  by: GroupKey,
  attributePeers: AttributePeers,
  matches: (attribution: Attribution) => boolean = () => true,
): RowGrouping {
  const peerIndex = createPeerIndex();
  const rowKey = isAttributionKey(by) || isSourceKey(by) ? undefined : rowKeyOf(by);
  const peerKeyOf: KeyOf = (row, { isLocal }) => peerIndex.add(row, isLocal);
  return {
    by,
    keyOf: rowKey
      ? (row, source) => `${peerKeyOf(row, source)}${KEY_SEPARATOR}${rowKey(row, source)}`
      : peerKeyOf,
    async finish(groups) {
      const result = await attributePeers(peerIndex.peers.values());
      const { attributionOf } = result;
      const attributions = new Map(
        [...peerIndex.peers]
          .map(([key, peer]) => [key, attributionOf(peer)] as const)
          .filter(([, attribution]) => matches(attribution)),
      );
      const labelOfGroup = (key: string) => {
        const [peerKey = '', rowLabel] = key.split(KEY_SEPARATOR);
        const peer = attributions.has(peerKey) ? peerIndex.peers.get(peerKey) : undefined;
        return peer && (rowLabel ?? labelOfPeer(by, peer, result));
      };
      return {
        groups: mergeGroups(groups, labelOfGroup),
        attributions: by === 'owner' ? attributionsByLabel(attributions, attributionKeyOf(by)) : new Map(),
      };
    },
  };
}

/** The label of a peer if the key is not one of its rows. */
function labelOfPeer(by: GroupKey, peer: Peer, { attributionOf, alternativesOf }: AttributionResult): string {
  const best = attributionOf(peer);
  if (isSourceKey(by)) return ownerAccordingTo(by, [best, ...alternativesOf(peer)]);
  return isAttributionKey(by) ? attributionKeyOf(by)(best) : '';
}

/** The first attribution of each label. */
function attributionsByLabel(
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

/** Accumulates rows in groups by their key. */
export interface RowGroups {
  readonly add: (row: RowView, source: RowSource) => void;
  readonly groups: () => ReadonlyMap<string, GroupStatistics>;
}

export function createRowGroups(keyOf: KeyOf): RowGroups {
  const groups = new Map<string, GroupStatistics>();
  return {
    add(row, source) {
      const key = keyOf(row, source);
      let group = groups.get(key);
      if (!group) groups.set(key, (group = new GroupStatistics()));
      group.add(row);
    },
    groups: () => groups,
  };
}

/** Gives groups other keys, and merges groups that get the same key. Leaves out groups that get none. */
export function mergeGroups(
  groups: ReadonlyMap<string, GroupStatistics>,
  labelOf: (key: string) => string | undefined,
): ReadonlyMap<string, GroupStatistics> {
  const merged = new Map<string, GroupStatistics>();
  for (const [key, group] of groups) {
    const label = labelOf(key);
    if (label === undefined) continue;
    const existing = merged.get(label);
    if (existing) existing.merge(group);
    else merged.set(label, group);
  }
  return merged;
}
