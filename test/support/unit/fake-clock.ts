import type { Clock } from '../../../src/core/clock.js';

/** A clock that advances only when the test says so. */
export interface FakeClock extends Clock {
  /** Advances the time. Runs each timer when it is due, and then everything that was waiting for it. */
  readonly advance: (ms: number) => Promise<void>;
  /** Number of timers that have neither run nor been cancelled. */
  readonly pendingTimers: () => number;
}

interface PendingTimer {
  readonly at: number;
  readonly task: () => void;
}

/** Waits one turn of the event loop, so that all promises that wait for no timer can continue. */
export function turn(): Promise<void> {
  return new Promise((resolve) => void setImmediate(resolve));
}

export function createFakeClock({ startMs = 1_000_000, random = 0.5 } = {}): FakeClock {
  let now = startMs;
  const timers = new Set<PendingTimer>();

  function nextTimerUntil(end: number): PendingTimer | undefined {
    const due = [...timers].filter(({ at }) => at <= end);
    return due.sort((one, other) => one.at - other.at)[0];
  }

  function startTimer(ms: number, task: () => void): ReturnType<Clock['after']> {
    const timer = { at: now + ms, task };
    timers.add(timer);
    return { cancel: () => void timers.delete(timer) };
  }

  return {
    now: () => now,
    random: () => random,
    after: startTimer,
    afterRef: startTimer,
    async advance(ms) {
      const end = now + ms;
      await turn();
      for (let next = nextTimerUntil(end); next; next = nextTimerUntil(end)) {
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
