import { type BackoffBounds, fullJitter } from '../core/backoff.js';
import type { Clock } from '../core/clock.js';

/** So long after the last pause a server may have become a replica anew. */
const FORGOTTEN_MS = 60_000;

/** At least, and at most on top of it: short, since a name may lead to the new master at any moment. */
const LEAST_MS = 1_000;
const MORE: BackoffBounds = { baseMs: 1_000, capMs: 4_000 };

/**
 * Whether a reply of READONLY is a reason to dial anew. The first one is. Where the successors of those connections
 * get it too the address still leads to a replica, or always did: a dial for each write would help nobody.
 */
export interface Demotions {
  isReason(): boolean;
}

export function createDemotions(clock: Pick<Clock, 'now' | 'random'>): Demotions {
  let renewals = 0;
  let nextAt = 0;
  return {
    isReason() {
      const now = clock.now();
      if (now < nextAt) return false;
      if (now - nextAt > FORGOTTEN_MS) renewals = 0;
      renewals += 1;
      nextAt = now + LEAST_MS + fullJitter(renewals, MORE, clock.random());
      return true;
    },
  };
}
