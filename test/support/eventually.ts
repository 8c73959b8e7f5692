import { quietNow } from './quiet-clock.js';

/** Calls `check` every 10 ms until it succeeds. @throws its last error after `ms` of the quiet clock */
export async function eventually(check: () => Promise<void> | void, ms = 5_000): Promise<void> {
  const end = quietNow() + ms;
  for (;;) {
    try {
      await check();
      return;
    } catch (error) {
      if (quietNow() > end) throw error;
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  }
}
