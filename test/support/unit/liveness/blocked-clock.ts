import { createFakeClock, type FakeClock } from '../fake-clock.js';

/** A clock whose event loop can be blocked: time goes on, and every timer comes later by as much. */
export interface BlockedClock extends FakeClock {
  readonly block: (ms: number) => void;
  /** Gives the next random numbers. */
  readonly draw: (random: number) => void;
}

/** With this number a connection with the usual pace loses patience after 14.25 s, and is pinged at 14.5 s. */
const USUAL = 0.643;

export function createBlockedClock(random = USUAL): BlockedClock {
  const clock = createFakeClock();
  let blockedMs = 0;
  let drawn = random;
  return {
    ...clock,
    now: () => clock.now() + blockedMs,
    random: () => drawn,
    block: (ms) => void (blockedMs += ms),
    draw: (next) => void (drawn = next),
  };
}
