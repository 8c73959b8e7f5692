import { describe } from './borrower.js';
import type { Loan } from './lease.js';

/** One lease: who holds it, and for how long. */
export interface LeaseReport {
  /** Name of the pool's connections, as in CLIENT LIST. */
  readonly pool: string;
  /** Name of the function that borrowed, as far as it has one. */
  readonly name: string;
  /** Where that is: `file:line:column`. */
  readonly site: string;
  /** Both, as a stack frame shows them. */
  readonly stack: string;
  /** When it was borrowed, in milliseconds since the epoch. */
  readonly since: number;
  /** How long it has been held, in milliseconds. */
  readonly heldMs: number;
  /** The command that its borrower sent last, without arguments. */
  readonly lastCommand: string | undefined;
}

/** What `close()` of a pool did. */
export interface PoolReport {
  /** Connections that closed with nothing lent. */
  readonly closed: number;
  /** Connections that were taken from their borrowers, because these did not release them in time. */
  readonly forced: number;
  /** Who these were, longest first. */
  readonly leases: readonly LeaseReport[];
}

export function reportLease(pool: string, loan: Loan, now: number, borrower = loan.borrower): LeaseReport {
  const { since, member } = loan;
  const { name, site } = borrower;
  const { last: lastCommand } = member.traces;
  return { pool, name, site, stack: describe(borrower), since, heldMs: now - since, lastCommand };
}

/** So many are named in a message; all of them are in its details. */
const HOLDERS_TOLD = 5;

function tell({ stack, heldMs, lastCommand }: LeaseReport): string {
  return `${stack} for ${heldMs} ms${lastCommand === undefined ? '' : `, last command ${lastCommand}`}`;
}

/** Who holds connections, longest first, in a sentence. */
export function tellHolders(holders: readonly LeaseReport[], max: number): string {
  if (holders.length === 0) return `None of its ${max} connections is lent: there is none that could be.`;
  const told = holders.slice(0, HOLDERS_TOLD).map(tell).join('; ');
  const more = holders.length > HOLDERS_TOLD ? `; and ${holders.length - HOLDERS_TOLD} more` : '';
  return `Of ${max} connections ${holders.length} are lent, longest first: ${told}${more}.`;
}
