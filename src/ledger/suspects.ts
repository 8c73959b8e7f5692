import type { ConnectionFacts, ConnectionInfo } from './ledger.js';
import { createTally } from './tally.js';

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
