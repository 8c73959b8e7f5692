import { processWide } from '../core/process-wide.js';
import type { ConnectionFacts, ConnectionInfo } from './connection.js';

/** Counts by name. A name whose count is 0 takes no memory: what a long-lived process has closed is forgotten. */
export interface Tally {
  /** Gives the new count. */
  add(name: string, by: number): number;
  largestFirst(): readonly (readonly [name: string, count: number])[];
}

export function createTally(): Tally {
  const counts = new Map<string, number>();
  return {
    add(name, by) {
      const count = (counts.get(name) ?? 0) + by;
      if (count > 0) counts.set(name, count);
      else counts.delete(name);
      return count;
    },
    largestFirst: () => [...counts].sort(([, one], [, other]) => other - one),
  };
}

/** Whose a place is, as far as a full budget names them. */
export type Holder = Pick<ConnectionFacts, 'role' | 'opener'>;

/** What one line of code holds. */
export interface SiteCount {
  /** The innermost frame of the opener, with file and line. */
  readonly site: string;
  readonly count: number;
}

/** The places in use, counted by who holds them. */
export interface Holdings {
  readonly used: number;
  add(holder: Holder, places: number): void;
  remove(holder: Holder, places: number): void;
  /** Largest first. */
  byRole(): Readonly<Record<string, number>>;
  /** Largest first. Places whose opener is not known are not among them. */
  bySite(): readonly SiteCount[];
}

export function createHoldings(): Holdings {
  const roles = createTally();
  const sites = createTally();
  let used = 0;

  function change({ role, opener: [site] }: Holder, places: number): void {
    used += places;
    roles.add(role, places);
    if (site !== undefined) sites.add(site, places);
  }

  return {
    get used() {
      return used;
    },
    add: change,
    remove: (holder, places) => change(holder, -places),
    byRole: () => Object.fromEntries(roles.largestFirst()),
    bySite: () => sites.largestFirst().map(([site, count]) => ({ site, count })),
  };
}

/** Those of this process, for all factories. */
export const processHoldings = processWide('holdings', () => createHoldings());

/** One line of code that has more open clients than a line of code should have. */
export interface Suspicion {
  /** The innermost frame of their opener, with file and line. */
  readonly site: string;
  /** How many it has open. */
  readonly count: number;
  /** `limits.perCallSite`. */
  readonly limit: number;
  /** The call site of the newest one, innermost frame first. */
  readonly opener: readonly string[];
  /** The newest one. */
  readonly connection: ConnectionInfo;
}

/** Counts the open clients of each line of code. */
export interface Suspects {
  opened(facts: ConnectionFacts, info: () => ConnectionInfo): void;
  closed(facts: ConnectionFacts): void;
}

/**
 * Tells of each line of code once, and again only after it has fallen back to half the limit: a line that opens and
 * closes around the limit is not told of each time. Each factory counts for itself, as it has its own events.
 */
export function createSuspects(limit: number, onSuspect: (suspicion: Suspicion) => void): Suspects {
  const open = createTally();
  const told = new Set<string>();
  return {
    opened({ opener }, info) {
      const [site] = opener;
      if (site === undefined) return;
      const count = open.add(site, 1);
      if (count <= limit || told.has(site)) return;
      told.add(site);
      onSuspect({ site, count, limit, opener, connection: info() });
    },
    closed({ opener: [site] }) {
      if (site !== undefined && open.add(site, -1) <= limit / 2) told.delete(site);
    },
  };
}
