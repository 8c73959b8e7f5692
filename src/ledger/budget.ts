import { HygieneError } from '../core/errors.js';
import type { Holder, Holdings, SiteCount } from './holdings.js';

/** Places that are held until they are given back, once. */
export interface Claim {
  release(): void;
}

/**
 * How many connections a process may hold. The count is that of the process, over all factories; the limit is that of
 * the factory which asks.
 *
 * Connections of role `sentinel` are counted, but never refused: without them no other one finds its server.
 */
export interface Budget {
  /**
   * Takes nothing.
   *
   * @throws HygieneError `HYG_LIMIT_CONNECTIONS` where so many places are not free
   */
  ensure(role: string, places?: number): void;
  /**
   * Takes the place of one connection.
   *
   * @throws HygieneError `HYG_LIMIT_CONNECTIONS` where none is free
   */
  take(holder: Holder): void;
  /** Gives it back. */
  giveBack(holder: Holder): void;
  /**
   * Takes places for connections that are opened later, as covered.
   *
   * @throws HygieneError `HYG_LIMIT_CONNECTIONS` where so many are not free
   */
  reserve(holder: Holder, places: number): Claim;
}

export interface BudgetPorts {
  /** `limits.connections` of the factory. */
  readonly limit: number;
  /** Without frames no line can be named. */
  readonly openerFrames: number;
  readonly holdings: Holdings;
}

/** So many lines are named in a message; all of them are in its details. */
const SITES_TOLD = 3;

function list(counts: readonly (readonly [string, number])[]): string {
  return counts.map(([what, count]) => `${count} ${what}`).join(', ');
}

function tellSites(sites: readonly SiteCount[], openerFrames: number): string {
  if (sites.length === 0) {
    return openerFrames === 0
      ? 'The lines that opened them are not known, because openerFrames is 0.'
      : 'The lines that opened them are not known.';
  }
  const told = list(sites.slice(0, SITES_TOLD).map(({ site, count }) => [`by ${site}`, count]));
  const left = sites.length - SITES_TOLD;
  return `Opened: ${told}${left > 0 ? `, and by ${left} other lines` : ''}.`;
}

/** The budget as one factory has it. */
export function createBudget({ limit, openerFrames, holdings }: BudgetPorts): Budget {
  /** By this factory. Between two errors it tells how many others there were. */
  let refused = 0;

  function refusal(places: number): HygieneError {
    refused += 1;
    const { used } = holdings;
    const [byRole, bySite] = [holdings.byRole(), holdings.bySite()];
    const asked = places === 1 ? 'One more connection was' : `${places} more connections were`;
    const held = used === 0 ? '' : ` (${list(Object.entries(byRole))}). ${tellSites(bySite, openerFrames)}`;
    return new HygieneError(
      'HYG_LIMIT_CONNECTIONS',
      `${asked} asked for, and limits.connections is ${limit}, of which ${used} are held${held || '.'}`,
      { details: { limit, used, asked: places, refused, byRole, bySite } },
    );
  }

  function ensure(role: string, places = 1): void {
    if (role !== 'sentinel' && holdings.used + places > limit) throw refusal(places);
  }

  return {
    ensure,
    take(holder) {
      ensure(holder.role);
      holdings.add(holder, 1);
    },
    giveBack: (holder) => holdings.remove(holder, 1),
    reserve(holder, places) {
      ensure(holder.role, places);
      holdings.add(holder, places);
      let held = places;
      return {
        release() {
          holdings.remove(holder, held);
          held = 0;
        },
      };
    },
  };
}
