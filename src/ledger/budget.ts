import { HygieneError } from '../core/errors.js';
import type { BudgetHolder, CallSiteCount, ConnectionCounts } from './connection-counts.js';

/**
 * Limits how many connections a process may hold. Connections are counted for the whole process, over all factories; each
 * factory compares the count with its own limit.
 */
export interface Budget {
  /**
   * Checks that `count` more connections are within the limit, and counts nothing.
   *
   * @throws HygieneError `HYG_LIMIT_CONNECTIONS`
   */
  ensureFree(count?: number): void;
  /**
   * Counts one connection, if it is within the limit.
   *
   * @throws HygieneError `HYG_LIMIT_CONNECTIONS`
   */
  acquire(holder: BudgetHolder): void;
  /** Counts one connection, even if it exceeds the limit. */
  acquireExempt(holder: BudgetHolder): void;
  /** Counts one connection that cannot be refused, because another library opens it. Exceeding the limit is reported. */
  acquireObserved(holder: BudgetHolder): void;
  /** Ends the counting of one connection. */
  release(holder: BudgetHolder): void;
  /**
   * Counts connections in advance. The holder opens them later, with the class `reserved`.
   *
   * @throws HygieneError `HYG_LIMIT_CONNECTIONS`
   */
  reserve(holder: BudgetHolder, count: number): Reservation;
}

/** Connections that are counted in advance. */
export interface Reservation {
  /** Ends the counting of these connections. Further calls do nothing. */
  release(): void;
}

export interface BudgetPorts {
  /** `limits.connections` of the factory. */
  readonly limit: number;
  /** With 0 frames, messages cannot name call sites. */
  readonly callSiteFrames: number;
  readonly counts: ConnectionCounts;
  /** If given, called with the error instead of throwing it, and the connection is opened all the same. */
  readonly onExceeded?: ((error: HygieneError) => void) | undefined;
  /** Called when a connection that cannot be refused exceeds the limit. */
  readonly onOverrun?: ((error: HygieneError) => void) | undefined;
}

/** Creates the budget of one factory. */
export function createBudget({ limit, callSiteFrames, counts, onExceeded, onOverrun }: BudgetPorts): Budget {
  /** Refusals of this factory so far. `error` events are throttled, so the number shows how many were left out. */
  let refused = 0;

  function limitError(asked: number): HygieneError {
    refused += 1;
    const { used } = counts;
    const [byRole, byCallSite] = [counts.byRole(), counts.byCallSite()];
    const request = asked === 1 ? 'One more connection was' : `${asked} more connections were`;
    const holders =
      used === 0 ? '.' : ` (${describeRoles(byRole)}). ${describeSites(byCallSite, callSiteFrames)}`;
    return new HygieneError(
      'HYG_LIMIT_CONNECTIONS',
      `${request} requested, but limits.connections is ${limit}. In use: ${used}${holders}`,
      { details: { limit, used, asked, refused, byRole, byCallSite } },
    );
  }

  function ensureFree(count = 1): void {
    if (counts.used + count <= limit) return;
    const error = limitError(count);
    if (!onExceeded) throw error;
    onExceeded(error);
  }

  const acquireExempt = (holder: BudgetHolder) => counts.add(holder, 1);

  return {
    ensureFree,
    acquireExempt,
    acquireObserved(holder) {
      if (counts.used >= limit) onOverrun?.(limitError(1));
      acquireExempt(holder);
    },
    acquire(holder) {
      ensureFree();
      acquireExempt(holder);
    },
    release: (holder) => counts.remove(holder, 1),
    reserve(holder, count) {
      ensureFree(count);
      counts.add(holder, count);
      let held = count;
      return {
        release() {
          counts.remove(holder, held);
          held = 0;
        },
      };
    },
  };
}

/** How many call sites a message lists. `details` contains all of them. */
const MAX_LISTED_SITES = 3;
/** How many roles a message lists. `details` contains all of them. */
const MAX_LISTED_ROLES = 5;

function describeRoles(byRole: Readonly<Record<string, number>>): string {
  const roles = Object.entries(byRole);
  const listed = roles.slice(0, MAX_LISTED_ROLES).map(([role, count]) => `${count} ${role}`);
  const others = roles.slice(MAX_LISTED_ROLES).reduce((sum, [, count]) => sum + count, 0);
  return [...listed, ...(others > 0 ? [`${others} of other roles`] : [])].join(', ');
}

function describeSites(sites: readonly CallSiteCount[], callSiteFrames: number): string {
  if (sites.length === 0) {
    return callSiteFrames === 0
      ? 'The lines that opened them are not known, because callSiteFrames is 0.'
      : 'The lines that opened them are not known.';
  }
  const listed = sites.slice(0, MAX_LISTED_SITES).map(({ location, count }) => `${count} by ${location}`);
  const others = sites.slice(MAX_LISTED_SITES);
  const otherCount = others.reduce((sum, { count }) => sum + count, 0);
  const lines = others.length === 1 ? '1 other line' : `${others.length} other lines`;
  return `Opened: ${listed.join(', ')}${otherCount > 0 ? `, and ${otherCount} by ${lines}` : ''}.`;
}
