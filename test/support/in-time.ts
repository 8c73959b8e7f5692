import { setTimeout as sleep } from 'node:timers/promises';
import { quietNow } from './quiet-clock.js';

/** Waits for a promise. @param what Its description for the error. @throws Error if it is pending after `withinMs` of the quiet clock */
export async function inTime<Value>(what: string, promise: Promise<Value>, withinMs: number): Promise<Value> {
  const settled = new AbortController();
  const late = quietSleep(withinMs, settled.signal).then(() => {
    throw new Error(`Timed out after ${withinMs} ms: ${what}.`);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    settled.abort();
    late.catch(() => undefined); // the aborted timer rejects
  }
}

/** Sleeps for milliseconds of the quiet clock: longer on a busy machine. */
async function quietSleep(ms: number, signal: AbortSignal): Promise<void> {
  const end = quietNow() + ms;
  for (let left = ms; left > 0; left = end - quietNow()) await sleep(left, undefined, { signal });
}
