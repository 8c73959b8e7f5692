import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { DurationHistogram } from '../../../src/core/duration-histogram.js';

const OPEN_TELEMETRY_BOUNDS_MS = [1, 5, 10, 50, 100, 500, 1_000, 5_000, 10_000];

/** Durations as a pool measures them, more short than long ones, up to a day. */
const anyDurations = fc.array(
  fc.oneof(
    fc.integer({ min: 0, max: 60 }),
    fc.integer({ min: 0, max: 20_000 }),
    fc.integer({ min: 0, max: 86_400_000 }),
  ),
  { maxLength: 200 },
);

function histogramOf(durations: readonly number[]): DurationHistogram {
  const histogram = new DurationHistogram();
  durations.forEach((ms) => histogram.add(ms));
  return histogram;
}

/** The shortest duration that is not exceeded by this share of all durations. */
function exactPercentile(durations: readonly number[], share: number): number {
  const sorted = [...durations].sort((one, other) => one - other);
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? 0;
}

const countUpTo = (durations: readonly number[], bound: number) =>
  durations.filter((ms) => ms <= bound).length;

describe('a histogram', () => {
  test('without durations is all zeros', () => {
    const zeros = { count: 0, totalMs: 0, maxMs: 0, p50Ms: 0, p95Ms: 0, p99Ms: 0 };
    expect(new DurationHistogram().read()).toEqual(zeros);
    expect(new DurationHistogram().cumulative([1, 10_000])).toEqual([0, 0]);
  });

  test('knows count, sum, maximum and percentiles', () => {
    const durations = Array.from({ length: 100 }, (_, index) => index + 1);
    const expected = { count: 100, totalMs: 5_050, maxMs: 100, p50Ms: 50, p95Ms: 100, p99Ms: 100 };
    expect(histogramOf(durations).read()).toEqual(expected);
  });

  test('has no percentile above the longest duration', () => {
    expect(histogramOf([21, 21, 21]).read()).toMatchObject({ p50Ms: 21, p99Ms: 21, maxMs: 21 });
    expect(histogramOf([5_000_000]).read()).toMatchObject({ p50Ms: 5_000_000, p99Ms: 5_000_000 });
  });

  test.each([-1, -Infinity, Number.NaN, Infinity])('counts %d as 0', (invalid) => {
    expect(histogramOf([invalid, 3]).read()).toMatchObject({ count: 2, totalMs: 3, maxMs: 3, p50Ms: 0 });
  });

  test('puts a duration with a fraction in the bucket that holds it', () => {
    expect(histogramOf([1, 1.01, 5, 5.5]).cumulative([1, 5, 10])).toEqual([1, 3, 4]);
  });
});

test('percentiles are not below the exact ones, at most 10 % above them, and exact up to 20 ms', () => {
  fc.assert(
    fc.property(anyDurations, (durations) => {
      const { p50Ms, p95Ms, p99Ms } = histogramOf(durations).read();
      for (const [share, measured] of [
        [0.5, p50Ms],
        [0.95, p95Ms],
        [0.99, p99Ms],
      ] as const) {
        const exact = exactPercentile(durations, share);
        expect(measured).toBeGreaterThanOrEqual(exact);
        if (exact <= 3_600_000) expect(measured).toBeLessThanOrEqual(exact <= 20 ? exact : exact * 1.1);
      }
    }),
  );
});

test('counts up to the bounds of OpenTelemetry are exact', () => {
  fc.assert(
    fc.property(anyDurations, (durations) => {
      const expected = OPEN_TELEMETRY_BOUNDS_MS.map((bound) => countUpTo(durations, bound));
      expect(histogramOf(durations).cumulative(OPEN_TELEMETRY_BOUNDS_MS)).toEqual(expected);
    }),
  );
});

test('every duration is in one bucket, whose bounds hold it', () => {
  fc.assert(
    fc.property(anyDurations, (durations) => {
      const buckets = histogramOf(durations).buckets();
      for (const { aboveMs, upToMs, count } of buckets)
        expect(count).toBe(countUpTo(durations, upToMs) - countUpTo(durations, aboveMs));
      expect(buckets.map(({ aboveMs }) => aboveMs)).toEqual([
        -Infinity,
        ...buckets.slice(0, -1).map(({ upToMs }) => upToMs),
      ]);
      expect(buckets.at(-1)?.upToMs).toBe(Infinity);
    }),
  );
});
