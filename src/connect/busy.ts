import { type BackoffBounds, fullJitter } from '../core/backoff.js';
import { systemClock } from '../core/clock.js';
import type { Ask } from '../liveness/server-side-identity.js';
import { saysBusy } from './refusal.js';

/** Often enough for a script of a second, and two questions in a second from each client at most. */
const LEAST_MS = 50;
const MORE: BackoffBounds = { baseMs: 100, capMs: 1_000 };

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => void systemClock.after(ms, resolve));
}

/** Whether a script keeps the server from answering. */
function isBusy(ask: Ask): Promise<boolean> {
  return ask('info', 'server').then(() => false, saysBusy);
}

/** Asks a server that is busy with a script until it is not, while the connection lasts. */
export async function untilIdle(ask: Ask, lasts: () => boolean): Promise<void> {
  for (let attempt = 1; lasts(); attempt += 1) {
    await pause(LEAST_MS + fullJitter(attempt, MORE, systemClock.random()));
    if (!lasts() || !(await isBusy(ask))) return;
  }
}
