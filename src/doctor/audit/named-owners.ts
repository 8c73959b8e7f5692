import type { Attribution } from '../attribution/attribution.js';
import { isLoopback, isUnixSocket } from '../attribution/ip-address.js';
import type { ClientRow } from '../client-list/client-row.js';
import { namePattern } from './name-pattern.js';

type OwnerOf = (row: ClientRow) => Attribution;

/** Owners of one address that have one connection each. A host has fewer programs, and these have more connections. */
const MIN_SINGLE_OWNERS = 50;

/** Owners that are remembered of one pattern. A list may have a million different names, and these show how they are made. */
const MAX_REMEMBERED_OWNERS = 1000;

/** Owners of one address that are known by names alone, and whose names have the same pattern. */
interface NamedOwners {
  readonly ip: string;
  readonly pattern: string;
  readonly source: Attribution['source'];
  /** The first owner, and its connections. */
  readonly example: string;
  exampleCount: number;
  /** The connections of other owners, if there are any. */
  others?: Map<string, number>;
}

/**
 * Owners of connections, where a name that was made for one connection is no owner: a program that calls its connections
 * `worker-1`, `worker-2` and so on is one owner, `worker-* at 10.0.0.5`. Names that have no pattern in common count as one
 * owner too, the address, if an address has very many of them.
 */
export function mergeNumberedNames(rows: readonly ClientRow[], ownerOf: OwnerOf): OwnerOf {
  const groups = groupByPattern(rows, ownerOf);
  const addressOwners = ownersWithManyNames(groups.values());
  const merged = new Map<string, Attribution>();
  for (const [key, group] of groups) {
    const owner = isSingle(group) ? addressOwners.get(group.ip) : patternOwner(group);
    if (owner) merged.set(key, owner);
  }
  if (merged.size === 0) return ownerOf;
  return (row) => {
    const owner = ownerOf(row);
    return isOnlyName(owner) ? (merged.get(groupKey(row, namePattern(owner.owner))) ?? owner) : owner;
  };
}

/** Whether the name of the connection alone says who the owner is. */
function isOnlyName({ source }: Attribution): boolean {
  return source === 'other-name' || source === 'name';
}

const groupKey = ({ ip }: { readonly ip: string }, pattern: string) => `${ip} ${pattern}`;

function groupByPattern(rows: readonly ClientRow[], ownerOf: OwnerOf): ReadonlyMap<string, NamedOwners> {
  const groups = new Map<string, NamedOwners>();
  for (const row of rows) {
    const attribution = ownerOf(row);
    if (!isOnlyName(attribution)) continue;
    const { owner, source } = attribution;
    const pattern = namePattern(owner);
    const key = groupKey(row, pattern);
    const group = groups.get(key);
    if (group) addConnection(group, owner);
    else groups.set(key, { ip: row.ip, pattern, source, example: owner, exampleCount: 1 });
  }
  return groups;
}

function addConnection(group: NamedOwners, owner: string): void {
  if (owner === group.example) {
    group.exampleCount += 1;
    return;
  }
  const others = (group.others ??= new Map<string, number>());
  const count = others.get(owner) ?? 0;
  if (count > 0 || others.size < MAX_REMEMBERED_OWNERS) others.set(owner, count + 1);
}

/** Whether a chosen name was given to one connection only. */
function isSingle({ source, exampleCount, others }: NamedOwners): boolean {
  return source === 'other-name' && exampleCount === 1 && !others;
}

/** The addresses that have very many names of one connection each, as owners of these connections. */
function ownersWithManyNames(groups: Iterable<NamedOwners>): ReadonlyMap<string, Attribution> {
  const names = new Map<string, number>();
  for (const group of groups) {
    if (isSingle(group)) names.set(group.ip, (names.get(group.ip) ?? 0) + 1);
  }
  const many = [...names].filter(([, count]) => count >= MIN_SINGLE_OWNERS);
  return new Map(many.map(([ip, count]) => [ip, addressOwner(ip, count)]));
}

/** The owner in place of those with numbered names; `undefined` if each of them is an owner. */
function patternOwner({
  ip,
  pattern,
  source,
  example,
  exampleCount,
  others,
}: NamedOwners): Attribution | undefined {
  if (!others) return undefined;
  const areSingle = exampleCount === 1 && [...others.values()].every((count) => count === 1);
  // A service has several connections on each host: in `service@host`, this host is none.
  if (source === 'name' && !(areSingle && others.size + 1 >= MIN_SINGLE_OWNERS)) return undefined;
  const note = `numbered names, such as ${example}`;
  return { owner: `${pattern} at ${ip}`, source: 'other-name', confidence: 'likely', note };
}

function addressOwner(ip: string, names: number): Attribution {
  const confidence = isLoopback(ip) || isUnixSocket(ip) ? 'ambiguous' : 'likely';
  return { owner: ip, source: 'address', confidence, note: `${names} different names` };
}
