import { processWide } from '../core/process-wide.js';
import type { ConnectionFacts, ConnectionInfo } from './connection.js';

/** Counts by name. A name whose count falls to 0 is removed, so that a long-running process does not collect names. */
export interface Tally {
  /** Changes a count, and returns the new one. */
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

/** The role and call site under which a connection is counted. */
export type BudgetHolder = Pick<ConnectionFacts, 'role' | 'callSite'>;

/** How many connections one line of code has opened. */
export interface CallSiteCount {
  /** The innermost frame of the call site, with file and line. */
  readonly location: string;
  /** Number of open or reserved connections. */
  readonly count: number;
}

/** Open and reserved connections, counted by role and by call site. */
export interface ConnectionCounts {
  readonly used: number;
  add(holder: BudgetHolder, count: number): void;
  remove(holder: BudgetHolder, count: number): void;
  /** Largest first. */
  byRole(): Readonly<Record<string, number>>;
  /** Largest first. Connections whose call site is unknown are left out. */
  byCallSite(): readonly CallSiteCount[];
}

export function createConnectionCounts(): ConnectionCounts {
  const roles = createTally();
  const sites = createTally();
  let used = 0;

  function change({ role, callSite: [location] }: BudgetHolder, by: number): void {
    used += by;
    roles.add(role, by);
    if (location !== undefined) sites.add(location, by);
  }

  return {
    get used() {
      return used;
    },
    add: change,
    remove: (holder, count) => change(holder, -count),
    byRole: () => Object.fromEntries(roles.largestFirst()),
    byCallSite: () => sites.largestFirst().map(([location, count]) => ({ location, count })),
  };
}

/** The connections of all factories of this process. */
export const processConnectionCounts = processWide('connection counts', () => createConnectionCounts());

/** A line of code that has more open clients than `limits.perCallSite`. */
export interface SuspectReport {
  /** The innermost frame of the call site, with file and line. */
  readonly location: string;
  /** Number of open clients of this line, over all factories of the process. */
  readonly count: number;
  /** `limits.perCallSite`. */
  readonly limit: number;
  /** The call site of the newest client, innermost frame first. */
  readonly callSite: readonly string[];
  /** The connection of the newest client. */
  readonly connection: ConnectionInfo;
}

/** Counts the open clients of each line of code. */
export interface CallSiteMonitor {
  add(facts: ConnectionFacts, info: () => ConnectionInfo): void;
  remove(facts: ConnectionFacts): void;
}

/** The open clients of all factories of this process, by line of code. */
export const processOpenClients = processWide('open clients', () => createTally());

/** The query of a module's URL, with which hot reloading loads a changed module again: `redis.js?t=1700000000:4:22`. */
const RELOAD_QUERY = /\?[^?()]*?(?=:\d+:\d+\)?$)/;

/**
 * Reports each line of code that has more than `limit` open clients. They are counted for the whole process, because a
 * module that is reloaded, or a function that runs again and again, may create a factory each time. A line is reported
 * once by each factory, and again only after its count has fallen to half the limit, so that a count around the limit does
 * not repeat the report. Each factory has its own monitor, because it has its own limit and events.
 */
export function createCallSiteMonitor(
  limit: number,
  onSuspect: (report: SuspectReport) => void,
  open = createTally(),
): CallSiteMonitor {
  const reported = new Set<string>();

  function change({ callSite: [location] }: ConnectionFacts, by: number) {
    const line = location?.replace(RELOAD_QUERY, '');
    if (line === undefined || location === undefined) return undefined;
    const count = open.add(line, by);
    if (count - Math.max(by, 0) <= limit / 2) reported.delete(line);
    return { location, line, count };
  }

  return {
    add(facts, info) {
      const changed = change(facts, 1);
      if (!changed || changed.count <= limit || reported.has(changed.line)) return;
      const { location, line, count } = changed;
      reported.add(line);
      onSuspect({ location, count, limit, callSite: facts.callSite, connection: info() });
    },
    remove: (facts) => void change(facts, -1),
  };
}
