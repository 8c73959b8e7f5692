import type { AskWho } from '../attribution/attribute.js';
import type { Claim } from '../attribution/attribution.js';
import { createPeerBook } from '../attribution/peers.js';
import type { Row } from '../client-list/client-row.js';
import type { Source } from '../sources/source.js';
import { claimKey, type ClaimKey, type GroupKey, isClaimKey, type KeyOf, rowKey } from './group-keys.js';
import { Statistics } from './group-statistics.js';
import type { Filter } from './row-filter.js';

/** What one source had to say. */
export interface SurveyedTarget {
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
export interface Survey {
  readonly by: GroupKey;
  readonly targets: readonly SurveyedTarget[];
  /** Rows that were gathered. */
  readonly clients: number;
  readonly groups: ReadonlyMap<string, Statistics>;
  /** Who stands behind a key, where rows are gathered by who holds them. */
  readonly claims: ReadonlyMap<string, Claim>;
}

/** How rows get their keys. Those that need somebody's word (who is that?) get it at the end, all at once. */
export interface Keying {
  readonly by: GroupKey;
  readonly keyOf: KeyOf;
  readonly finish: (groups: ReadonlyMap<string, Statistics>) => Promise<Pick<Survey, 'groups' | 'claims'>>;
}

/** What is read, and who hears how far it is. */
export interface SurveyOptions {
  readonly filter?: Filter | undefined;
  /** Hears the number of rows that were read, every 65 536 of them. */
  readonly onProgress: (rows: number) => void;
}

/** A power of two less one: whether it is time to say how far it is costs next to nothing. */
const PROGRESS_MASK = 0xffff;

/** Reads all sources once, and gathers their rows. */
export async function takeSurvey(
  sources: readonly Source[],
  keying: Keying,
  { filter, onProgress }: SurveyOptions,
): Promise<Survey> {
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

/** The best claim behind each label; where several people share one, theirs is the first. */
function labelled(claims: ReadonlyMap<string, Claim>, labelOf: (claim: Claim) => string): Map<string, Claim> {
  const byLabel = new Map<string, Claim>();
  for (const claim of claims.values()) {
    const label = labelOf(claim);
    if (!byLabel.has(label)) byLabel.set(label, claim);
  }
  return byLabel;
}

/** Rows are gathered by peer, and peers with the same label (owner, service, …) become one group at the end. */
function byClaim(by: ClaimKey, askWho: AskWho): Keying {
  const book = createPeerBook();
  const labelOf = claimKey(by);
  return {
    by,
    keyOf: (row, { isLocal }) => book.keyOf(row, isLocal),
    async finish(groups) {
      const { claimOf } = await askWho(book.peers.values());
      const claims = new Map([...book.peers].map(([key, peer]) => [key, claimOf(peer)]));
      const label = (key: string) => {
        const claim = claims.get(key);
        return claim ? labelOf(claim) : '';
      };
      return {
        groups: regroup(groups, label),
        claims: by === 'owner' ? labelled(claims, labelOf) : new Map(),
      };
    },
  };
}

/** How rows are gathered by a key. */
export function keyingBy(by: GroupKey, askWho: AskWho): Keying {
  if (isClaimKey(by)) return byClaim(by, askWho);
  return { by, keyOf: rowKey(by), finish: (groups) => Promise.resolve({ groups, claims: new Map() }) };
}
