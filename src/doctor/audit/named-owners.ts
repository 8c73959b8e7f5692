import type { Attribution } from '../attribution/attribution.js';
import { isLoopback, isUnixSocket } from '../attribution/ip-address.js';
import type { ClientRow } from '../client-list/client-row.js';
import { namePattern } from './name-pattern.js';

type OwnerOf = (row: ClientRow) => Attribution;

/** Connections at most that share a name which was made for a single connection: one that is used, one that replaces it. */
const MAX_ROWS_OF_SINGLE_NAME = 2;

/** Different single names of one address. A host has fewer programs that each name a connection by its purpose. */
const MIN_SINGLE_NAMES = 50;

/** Chosen names of one address that have the same pattern. */
interface NameGroup {
  readonly ip: string;
  readonly pattern: string;
  readonly firstName: string;
  isNumbered: boolean;
  rows: number;
}

/**
 * Owners of connections, where a name that was chosen for one connection is no owner: a program that calls its connections
 * `worker-1`, `worker-2` and so on is one owner, `worker-* at 10.0.0.5`. Names that have no pattern in common count as one
 * owner too, the address, if an address has very many of them.
 */
export function mergeNumberedNames(rows: readonly ClientRow[], ownerOf: OwnerOf): OwnerOf {
  const groups = groupByPattern(rows.filter((row) => ownerOf(row).source === 'other-name'));
  const singleNames = new Map<string, number>();
  for (const { ip, rows: count } of groups.values()) {
    if (count <= MAX_ROWS_OF_SINGLE_NAME) singleNames.set(ip, (singleNames.get(ip) ?? 0) + 1);
  }
  const merged = new Map<string, Attribution | undefined>();
  for (const [key, group] of groups) {
    const names = singleNames.get(group.ip) ?? 0;
    const isSingle = group.rows <= MAX_ROWS_OF_SINGLE_NAME && names >= MIN_SINGLE_NAMES;
    merged.set(key, isSingle ? addressOwner(group.ip, names) : patternOwner(group));
  }
  return (row) => {
    const owner = ownerOf(row);
    return owner.source === 'other-name'
      ? (merged.get(groupKey(row.ip, namePattern(row.name))) ?? owner)
      : owner;
  };
}

const groupKey = (ip: string, pattern: string) => `${ip} ${pattern}`;

function groupByPattern(rows: readonly ClientRow[]): ReadonlyMap<string, NameGroup> {
  const groups = new Map<string, NameGroup>();
  for (const { ip, name } of rows) {
    const pattern = namePattern(name);
    const key = groupKey(ip, pattern);
    const group = groups.get(key);
    if (group) {
      group.rows += 1;
      group.isNumbered ||= group.firstName !== name;
    } else {
      groups.set(key, { ip, pattern, firstName: name, isNumbered: false, rows: 1 });
    }
  }
  return groups;
}

function patternOwner({ ip, pattern, isNumbered, firstName }: NameGroup): Attribution | undefined {
  if (!isNumbered) return undefined;
  return {
    owner: `${pattern} at ${ip}`,
    ...{ source: 'other-name', confidence: 'likely' },
    note: `numbered names, such as ${firstName}`,
  };
}

function addressOwner(ip: string, names: number): Attribution {
  const confidence = isLoopback(ip) || isUnixSocket(ip) ? 'ambiguous' : 'likely';
  return { owner: ip, source: 'address', confidence, note: `${names} different names` };
}
