import type { Attribution } from '../attribution/attribution.js';
import type { ClientRow } from '../client-list/client-row.js';
import { percent } from '../text/quantities.js';
import type { Finding } from './finding.js';

/** Somebody, and the connections that are held. */
export interface ConnectionHolder {
  readonly attribution: Attribution;
  readonly rows: readonly ClientRow[];
}

function byCount(one: ConnectionHolder, other: ConnectionHolder): number {
  return other.rows.length - one.rows.length || (one.attribution.owner < other.attribution.owner ? -1 : 1);
}

/** Things by a key; those with none are left out. */
export function groupBy<T>(
  things: readonly T[],
  keyOf: (thing: T) => string | undefined,
): ReadonlyMap<string, readonly T[]> {
  const groups = new Map<string, T[]>();
  for (const thing of things) {
    const key = keyOf(thing);
    if (key === undefined) continue;
    const group = groups.get(key);
    if (group) group.push(thing);
    else groups.set(key, [thing]);
  }
  return groups;
}

/** Who holds these rows, the most first. */
export function holdersOf(
  rows: readonly ClientRow[],
  ownerOf: (row: ClientRow) => Attribution,
): readonly ConnectionHolder[] {
  const groups = groupBy(rows, (row) => ownerOf(row).owner);
  return [...groups.values()]
    .map((group) => ({ attribution: ownerOf(group[0] as ClientRow), rows: group }))
    .sort(byCount);
}

/**
 * The services behind holders, where one has several: a hundred pods that leak a little each are one leak. The
 * confidence is that of the first.
 */
function servicesOf(holders: readonly ConnectionHolder[]): readonly ConnectionHolder[] {
  const services = new Map<string, ConnectionHolder[]>();
  for (const holder of holders) {
    const { service } = holder.attribution;
    if (service !== undefined) services.set(service, [...(services.get(service) ?? []), holder]);
  }
  return [...services]
    .filter(([, members]) => members.length > 1)
    .map(([service, members]) => {
      const { source, confidence } = (members[0] as ConnectionHolder).attribution;
      return {
        attribution: { owner: service, source, confidence, service },
        rows: members.flatMap(({ rows }) => rows),
      };
    })
    .sort(byCount);
}

/** How many times more it takes to accuse an address that stands for many: it may be several hosts, with a pool each. */
const AMBIGUOUS_FACTOR = 4;

/** A quarter of a small server is much, however few connections that are. */
const SMALL_SHARE = 0.25;
/** And fewer than these are the clients of a process or two, on any server. */
const LEAST = 10;

/** What a count must reach on a server that takes so many clients. */
export function floorOn(maxclients: number | undefined, floor: number): number {
  return Math.min(floor, Math.max(LEAST, SMALL_SHARE * (maxclients ?? Infinity)));
}

/** What a count must reach for this holder. */
export function floorFor({ attribution }: ConnectionHolder, floor: number): number {
  return attribution.confidence === 'ambiguous' ? floor * AMBIGUOUS_FACTOR : floor;
}

/** Whether a holder is one process, container or host, or all of them that run one service. */
export type Rank = 'owner' | 'service';

/** Judges owners, and then the services behind those that are not guilty by themselves. */
export function judgeHolders(
  holders: readonly ConnectionHolder[],
  judge: (holder: ConnectionHolder, rank: Rank) => readonly Finding[],
): readonly Finding[] {
  const findings = holders.flatMap((holder) => judge(holder, 'owner'));
  const accused = new Set(findings.map(({ owner }) => owner));
  const others = holders.filter(({ attribution }) => !accused.has(attribution.owner));
  return [...findings, ...servicesOf(others).flatMap((holder) => judge(holder, 'service'))];
}

/** `, 54.3 % of maxclients (10000)`; nothing where that is unknown. */
export function shareOf(amount: number, maxclients: number | undefined): string {
  return maxclients ? `, ${percent(amount / maxclients)} of maxclients (${maxclients})` : '';
}

/** The three most frequent values: `ping 5400, select 32`. */
export function countValues(rows: readonly ClientRow[], valueOf: (row: ClientRow) => string): string {
  return [...groupBy(rows, valueOf)]
    .sort(([one, some], [other, more]) => more.length - some.length || (one < other ? -1 : 1))
    .slice(0, 3)
    .map(([value, { length }]) => `${value} ${length}`)
    .join(', ');
}

/** Who holds something, for the beginning of a sentence. */
export function describeHolder({ owner, confidence }: Attribution): string {
  return confidence === 'ambiguous' ? `${owner}, an address that stands for many,` : owner;
}
