import fc from 'fast-check';
import { expect, test } from 'vitest';
import { fullJitter } from '../../../src/core/backoff.js';

const bounds = { baseMs: 100, capMs: 10_000 };

test('the delay is a whole number from 0 to the cap for every attempt and every random number', () => {
  const anyBounds = fc.record({
    baseMs: fc.integer({ min: 1, max: 10_000 }),
    capMs: fc.integer({ min: 100, max: 300_000 }),
  });
  const random = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
  fc.assert(
    fc.property(fc.integer({ min: -5, max: 1e9 }), anyBounds, random, (attempt, any, number) => {
      const delay = fullJitter(attempt, any, number);
      expect(Number.isInteger(delay)).toBe(true);
      expect(delay).toBeGreaterThanOrEqual(0);
      expect(delay).toBeLessThanOrEqual(any.capMs);
    }),
  );
});

test.each([
  [1, 100],
  [2, 200],
  [3, 400],
  [7, 6_400],
  [8, 10_000],
  [5_000, 10_000],
])('before attempt %i, the delay is at most %i ms, doubling up to the cap', (attempt, longestMs) => {
  expect(fullJitter(attempt, bounds, 0.999_999_9)).toBe(longestMs);
});

test('the random number selects a point between 0 and the maximum delay', () => {
  expect([0, 0.25, 0.5, 0.75].map((random) => fullJitter(3, bounds, random))).toEqual([0, 100, 200, 300]);
});

test('an attempt number below 1 counts as attempt 1', () => {
  expect([0, -1].map((attempt) => fullJitter(attempt, bounds, 0.5))).toEqual([50, 50]);
});

test('a base above the cap is capped from the first attempt', () => {
  expect(fullJitter(1, { baseMs: 10_000, capMs: 100 }, 0.5)).toBe(50);
});
