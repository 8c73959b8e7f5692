import { expect, test } from 'vitest';
import { createReadOnlyBackoff } from '../../../src/pool/pool-backoff.js';

/** Sends a READONLY reply every 100 ms. Returns the times of the replacements, in milliseconds since the first reply. */
function replacementTimes(
  random: number,
  { from = 1_000_000, lastsMs = 30_000 } = {},
  backoff = createTimedBackoff(random),
): number[] {
  const replies = Array.from({ length: lastsMs / 100 }, (_, index) => from + index * 100);
  return replies.filter((time) => backoff.tryReplaceAt(time)).map((time) => time - from);
}

function createTimedBackoff(random: number) {
  let now = 0;
  const backoff = createReadOnlyBackoff({ now: () => now, random: () => random });
  return {
    tryReplaceAt(time: number) {
      now = time;
      return backoff.tryReplace();
    },
  };
}

test('the first READONLY reply replaces the connections, later ones after pauses of 1 to 5 s', () => {
  expect(replacementTimes(0).slice(0, 4)).toEqual([0, 1_000, 2_000, 3_000]);
  expect(replacementTimes(1).slice(0, 5)).toEqual([0, 2_000, 5_000, 10_000, 15_000]);
});

test('a minute without a READONLY reply resets the pauses', () => {
  const backoff = createTimedBackoff(1);
  replacementTimes(1, {}, backoff);
  expect(replacementTimes(1, { from: 1_100_000 }, backoff).slice(0, 3)).toEqual([0, 2_000, 5_000]);
});
