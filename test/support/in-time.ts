import { setTimeout as sleep } from 'node:timers/promises';

/** Waits for something that may never come, and says then what it was. @throws Error in time */
export async function inTime<Value>(what: string, promise: Promise<Value>, withinMs: number): Promise<Value> {
  const over = new AbortController();
  const late = sleep(withinMs, undefined, { signal: over.signal }).then(() => {
    throw new Error(`Not within ${withinMs} ms: ${what}.`);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    over.abort();
    late.catch(() => undefined); // it is over, in time or not
  }
}
