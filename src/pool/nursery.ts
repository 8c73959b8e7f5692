import { type BackoffBounds, fullJitter } from '../core/backoff.js';
import type { Clock } from '../core/clock.js';

/** A connection that was lost sooner than this after it had become ready died young. */
const YOUNG_MS = 1_000;

/**
 * How long to wait before the next connection is made: a server, or a proxy, that closes connections as soon as they
 * are ready is not dialled in a loop.
 */
export interface Nursery {
  /** A connection was lost, `ageMs` after it had become ready. Gives whether that was too soon. */
  lost(ageMs: number): boolean;
  /**
   * A connection of this age has answered its borrower. A young one shows that the server serves, not that it lets
   * connections live: the wait is a short one then, and not none.
   */
  served(ageMs: number): void;
  delayMs(): number;
}

export function createNursery(clock: Pick<Clock, 'random'>, bounds: BackoffBounds): Nursery {
  let deaths = 0;
  return {
    lost(ageMs) {
      deaths = ageMs < YOUNG_MS ? deaths + 1 : 0;
      return deaths > 0;
    },
    served(ageMs) {
      deaths = ageMs < YOUNG_MS ? Math.min(deaths, 1) : 0;
    },
    delayMs: () => (deaths === 0 ? 0 : fullJitter(deaths, bounds, clock.random())),
  };
}
