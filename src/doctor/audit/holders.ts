import type { Claim } from '../attribution/claim.js';
import type { ClientRow } from '../client-list/row.js';

/** Somebody, and the connections that are held. */
export interface Holder {
  readonly claim: Claim;
  readonly rows: readonly ClientRow[];
}

function byCount(one: Holder, other: Holder): number {
  return other.rows.length - one.rows.length || (one.claim.owner < other.claim.owner ? -1 : 1);
}

/** Things by a key; those with none are left out. */
export function gather<T>(
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
export function holdersOf(rows: readonly ClientRow[], ownerOf: (row: ClientRow) => Claim): readonly Holder[] {
  const groups = gather(rows, (row) => ownerOf(row).owner);
  return [...groups.values()]
    .map((group) => ({ claim: ownerOf(group[0] as ClientRow), rows: group }))
    .sort(byCount);
}

/**
 * The services behind holders, where one has several: a hundred pods that leak a little each are one leak. The
 * confidence is that of the first.
 */
export function servicesOf(holders: readonly Holder[]): readonly Holder[] {
  const services = new Map<string, Holder[]>();
  for (const holder of holders) {
    const { service } = holder.claim;
    if (service !== undefined) services.set(service, [...(services.get(service) ?? []), holder]);
  }
  return [...services]
    .filter(([, members]) => members.length > 1)
    .map(([service, members]) => {
      const { source, confidence } = (members[0] as Holder).claim;
      return {
        claim: { owner: service, source, confidence, service },
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
export function floorFor({ claim }: Holder, floor: number): number {
  return claim.confidence === 'ambiguous' ? floor * AMBIGUOUS_FACTOR : floor;
}
