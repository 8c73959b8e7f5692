import type { AttributePeers, AttributionResult } from '../attribution/attribute.js';
import type { Attribution } from '../attribution/attribution.js';
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
import type { RowFilter } from './row-filter.js';
import { RowGroupBuilder, type RowGroups } from './row-groups.js';

/** Rows of all sources, grouped by one key. */
export interface GroupedClients {
  readonly by: GroupKey;
  readonly targets: readonly GroupedTarget[];
  /** Number of rows in all groups. */
  readonly clients: number;
  readonly groups: RowGroups;
  /** The attribution of a group by its key, if rows are grouped by owner. */
  readonly attributionOf: (key: string) => Attribution | undefined;
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
  const builder = new RowGroupBuilder();
  let rowsRead = 0;
  const targets = await Promise.all(
    sources.map(async (source) => {
      const { target, kind, maxclients } = source;
      const report = await source.read((row) => {
        rowsRead += 1;
        if ((rowsRead & PROGRESS_MASK) === 0) onProgress(rowsRead);
        if (!filter || filter(row)) builder.add(row, grouping.groupOf(row, source));
      });
      return { target, kind, maxclients, ...report };
    }),
  );
  const { keyOf, attributionOf } = await grouping.finish();
  const groups = builder.finish(keyOf);
  return {
    ...{ by: grouping.by, targets, clients: groups.rows, groups },
    attributionOf(key) {
      const group = groups.firstWith(key);
      return group === undefined ? undefined : attributionOf(group);
    },
  };
}

/** How rows are grouped by one key. */
export interface RowGrouping {
  readonly by: GroupKey;
  /** The number of the group that a row belongs to: 0, 1, and so on. */
  readonly groupOf: (row: RowView, source: RowSource) => number;
  /** Finds the keys of the groups once all rows are read: attributes them, if the key needs it. */
  readonly finish: () => Promise<FinishedGrouping>;
}

/** Keys of groups. */
interface FinishedGrouping {
  /** The key of a group; `undefined` for a group that is left out. */
  readonly keyOf: (group: number) => string | undefined;
  /** The attribution of a group, if rows are grouped by owner. */
  readonly attributionOf: (group: number) => Attribution | undefined;
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
  const keyNumbers = createNumbers();
  const rowKey = rowKeyOf(by);
  return {
    by,
    groupOf: (row, source) => keyNumbers.numberOf(rowKey(row, source)),
    finish: () => Promise.resolve({ keyOf: keyNumbers.textOf, attributionOf: () => undefined }),
  };
}

/** Numbers texts in the order of their first occurrence. */
function createNumbers() {
  const numbers = new Map<string, number>();
  const texts: string[] = [];
  return {
    numberOf(text: string): number {
      let number = numbers.get(text);
      if (number === undefined) numbers.set(text, (number = texts.push(text) - 1));
      return number;
    },
    textOf: (number: number) => texts[number],
  };
}

/** Separates the number of a peer from the key of its row. */
const KEY_SEPARATOR = '\n';

/**
 * Groups rows by peer first, and within a peer by the key if it is one of the row. At the end the groups of peers with the
 * same label (owner, service, …) become one.
 */
function createAttributionGrouping(
  by: GroupKey,
  attributePeers: AttributePeers,
  matches?: (attribution: Attribution) => boolean,
): RowGrouping {
  const peerIndex = createPeerIndex();
  const keyNumbers = createNumbers();
  const rowKey: KeyOf | undefined = isAttributionKey(by) || isSourceKey(by) ? undefined : rowKeyOf(by);
  const peerOf: RowGrouping['groupOf'] = (row, { isLocal }) => peerIndex.add(row, isLocal);
  return {
    by,
    groupOf: rowKey
      ? (row, source) => keyNumbers.numberOf(`${peerOf(row, source)}${KEY_SEPARATOR}${rowKey(row, source)}`)
      : peerOf,
    async finish() {
      const result = await attributePeers(peerIndex.finish());
      function keyOfPeer(peer: number, rowLabel: string | undefined): string | undefined {
        const isLeftOut = matches?.(result.attributionOf(peer)) === false;
        return isLeftOut ? undefined : (rowLabel ?? labelOfPeer(by, peer, result));
      }
      return {
        keyOf(group) {
          if (!rowKey) return keyOfPeer(group, undefined);
          const [peer, rowLabel = ''] = keyNumbers.textOf(group)?.split(KEY_SEPARATOR) ?? [];
          return keyOfPeer(Number(peer), rowLabel);
        },
        attributionOf: (group) => (by === 'owner' ? result.attributionOf(group) : undefined),
      };
    },
  };
}

/** The label of a peer if the key is not one of its rows. */
function labelOfPeer(
  by: GroupKey,
  peer: number,
  { attributionOf, alternativesOf }: AttributionResult,
): string {
  const best = attributionOf(peer);
  if (isSourceKey(by)) return ownerAccordingTo(by, [best, ...alternativesOf(peer)]);
  return isAttributionKey(by) ? attributionKeyOf(by)(best) : '';
}
