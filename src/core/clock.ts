import timers from 'node:timers';

interface Timer {
  cancel(): void;
}

/** Time, timers and randomness. All of src takes them from a clock, so that tests can control them. */
export interface Clock {
  /** Whole milliseconds since the epoch, never running backwards (wall time when redis-hygiene was loaded + monotonic time). */
  now(): number;
  /** Runs `task` once after `ms` milliseconds, unless cancelled. The timer does not keep the process alive. */
  after(ms: number, task: () => void): Timer;
  /** Like `after`, with a timer that keeps the process alive: for a connection that the application waits for. */
  afterRef(ms: number, task: () => void): Timer;
  /** A random number in [0, 1). */
  random(): number;
}

/** What `setTimeout` may return: a browser's (jsdom) returns a number, and that of a test what the test likes. */
type AnyTimeout = Partial<NodeJS.Timeout> | undefined;

function startTimer(ms: number, task: () => void, mode: 'ref' | 'unref'): Timer {
  const timeout = setTimeout(task, ms);
  (timeout as AnyTimeout)?.[mode]?.();
  return { cancel: () => clearTimeout(timeout) };
}

/** Milliseconds of a clock that never runs backwards. Node loads `performance` when it is first used; this is there at once. */
function monotonicMs(): number {
  const [seconds, nanoseconds] = process.hrtime();
  return seconds * 1_000 + nanoseconds / 1_000_000;
}

/** What the monotonic clock showed at the epoch, according to the wall clock of now. */
const EPOCH_MS = monotonicMs() - Date.now();

/** The clock of this process. */
export const systemClock: Clock = {
  now: () => Math.round(monotonicMs() - EPOCH_MS),
  after: (ms, task) => startTimer(ms, task, 'unref'),
  afterRef: (ms, task) => startTimer(ms, task, 'ref'),
  random: Math.random,
};

/**
 * Creates a function that waits for some milliseconds, and keeps the process alive meanwhile. Its timers are the ones that
 * Node has now: a test may replace the global ones by others that it moves itself.
 */
export function createPause(): (ms: number) => Promise<void> {
  const { setTimeout: start } = timers;
  return (ms) => new Promise((resolve) => void start(resolve, ms));
}

/** A point in time that several steps share. */
export interface Deadline {
  /** Milliseconds until the deadline, never negative. */
  remainingMs(): number;
  /** Waits for `work` until the deadline. A rejection counts as done; the caller reads it from its own promise. */
  race(work: Promise<unknown>): Promise<'done' | 'late'>;
}

/** Creates a deadline that is `ms` milliseconds away. */
export function createDeadline(clock: Clock, ms: number): Deadline {
  const end = clock.now() + ms;
  const remainingMs = () => Math.max(0, end - clock.now());
  return {
    remainingMs,
    race: (work) =>
      new Promise((resolve) => {
        const timer = clock.after(remainingMs(), () => resolve('late'));
        const settle = () => {
          timer.cancel();
          resolve('done');
        };
        work.then(settle, settle);
      }),
  };
}

/**
 * Limits calls of `listener` to one in `ms` milliseconds. The first value is passed on at once. Of the values that follow
 * within `ms`, only the last one is passed on, when `ms` is over.
 */
export function throttle<T>(clock: Clock, ms: number, listener: (value: T) => void): (value: T) => void {
  let isWaiting = false;
  let latest: { readonly value: T } | undefined;

  function passOn(value: T): void {
    isWaiting = true;
    latest = undefined;
    clock.after(ms, () => {
      isWaiting = false;
      if (latest) passOn(latest.value);
    });
    listener(value);
  }

  return (value) => {
    if (isWaiting) latest = { value };
    else passOn(value);
  };
}
