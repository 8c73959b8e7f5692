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
export type BudgetHolder = Pick<ConnectionFacts, 'role' | 'callSite'>;

/** What one line of code holds. */
export interface CallSiteCount {
  /** The innermost frame of the callSite, with file and line. */
  readonly site: string;
  readonly count: number;
}

/** The places in use, counted by who holds them. */
export interface ConnectionCounts {
  readonly used: number;
  add(holder: BudgetHolder, places: number): void;
  remove(holder: BudgetHolder, places: number): void;
  /** Largest first. */
  byRole(): Readonly<Record<string, number>>;
  /** Largest first. Places whose callSite is not known are not among them. */
  bySite(): readonly CallSiteCount[];
}

export function createConnectionCounts(): ConnectionCounts {
  const roles = createTally();
  const sites = createTally();
  let used = 0;

  function change({ role, callSite: [site] }: BudgetHolder, places: number): void {
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
export const processConnectionCounts = processWide('holdings', () => createConnectionCounts());

/** One line of code that has more open clients than a line of code should have. */
export interface Suspicion {
  /** The innermost frame of their callSite, with file and line. */
  readonly site: string;
  /** How many it has open. */
  readonly count: number;
  /** `limits.perCallSite`. */
  readonly limit: number;
  /** The call site of the newest one, innermost frame first. */
  readonly callSite: readonly string[];
  /** The newest one. */
  readonly connection: ConnectionInfo;
}

/** Counts the open clients of each line of code. */
export interface CallSiteMonitor {
  opened(facts: ConnectionFacts, info: () => ConnectionInfo): void;
  closed(facts: ConnectionFacts): void;
}

/**
 * Tells of each line of code once, and again only after it has fallen back to half the limit: a line that opens and
 * closes around the limit is not told of each time. Each factory counts for itself, as it has its own events.
 */
export function createCallSiteMonitor(
  limit: number,
  onSuspect: (suspicion: Suspicion) => void,
): CallSiteMonitor {
  const open = createTally();
  const told = new Set<string>();
  return {
    opened({ callSite }, info) {
      const [site] = callSite;
      if (site === undefined) return;
      const count = open.add(site, 1);
      if (count <= limit || told.has(site)) return;
      told.add(site);
      onSuspect({ site, count, limit, callSite, connection: info() });
    },
    closed({ callSite: [site] }) {
      if (site !== undefined && open.add(site, -1) <= limit / 2) told.delete(site);
    },
  };
}
