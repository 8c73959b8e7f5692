import { type BackoffBounds, fullJitter } from '../../core/backoff.js';
import type { Clock } from '../../core/clock.js';

/** Says how long to wait after a loss. */
export interface Pace {
  /** 0 for a loss after a quiet time, else full jitter that grows with each. */
  afterLoss(): number;
}

/** Two attempts in a second, in the mean: messages are missed meanwhile, and a failover takes a second or more. */
const CAP_MS = 1_000;

/** Longer than two losses are apart where nothing answers. */
const QUIET_MS = 2 * CAP_MS;

/** ioredis picks the next node at once, also where none takes the connection: 50 dials in a second, measured. */
export function createPace(clock: Clock, baseMs: number): Pace {
  const bounds: BackoffBounds = { baseMs: Math.min(baseMs, CAP_MS), capMs: CAP_MS };
  let lastAt = -Infinity;
  let losses = 0;
  return {
    afterLoss() {
      const now = clock.now();
      losses = now - lastAt > QUIET_MS ? 0 : losses + 1;
      lastAt = now;
      return losses === 0 ? 0 : fullJitter(losses, bounds, clock.random());
    },
  };
}
