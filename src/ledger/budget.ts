import { HygieneError } from '../core/errors.js';
import type { BudgetHolder, ConnectionCounts, CallSiteCount } from './connection-counts.js';

/** Places that are held until they are given back, once. */
export interface Reservation {
  release(): void;
}

/**
 * How many connections a process may hold. The count is that of the process, over all factories; the limit is that of
 * the factory which asks.
 */
export interface Budget {
  /**
   * Takes nothing.
   *
   * @throws HygieneError `HYG_LIMIT_CONNECTIONS` where so many places are not free
   */
  ensure(places?: number): void;
  /**
   * Takes the place of one connection.
   *
   * @throws HygieneError `HYG_LIMIT_CONNECTIONS` where none is free
   */
  take(holder: BudgetHolder): void;
  /** Takes one also where none is free. */
  count(holder: BudgetHolder): void;
  /** Gives it back. */
  giveBack(holder: BudgetHolder): void;
  /**
   * Takes places for connections that are opened later, as covered.
   *
   * @throws HygieneError `HYG_LIMIT_CONNECTIONS` where so many are not free
   */
  reserve(holder: BudgetHolder, places: number): Reservation;
}

export interface BudgetPorts {
  /** `limits.connections` of the factory. */
  readonly limit: number;
  /** Without frames no line can be named. */
  readonly callSiteFrames: number;
  readonly holdings: ConnectionCounts;
  /** Where it is given it hears what would be refused, and nothing is. */
  readonly onOver?: ((refusal: HygieneError) => void) | undefined;
}

/** So many lines and roles are named in a message; all of them are in its details. */
const SITES_TOLD = 3;
const ROLES_TOLD = 5;

function tellRoles(byRole: Readonly<Record<string, number>>): string {
  const roles = Object.entries(byRole);
  const told = roles.slice(0, ROLES_TOLD).map(([role, count]) => `${count} ${role}`);
  const left = roles.slice(ROLES_TOLD).reduce((sum, [, count]) => sum + count, 0);
  return [...told, ...(left > 0 ? [`${left} of other roles`] : [])].join(', ');
}

function tellSites(sites: readonly CallSiteCount[], callSiteFrames: number): string {
  if (sites.length === 0) {
    return callSiteFrames === 0
      ? 'The lines that opened them are not known, because callSiteFrames is 0.'
      : 'The lines that opened them are not known.';
  }
  const told = sites.slice(0, SITES_TOLD).map(({ site, count }) => `${count} by ${site}`);
  const others = sites.slice(SITES_TOLD);
  const left = others.reduce((sum, { count }) => sum + count, 0);
  const lines = others.length === 1 ? '1 other line' : `${others.length} other lines`;
  return `Opened: ${told.join(', ')}${left > 0 ? `, and ${left} by ${lines}` : ''}.`;
}

/** The budget as one factory has it. */
export function createBudget({ limit, callSiteFrames, holdings, onOver }: BudgetPorts): Budget {
  /** By this factory. Between two errors it tells how many others there were. */
  let refused = 0;

  function refusal(places: number): HygieneError {
    refused += 1;
    const { used } = holdings;
    const [byRole, bySite] = [holdings.byRole(), holdings.bySite()];
    const asked = places === 1 ? 'One more connection was' : `${places} more connections were`;
    const by = used === 0 ? '.' : ` (${tellRoles(byRole)}). ${tellSites(bySite, callSiteFrames)}`;
    return new HygieneError(
      'HYG_LIMIT_CONNECTIONS',
      `${asked} asked for, and limits.connections is ${limit}, of which ${used} are held${by}`,
      { details: { limit, used, asked: places, refused, byRole, bySite } },
    );
  }

  function ensure(places = 1): void {
    if (holdings.used + places <= limit) return;
    if (!onOver) throw refusal(places);
    onOver(refusal(places));
  }

  const count = (holder: BudgetHolder) => holdings.add(holder, 1);

  return {
    ensure,
    count,
    take(holder) {
      ensure();
      count(holder);
    },
    giveBack: (holder) => holdings.remove(holder, 1),
    reserve(holder, places) {
      ensure(places);
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
