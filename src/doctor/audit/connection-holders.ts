import { LIBRARY_NAME_PREFIX } from '../../identity/connection-name.js';
import type { Attribution, AttributionSource } from '../attribution/attribution.js';
import { isLoopback, isUnixSocket } from '../attribution/ip-address.js';
import type { ClientRow } from '../client-list/client-row.js';
import { formatPercent } from '../text/quantities.js';
import { isNeverUsed, useOf } from './connection-use.js';
import type { Finding } from './finding.js';
import { namePattern } from './name-pattern.js';
import { MIN_SINGLE_QUEUES } from './named-owners.js';

/** An owner and the connections that it holds on one host. */
export interface ConnectionHolder {
  readonly attribution: Attribution;
  readonly rows: readonly ClientRow[];
  /** The address of the clients, if the owner is only a name: several hosts may use the same one. */
  readonly ip?: string;
}

/** Level at which a holder is judged: one process, container or host, or all owners that run one service. */
export type HolderLevel = 'owner' | 'service';

/** Sources that read a name or a library, which clients on several hosts may have in common. */
const PLACELESS_SOURCES: ReadonlySet<AttributionSource> = new Set(['library-tag', 'other-name', 'library']);

/** Whether an owner may be on several hosts. */
function isPlaceless({ source, host }: Attribution): boolean {
  return host === undefined && PLACELESS_SOURCES.has(source);
}

/** The holders of these rows, the largest first. An owner that is only a name is one holder for each address. */
export function holdersOf(
  rows: readonly ClientRow[],
  ownerOf: (row: ClientRow) => Attribution,
): readonly ConnectionHolder[] {
  const groups = groupBy(rows, (row) => {
    const attribution = ownerOf(row);
    return isPlaceless(attribution) ? `${attribution.owner}\0${row.ip}` : attribution.owner;
  });
  return [...groups.values()].map((group) => createHolder(group, ownerOf)).sort(compareBySize);
}

function createHolder(
  rows: readonly ClientRow[],
  ownerOf: (row: ClientRow) => Attribution,
): ConnectionHolder {
  const first = rows[0] as ClientRow;
  const attribution = ownerOf(first);
  return { attribution, rows, ...(isPlaceless(attribution) && { ip: first.ip }) };
}

/** Identifies a holder among those of another snapshot. */
export function holderKey({ attribution, ip = '' }: ConnectionHolder): string {
  return `${attribution.owner}\0${ip}`;
}

function compareBySize(one: ConnectionHolder, other: ConnectionHolder): number {
  return other.rows.length - one.rows.length || (holderKey(one) < holderKey(other) ? -1 : 1);
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
    const { attribution } = holder;
    const service = attribution.service ?? (holder.ip === undefined ? undefined : attribution.owner);
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

/** Share of a shared address. If so many of its connections are alike and not used, one program opened them. */
const ALIKE_SHARE = 0.8;

/** Share of `maxclients` that is too much on a small server, however few connections that is. */
const SMALL_SERVER_SHARE = 0.25;

/** Fewer connections than these are the clients of one or two processes, on a server of any size. */
const MIN_CONNECTIONS = 10;

/** Lowers a threshold (connections) for a server with a small `maxclients`. */
export function serverThreshold(maxclients: number | undefined, threshold: number): number {
  return Math.min(threshold, Math.max(MIN_CONNECTIONS, SMALL_SERVER_SHARE * (maxclients ?? Infinity)));
}

/** Raises a threshold (connections) for a holder whose address is shared by several clients. */
export function holderThreshold(holder: ConnectionHolder, threshold: number): number {
  return isShared(holder) ? threshold * SHARED_ADDRESS_FACTOR : threshold;
}

/** Whether several clients are behind the address of a holder, or may be. */
export function isShared({ attribution, rows, ip = '' }: ConnectionHolder): boolean {
  const mayBeShared = attribution.confidence === 'ambiguous' || isLoopback(ip) || isUnixSocket(ip);
  if (!mayBeShared) return false;
  const unused = rows.filter((row) => isNeverUsed(useOf(row)));
  return largestOf([...groupBy(unused, likenessOf).values()]).length < ALIKE_SHARE * rows.length;
}

/** What the connections of one program have in common, and those of several programs often have not. */
function likenessOf({ name, user, db, libName, libVer }: ClientRow): string {
  return [namePattern(name), user, db, libName, libVer].join(' ');
}

/**
 * The largest group of connections with the same name, with names of the same pattern, or each with a name of its own. A leak
 * opens the same connection again and again. The queues of a library each have a name that their connections share; very many
 * of them with one connection each count too.
 */
export function largestGroupByName(rows: readonly ClientRow[]): readonly ClientRow[] {
  const groups = groupBy(rows, ({ name }) => namePattern(name));
  const ownNames: ClientRow[] = [];
  const queues: ClientRow[] = [];
  for (const [pattern, group] of groups) {
    if (pattern !== '*' && group.length > 1) continue;
    (LIBRARY_NAME_PREFIX.test(pattern) ? queues : ownNames).push(...group);
  }
  const manyQueues = queues.length >= MIN_SINGLE_QUEUES ? queues : [];
  return largestOf([...groups.values(), ownNames, manyQueues]);
}

function largestOf(groups: readonly (readonly ClientRow[])[]): readonly ClientRow[] {
  return groups.reduce((largest, group) => (group.length > largest.length ? group : largest), []);
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

/** The holder as the subject of a sentence. */
export function describeHolder({ attribution: { owner, confidence }, ip = '' }: ConnectionHolder): string {
  if (confidence === 'ambiguous') return `${owner}, a shared address,`;
  return ip === '' || owner.endsWith(` at ${ip}`) ? owner : `${owner} at ${ip}`;
}

/** The address of a holder whose owner is only a name, before a cause: `at 10.0.0.7: `; `''` for any other holder. */
export function addressOf({ attribution: { owner, confidence }, ip = '' }: ConnectionHolder): string {
  return ip === '' || confidence === 'ambiguous' || owner.endsWith(` at ${ip}`) ? '' : `at ${ip}: `;
}
