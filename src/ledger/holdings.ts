import type { ConnectionFacts } from './ledger.js';
import { createTally } from './tally.js';
import { processWide } from '../core/process-wide.js';

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
