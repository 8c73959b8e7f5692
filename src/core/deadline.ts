import type { Clock } from './clock.js';

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
