/** So many, as they accrue with time. */
interface Allowance {
  /** Whether one more is allowed, at a time in milliseconds. */
  take(now: number): boolean;
}

/** Allows `most` at once, and `perMs` in the long run. */
function createAllowance(perMs: number, most: number): Allowance {
  let left = most;
  let at = 0;
  return {
    take(now) {
      left = Math.min(most, left + Math.max(0, now - at) * perMs);
      at = Math.max(at, now);
      if (left < 1) return false;
      left -= 1;
      return true;
    },
  };
}

/** How often a pool asks who somebody is. */
export interface Stacks {
  /**
   * Of those who borrow. A stack costs 2 µs, and up to 10 µs where other code has run in between: so there are 200 of
   * them in a second, or 0.2 % of the time, and at once as many as there are connections to hold. Only a pool that
   * lends more often than that has leases without a line.
   */
  readonly borrowers: Allowance;
  /** Of those who release: only a second release asks for it. */
  readonly releases: Allowance;
  /** Of callbacks whose line is looked up for an error: 0.4 ms each, and who asks too often gets the name alone. */
  readonly lines: Allowance;
}

/** For a pool of so many connections. */
export function createStacks(max: number): Stacks {
  return {
    borrowers: createAllowance(0.2, max),
    releases: createAllowance(0.05, 5),
    lines: createAllowance(0.02, 20),
  };
}
