import { setTimeout as sleep } from 'node:timers/promises';

/** Waits for a promise. @param what Its description for the error. @throws Error if it is pending after `withinMs` */
export async function inTime<Value>(what: string, promise: Promise<Value>, withinMs: number): Promise<Value> {
  const settled = new AbortController();
  const late = sleep(withinMs, undefined, { signal: settled.signal }).then(() => {
    throw new Error(`Timed out after ${withinMs} ms: ${what}.`);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    settled.abort();
    late.catch(() => undefined); // the aborted timer rejects
  }
}
