import { performance } from 'node:perf_hooks';

interface Timer {
  cancel(): void;
}

/** Time and randomness: everything in src that depends on them takes them from here, so tests own them. */
export interface Clock {
  /** Whole milliseconds since the epoch, never running backwards (wall time at process start + monotonic time). */
  now(): number;
  /** Runs `task` once after `ms` milliseconds, unless cancelled. Does not keep the process alive. */
  after(ms: number, task: () => void): Timer;
  /** The same, and keeps the process alive: for a connection that the application waits for. */
  hold(ms: number, task: () => void): Timer;
  /** A number in [0, 1). */
  random(): number;
}

function start(ms: number, task: () => void, keep: 'ref' | 'unref'): Timer {
  const timeout = setTimeout(task, ms)[keep]();
  return { cancel: () => clearTimeout(timeout) };
}

/** Read once: the getter costs as much as the clock. */
const ORIGIN = performance.timeOrigin;

export const systemClock: Clock = {
  now: () => Math.round(ORIGIN + performance.now()),
  after: (ms, task) => start(ms, task, 'unref'),
  hold: (ms, task) => start(ms, task, 'ref'),
  random: Math.random,
};
