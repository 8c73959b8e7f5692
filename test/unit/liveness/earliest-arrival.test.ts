import { describe, expect, test } from 'vitest';
import { createEarliestArrival } from '../../../src/liveness/earliest-arrival.js';

/** Ends rounds of 500 ms, each given by how long it took, and returns the earliest arrival after each of them. */
function earliestArrivals(...rounds: readonly number[]): number[] {
  const earliestArrival = createEarliestArrival();
  earliestArrival.start(10_000);
  let startedAt = 10_000;
  return rounds.map((tookMs) => {
    earliestArrival.endRound({ startedAt, endedAt: startedAt + tookMs }, 500);
    startedAt += tookMs;
    return earliestArrival.time();
  });
}

describe('bytes that are read now came', () => {
  test('after the rounds began, at first', () => {
    const earliestArrival = createEarliestArrival();
    earliestArrival.start(10_000);
    expect(earliestArrival.time()).toBe(10_000);
  });

  test('after the start of the round that ended last, while rounds end in time', () => {
    expect(earliestArrivals(500, 501, 900, 500)).toEqual([10_000, 10_500, 11_001, 11_901]);
  });

  test('after the start of a blocked round, until a second has passed since it', () => {
    expect(earliestArrivals(500, 4_000, 500, 499, 500)).toEqual([10_000, 10_500, 10_500, 10_500, 15_499]);
  });

  test('at most a round and a second before, in a process whose rounds are all blocked', () => {
    const rounds = Array.from({ length: 50 }, () => 1_200);
    const arrivals = earliestArrivals(...rounds);
    expect(arrivals.map((at, index) => 10_000 + 1_200 * (index + 1) - at)).toEqual(rounds);
  });

  test('after the rounds began anew, when none ran for a while', () => {
    const earliestArrival = createEarliestArrival();
    earliestArrival.start(0);
    earliestArrival.endRound({ startedAt: 0, endedAt: 9_000 }, 500);
    earliestArrival.start(60_000);
    expect(earliestArrival.time()).toBe(60_000);
    earliestArrival.endRound({ startedAt: 60_000, endedAt: 60_500 }, 500);
    expect(earliestArrival.time()).toBe(60_000);
  });
});
