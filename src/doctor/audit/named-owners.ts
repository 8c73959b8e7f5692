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
  hasOthers: boolean;
  /** The connections of other owners of the form `service@host`. */
  readonly otherHosts: Map<string, number> | undefined;
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
    else groups.set(key, createGroup(row.ip, pattern, source, owner));
  }
  return groups;
}

function createGroup(
  ip: string,
  pattern: string,
  source: NamedOwners['source'],
  example: string,
): NamedOwners {
  const otherHosts = source === 'name' ? new Map<string, number>() : undefined;
  return { ip, pattern, source, example, exampleCount: 1, hasOthers: false, otherHosts };
}

function addConnection(group: NamedOwners, owner: string): void {
  if (owner === group.example) {
    group.exampleCount += 1;
    return;
  }
  group.hasOthers = true;
  const { otherHosts } = group;
  const count = otherHosts?.get(owner) ?? 0;
  if (count > 0 || (otherHosts?.size ?? 0) < MAX_REMEMBERED_OWNERS) otherHosts?.set(owner, count + 1);
}

/** Whether a chosen name was given to one connection only. */
function isSingle({ source, exampleCount, hasOthers }: NamedOwners): boolean {
  return source === 'other-name' && exampleCount === 1 && !hasOthers;
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
function patternOwner(group: NamedOwners): Attribution | undefined {
  const { ip, pattern, example, hasOthers } = group;
  if (!hasOthers || !areNoHosts(group)) return undefined;
  const note = `numbered names, such as ${example}`;
  return { owner: `${pattern} at ${ip}`, source: 'other-name', confidence: 'likely', note };
}

/** Whether these names are not `service@host`, or there are too many with one connection each for `host` to be one. */
function areNoHosts({ exampleCount, otherHosts }: NamedOwners): boolean {
  if (!otherHosts) return true;
  const areSingle = exampleCount === 1 && [...otherHosts.values()].every((count) => count === 1);
  return areSingle && otherHosts.size + 1 >= MIN_SINGLE_OWNERS;
}

function addressOwner(ip: string, names: number): Attribution {
  const confidence = isLoopback(ip) || isUnixSocket(ip) ? 'ambiguous' : 'likely';
  return { owner: ip, source: 'address', confidence, note: `${names} different names` };
}
