import type { Clock } from '../../../src/core/clock.js';

/** A clock that stands still until the test moves it. */
export interface FakeClock extends Clock {
  /** Moves time on, running each timer at its moment and whatever waits for it right after. */
  readonly advance: (ms: number) => Promise<void>;
  /** How many timers have neither run nor been cancelled. */
  readonly pendingTimers: () => number;
}

interface PendingTimer {
  readonly at: number;
  readonly task: () => void;
}

/** One turn of the event loop: every promise that waits for no timer goes on. */
export function turn(): Promise<void> {
  return new Promise((resolve) => void setImmediate(resolve));
}

export function createFakeClock({ startMs = 1_000_000, random = 0.5 } = {}): FakeClock {
  let now = startMs;
  const timers = new Set<PendingTimer>();

  function nextUntil(end: number): PendingTimer | undefined {
    const due = [...timers].filter(({ at }) => at <= end);
    return due.sort((one, other) => one.at - other.at)[0];
  }

  function start(ms: number, task: () => void): ReturnType<Clock['after']> {
    const timer = { at: now + ms, task };
    timers.add(timer);
    return { cancel: () => void timers.delete(timer) };
  }

  return {
    now: () => now,
    random: () => random,
    after: start,
    hold: start,
    async advance(ms) {
      const end = now + ms;
      await turn();
      for (let next = nextUntil(end); next; next = nextUntil(end)) {
        timers.delete(next);
        now = next.at;
        next.task();
        await turn();
      }
      now = end;
    },
    pendingTimers: () => timers.size,
  };
}
