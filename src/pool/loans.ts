import type { Loan } from './lease.js';

/** The leases at present. Each knows its slot, so that coming and going cost next to nothing. */
export class Loans {
  readonly #slots: Loan[] = [];

  add(loan: Loan): void {
    loan.slot = this.#slots.push(loan) - 1;
  }

  /** The last one takes the slot of the one that goes. May be called again. */
  remove(loan: Loan): void {
    if (this.#slots[loan.slot] !== loan) return;
    const last = this.#slots.pop();
    if (!last || last === loan) return;
    this.#slots[loan.slot] = last;
    last.slot = loan.slot;
  }

  /** The longest first. */
  all(): readonly Loan[] {
    return [...this.#slots].sort((one, other) => one.since - other.since);
  }
}
