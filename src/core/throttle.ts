import type { Clock } from './clock.js';

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
