import type { Attribution } from '../attribution/attribution.js';
import type { ClientRow } from '../client-list/client-row.js';
import { formatPercent } from '../text/quantities.js';
import type { Finding } from './finding.js';

/** An owner and the connections that it holds. */
export interface ConnectionHolder {
  readonly attribution: Attribution;
  readonly rows: readonly ClientRow[];
}

/** Level at which a holder is judged: one process, container or host, or all owners that run one service. */
export type HolderLevel = 'owner' | 'service';

/** The holders of these rows, the largest first. */
export function holdersOf(
  rows: readonly ClientRow[],
  ownerOf: (row: ClientRow) => Attribution,
): readonly ConnectionHolder[] {
  const groups = groupBy(rows, (row) => ownerOf(row).owner);
  return [...groups.values()]
    .map((group) => ({ attribution: ownerOf(group[0] as ClientRow), rows: group }))
    .sort(compareBySize);
}

function compareBySize(one: ConnectionHolder, other: ConnectionHolder): number {
  return other.rows.length - one.rows.length || (one.attribution.owner < other.attribution.owner ? -1 : 1);
}

/** Groups items by key. Items without a key are left out. */
export function groupBy<T>(
  items: readonly T[],
  keyOf: (item: T) => string | undefined,
): ReadonlyMap<string, readonly T[]> {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const key = keyOf(item);
    if (key === undefined) continue;
    const group = groups.get(key);
    if (group) group.push(item);
    else groups.set(key, [item]);
  }
  return groups;
}

/** Judges each owner, then each service, summed over those of its owners that had no finding by themselves. */
export function judgeHolders(
  holders: readonly ConnectionHolder[],
  judge: (holder: ConnectionHolder, level: HolderLevel) => readonly Finding[],
): readonly Finding[] {
  const findings = holders.flatMap((holder) => judge(holder, 'owner'));
  const reported = new Set(findings.map(({ owner }) => owner));
  const others = holders.filter(({ attribution }) => !reported.has(attribution.owner));
  return [...findings, ...servicesOf(others).flatMap((holder) => judge(holder, 'service'))];
}

/**
 * Services that run on several holders: a hundred pods that leak a little each are one leak. The confidence is that of the
 * first holder.
 */
function servicesOf(holders: readonly ConnectionHolder[]): readonly ConnectionHolder[] {
  const holdersByService = new Map<string, ConnectionHolder[]>();
  for (const holder of holders) {
    const { service } = holder.attribution;
    if (service !== undefined) {
      holdersByService.set(service, [...(holdersByService.get(service) ?? []), holder]);
    }
  }
  return [...holdersByService]
    .filter(([, members]) => members.length > 1)
    .map(([service, members]) => {
      const { source, confidence } = (members[0] as ConnectionHolder).attribution;
      return {
        attribution: { owner: service, source, confidence, service },
        rows: members.flatMap(({ rows }) => rows),
      };
    })
    .sort(compareBySize);
}

/** Factor on every threshold for a shared address, behind which there may be several hosts with a pool each. */
const SHARED_ADDRESS_FACTOR = 4;

/** Share of `maxclients` that is too much on a small server, however few connections that is. */
const SMALL_SERVER_SHARE = 0.25;

/** Fewer connections than these are the clients of one or two processes, on a server of any size. */
const MIN_CONNECTIONS = 10;

/** Lowers a threshold (connections) for a server with a small `maxclients`. */
export function serverThreshold(maxclients: number | undefined, threshold: number): number {
  return Math.min(threshold, Math.max(MIN_CONNECTIONS, SMALL_SERVER_SHARE * (maxclients ?? Infinity)));
}

/** Raises a threshold (connections) for a holder whose address is shared. */
export function holderThreshold({ attribution }: ConnectionHolder, threshold: number): number {
  return attribution.confidence === 'ambiguous' ? threshold * SHARED_ADDRESS_FACTOR : threshold;
}

/** `, 54.3 % of maxclients (10000)`; `''` if the limit is unknown. */
export function formatShareOfMaxclients(amount: number, maxclients: number | undefined): string {
  return maxclients ? `, ${formatPercent(amount / maxclients)} of maxclients (${maxclients})` : '';
}

/** The three most frequent values with their counts: `ping 5400, select 32`. */
export function mostFrequentValues(rows: readonly ClientRow[], valueOf: (row: ClientRow) => string): string {
  return [...groupBy(rows, valueOf)]
    .sort(
      ([one, rowsOfOne], [other, rowsOfOther]) =>
        rowsOfOther.length - rowsOfOne.length || (one < other ? -1 : 1),
    )
    .slice(0, 3)
    .map(([value, { length }]) => `${value} ${length}`)
    .join(', ');
}

/** The owner as the subject of a sentence. */
export function describeHolder({ owner, confidence }: Attribution): string {
  return confidence === 'ambiguous' ? `${owner}, a shared address,` : owner;
}
