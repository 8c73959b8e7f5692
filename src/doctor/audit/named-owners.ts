import type { Attribution } from '../attribution/attribution.js';
import { isLoopback, isUnixSocket } from '../attribution/ip-address.js';
import type { ClientRow } from '../client-list/client-row.js';
import { namePattern } from './name-pattern.js';

type OwnerOf = (row: ClientRow) => Attribution;

/** Owners of one address that have one connection each. A host has fewer programs, and these have more connections. */
const MIN_SINGLE_OWNERS = 50;

/** Queues of one address that have one connection each. Few services have this many queues. */
export const MIN_SINGLE_QUEUES = 200;

/** Connections of one numbered name. A name with more is that of a program, such as one of `svc1` to `svc40`. */
const MAX_CONNECTIONS_PER_NUMBER = 4;

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
    const owner = isSingle(group) ? addressOwners.get(addressKey(group)) : patternOwner(group);
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
  return source === 'other-name' || source === 'name' || source === 'library';
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

/** Whether a chosen name, or that of a queue, was given to one connection only. */
function isSingle({ source, exampleCount, hasOthers }: NamedOwners): boolean {
  return source !== 'name' && exampleCount === 1 && !hasOthers;
}

const addressKey = ({ ip, source }: Pick<NamedOwners, 'ip' | 'source'>) => `${source} ${ip}`;

/** The addresses that have very many names of one connection each, as owners of these connections. */
function ownersWithManyNames(groups: Iterable<NamedOwners>): ReadonlyMap<string, Attribution> {
  const counts = new Map<string, { readonly group: NamedOwners; count: number }>();
  for (const group of groups) {
    if (!isSingle(group)) continue;
    const counted = counts.get(addressKey(group));
    if (counted) counted.count += 1;
    else counts.set(addressKey(group), { group, count: 1 });
  }
  const isMany = ({ source }: NamedOwners, count: number) =>
    count >= (source === 'library' ? MIN_SINGLE_QUEUES : MIN_SINGLE_OWNERS);
  const many = [...counts.values()].filter(({ group, count }) => isMany(group, count));
  return new Map(many.map(({ group, count }) => [addressKey(group), addressOwner(group.ip, count)]));
}

/** The owner in place of those with numbered names; `undefined` if each of them is an owner. */
function patternOwner(group: NamedOwners): Attribution | undefined {
  const { ip, pattern, source, example, exampleCount, hasOthers } = group;
  if (!hasOthers || source === 'library' || exampleCount > MAX_CONNECTIONS_PER_NUMBER) return undefined;
  if (!areNoHosts(group)) return undefined;
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
