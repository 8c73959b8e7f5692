import { expect, test } from 'vitest';
import { HygieneError } from '../../../src/core/errors.js';
import { createDialFailures } from '../../../src/pool/pool-backoff.js';

const authRefused = new HygieneError('HYG_AUTH_REFUSED', 'No.');

/** Starts each pause as soon as the last one has ended. Returns how long each pause was, in milliseconds. */
function pauseDurations(count: number, random: number): number[] {
  let now = 1_000_000;
  const failures = createDialFailures({ now: () => now, random: () => random });
  return Array.from({ length: count }, () => {
    const start = now;
    failures.pause(authRefused);
    while (failures.pauseError() === authRefused) now += 500;
    return now - start;
  });
}

test('a pause after refused credentials lasts 1 s plus full jitter, 30 s at most', () => {
  expect(pauseDurations(3, 0)).toEqual([1_000, 1_000, 1_000]);
  expect(pauseDurations(7, 1)).toEqual([2_000, 3_000, 5_000, 9_000, 17_000, 30_000, 30_000]);
});

test('a second refusal does not lengthen a pause, and reset() ends it', () => {
  let now = 0;
  const failures = createDialFailures({ now: () => now, random: () => 1 });
  expect([failures.record(authRefused), failures.record(new Error('ECONNREFUSED'))]).toEqual([true, false]);
  failures.pause(authRefused);
  failures.pause(authRefused);
  now = 1_999;
  expect(failures.pauseError()).toBe(authRefused);
  failures.reset();
  expect([failures.pauseError(), failures.last]).toEqual([undefined, undefined]);
});
