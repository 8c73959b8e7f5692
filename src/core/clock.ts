import { performance } from 'node:perf_hooks';

/** A timer that does not keep the process alive. */
interface Timer {
  cancel(): void;
}

/** Time and randomness: everything in src that depends on them takes them from here, so tests own them. */
export interface Clock {
  /** Whole milliseconds since the epoch, never running backwards (wall time at process start + monotonic time). */
  now(): number;
  /** Runs `task` once after `ms` milliseconds, unless cancelled. */
  after(ms: number, task: () => void): Timer;
  /** A number in [0, 1). */
  random(): number;
}

export const systemClock: Clock = {
  now: () => Math.round(performance.timeOrigin + performance.now()),
  after(ms, task) {
    const timeout = setTimeout(task, ms);
    timeout.unref();
    return { cancel: () => clearTimeout(timeout) };
  },
  random: Math.random,
};
