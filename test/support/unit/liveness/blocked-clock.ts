import { createFakeClock, type FakeClock } from '../fake-clock.js';

/** A fake clock whose event loop can be blocked: time passes, and every timer is late by that time. */
export interface BlockedClock extends FakeClock {
  readonly block: (ms: number) => void;
  /** Sets the result of the next calls of `random()`. */
  readonly setRandom: (random: number) => void;
}

/** With this random number and the default settings, 14.25 s of silence are allowed, and a PING is sent after 14.5 s. */
const DEFAULT_RANDOM = 0.643;

export function createBlockedClock(random = DEFAULT_RANDOM): BlockedClock {
  const clock = createFakeClock();
  let blockedMs = 0;
  let currentRandom = random;
  return {
    ...clock,
    now: () => clock.now() + blockedMs,
    random: () => currentRandom,
    block: (ms) => void (blockedMs += ms),
    setRandom: (next) => void (currentRandom = next),
  };
}
