import type { ClientRow } from '../client-list/client-row.js';

/** What became of a server some time after connections were closed. */
export interface Settlement {
  readonly afterSeconds: number;
  /** Number of all connections of the server. */
  readonly clients: number;
  /** Connections that were closed and have been replaced, by name and address, the largest number first. */
  readonly returned: readonly ReturnedConnections[];
}

/** New connections in the place of closed ones. */
export interface ReturnedConnections {
  /** Connection name; `''` if they have none. */
  readonly name: string;
  /** Client address without the port. */
  readonly ip: string;
  readonly count: number;
}

/**
 * Compares a list with the one before connections were closed. A new connection with the name and the address of a closed
 * one has taken its place: its owner runs and connects again.
 *
 * @param before ids of the list before
 * @param closed rows that were closed
 * @param now rows that are listed now
 */
export function findReturned(
  before: ReadonlySet<number>,
  closed: readonly ClientRow[],
  now: readonly ClientRow[],
): ReturnedConnections[] {
  const closedCounts = countByOwner(closed);
  const newCounts = countByOwner(now.filter(({ id }) => !before.has(id)));
  const returned = [...closedCounts].flatMap(([owner, closedOnes]) => {
    const count = Math.min(closedOnes.count, newCounts.get(owner)?.count ?? 0);
    return count === 0 ? [] : [{ ...closedOnes, count }];
  });
  return returned.sort((one, other) => other.count - one.count);
}

/** Rows by name and address. */
function countByOwner(rows: readonly ClientRow[]): ReadonlyMap<string, ReturnedConnections> {
  const counts = new Map<string, ReturnedConnections>();
  for (const { name, ip } of rows) {
    const key = `${ip} ${name}`;
    counts.set(key, { name, ip, count: (counts.get(key)?.count ?? 0) + 1 });
  }
  return counts;
}
