import { expect, test } from 'vitest';
import { HygieneError } from '../../../src/core/errors.js';
import { createDialFailures } from '../../../src/pool/pool-backoff.js';

const refused = new HygieneError('HYG_AUTH_REFUSED', 'No.');

/** Pauses as often as it may, and gives how long each pause was, in milliseconds. */
function pauses(count: number, random: number): number[] {
  let now = 1_000_000;
  const failures = createDialFailures({ now: () => now, random: () => random });
  return Array.from({ length: count }, () => {
    const start = now;
    failures.pause(refused);
    while (failures.refusal() === refused) now += 500;
    return now - start;
  });
}

test('a refusal is a pause of a second and full jitter, which grows up to 30 s', () => {
  expect(pauses(3, 0)).toEqual([1_000, 1_000, 1_000]);
  expect(pauses(7, 1)).toEqual([2_000, 3_000, 5_000, 9_000, 17_000, 30_000, 30_000]);
});

test('refusals during a pause count once, and a connection that is up ends it', () => {
  let now = 0;
  const failures = createDialFailures({ now: () => now, random: () => 1 });
  expect([failures.note(refused), failures.note(new Error('ECONNREFUSED'))]).toEqual([true, false]);
  failures.pause(refused);
  failures.pause(refused);
  now = 1_999;
  expect(failures.refusal()).toBe(refused);
  failures.forget();
  expect([failures.refusal(), failures.last]).toEqual([undefined, undefined]);
});
