import { expect, test } from 'vitest';
import { createReadOnlyBackoff } from '../../../src/pool/pool-backoff.js';

/** Replies of READONLY every 100 ms: when each of the renewals was, in milliseconds since the first. */
function renewals(
  random: number,
  { from = 1_000_000, lastsMs = 30_000 } = {},
  demotions = at(random),
): number[] {
  const times = Array.from({ length: lastsMs / 100 }, (_, index) => from + index * 100);
  return times.filter((time) => demotions.isReason(time)).map((time) => time - from);
}

function at(random: number) {
  let now = 0;
  const demotions = createReadOnlyBackoff({ now: () => now, random: () => random });
  return {
    isReason(time: number) {
      now = time;
      return demotions.isReason();
    },
  };
}

test('the first reply is a reason, and the next ones after 1 to 5 s', () => {
  expect(renewals(0).slice(0, 4)).toEqual([0, 1_000, 2_000, 3_000]);
  expect(renewals(1).slice(0, 5)).toEqual([0, 2_000, 5_000, 10_000, 15_000]);
});

test('after a minute without one it begins anew', () => {
  const demotions = at(1);
  renewals(1, {}, demotions);
  expect(renewals(1, { from: 1_100_000 }, demotions).slice(0, 3)).toEqual([0, 2_000, 5_000]);
});
