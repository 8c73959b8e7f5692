import type { Console } from './console.js';
import type { CommandIo } from './io.js';

/** Waits between two looks. Ctrl-C ends it at once. */
export async function pause({ clock, signal }: CommandIo, console: Console, ms: number): Promise<void> {
  console.progress(`waiting ${ms / 1000} s for the second look`);
  await new Promise<void>((resolve) => {
    const timer = clock.hold(ms, resolve);
    signal.addEventListener('abort', () => (timer.cancel(), resolve()), { once: true });
  });
  signal.throwIfAborted();
}
