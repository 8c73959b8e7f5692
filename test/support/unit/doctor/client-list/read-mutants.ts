import { expect } from 'vitest';
import { fixtures } from './fixtures.js';
import { createRandom, cut, mutate, type Random } from './mutate.js';
import { read } from './read.js';

/** A mutant of some hundred bytes takes 0.1 ms. One that takes 5 s counts as a hang. */
const HANG_MS = 5_000;
/** With the same seed the same mutants come in the same order, so a failure can be reproduced. */
const SEED = 20_261_122;

const texts = fixtures.map(({ bytes }) => bytes);

/** A few rows from somewhere in a list. */
function excerpt(random: Random): Buffer {
  const text = texts[random(texts.length)] as Buffer;
  const from = random(2) === 0 ? 0 : random(text.length);
  return text.subarray(from, from + 200 + random(1_000));
}

/** Expects the first mutants of the seed to be read or rejected, with the same result in any chunks. */
export function expectMutantsRead(mutants: number): void {
  const random = createRandom(SEED);
  let [rows, rejected, slowestMs] = [0, 0, 0];
  for (let mutant = 0; mutant < mutants; mutant += 1) {
    const text = mutate(excerpt(random), texts, random);
    const chunks = cut(text, random);
    const start = performance.now();
    const whole = read(text);
    const chunked = read(...chunks);
    slowestMs = Math.max(slowestMs, performance.now() - start);
    // Compared as text first, because toEqual takes longer than the reading.
    if (JSON.stringify(chunked) !== JSON.stringify(whole)) {
      expect(chunked, `mutant ${mutant}: ${text.toString('base64', 0, 3_000)}`).toEqual(whole);
    }
    rows += whole.rows.length;
    if ('error' in whole.end) rejected += 1;
  }
  expect(slowestMs).toBeLessThan(HANG_MS);
  // Some mutants are readable, and some are not.
  expect(rows).toBeGreaterThan(mutants);
  expect(rejected).toBeGreaterThan(mutants / 100);
}
