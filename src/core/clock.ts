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

/** A point in time that several steps share. */
export interface Deadline {
  /** Milliseconds left, never negative. */
  remainingMs(): number;
  /** Waits for `work` until the deadline. Its failure counts as done: whoever made the promise reads it. */
  race(work: Promise<unknown>): Promise<'done' | 'late'>;
}

export function createDeadline(clock: Clock, ms: number): Deadline {
  const end = clock.now() + ms;
  const remainingMs = () => Math.max(0, end - clock.now());
  return {
    remainingMs,
    race: (work) =>
      new Promise((resolve) => {
        const timer = clock.after(remainingMs(), () => resolve('late'));
        const done = () => {
          timer.cancel();
          resolve('done');
        };
        work.then(done, done);
      }),
  };
}

/**
 * Passes the first one on at once, and of those that follow within `ms` only the last one, when they are over: so
 * each passage has at least `ms` before the next, and nothing ends untold.
 */
export function throttle<T>(clock: Clock, ms: number, pass: (value: T) => void): (value: T) => void {
  let isQuiet = false;
  let last: { readonly value: T } | undefined;

  function tell(value: T): void {
    isQuiet = true;
    last = undefined;
    clock.after(ms, () => {
      isQuiet = false;
      if (last) tell(last.value);
    });
    pass(value);
  }

  return (value) => {
    if (isQuiet) last = { value };
    else tell(value);
  };
}
