import { type Clock, systemClock } from '../../src/core/clock.js';

/**
 * The system clock, but for the waits of one length: each of them calls `onWait`, and lasts until the returned promise
 * resolves as well. So a test does something during a wait, however busy the machine is.
 */
export function clockAtWaits(ms: number, onWait: () => Promise<unknown>): Clock {
  return {
    ...systemClock,
    afterRef(delayMs, task) {
      if (delayMs !== ms) return systemClock.afterRef(delayMs, task);
      let isCancelled = false;
      const isDone = onWait();
      const timer = systemClock.afterRef(ms, () => void isDone.then(() => isCancelled || task()));
      return {
        cancel() {
          isCancelled = true;
          timer.cancel();
        },
      };
    },
  };
}
