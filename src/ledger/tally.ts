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
