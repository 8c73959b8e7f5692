import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { DurationHistogram } from '../../../src/core/duration-histogram.js';
import { createHistogramDifferences, scaleTo } from '../../../src/metrics/histogram-differences.js';
import { BOUNDS_SECONDS } from '../../../src/metrics/samples.js';
import { place, poolTotal } from '../../support/unit/metrics/metric-source.js';

const sampleOf = (...ms: number[]) => ({ labels: place, value: poolTotal(ms).use });

describe('differences', () => {
  test('are what was added since the last call', () => {
    const differences = createHistogramDifferences();
    const sample = sampleOf(3, 3);
    const read = () => differences.take('use', [sample]).map(({ seconds, count }) => [seconds, count]);
    expect(read()).toEqual([[0.003, 2]]);
    expect(read()).toEqual([]);
    sample.value.add(0);
    sample.value.add(3);
    expect(read()).toEqual([
      [0, 1],
      [0.003, 1],
    ]);
  });

  test('of metrics and labels are kept apart', () => {
    const differences = createHistogramDifferences();
    expect(differences.take('use', [sampleOf(1)])).toHaveLength(1);
    expect(differences.take('wait', [sampleOf(1)])).toHaveLength(1);
    const other = { ...sampleOf(1), labels: { ...place, role: 'jobs' } };
    expect(differences.take('use', [other])).toHaveLength(1);
    expect(differences.take('use', [sampleOf(1)])).toHaveLength(0);
  });

  test('fall into the same buckets of OpenTelemetry as the durations, and sum up to within 5 %', () => {
    const duration = fc.oneof(fc.nat(30), fc.nat(12_000), fc.nat(3_600_000));
    const property = fc.property(fc.array(duration, { minLength: 1, maxLength: 200 }), (given) => {
      const repeated = createHistogramDifferences().take('use', [sampleOf(...given)]);
      const values = repeated.flatMap(({ seconds, count }) => Array<number>(count).fill(seconds));
      for (const bound of BOUNDS_SECONDS) {
        const upTo = (all: readonly number[], limit: number) => all.filter((one) => one <= limit).length;
        expect(upTo(values, bound)).toBe(upTo(given, bound * 1_000));
      }
      const [sum, exact] = [values, given].map((all) => all.reduce((total, one) => total + one, 0));
      expect(Math.abs((sum ?? 0) * 1_000 - (exact ?? 0))).toBeLessThanOrEqual(0.05 * (exact ?? 0) + 0.001);
    });
    fc.assert(property);
  });

  test('of a duration beyond an hour stay beyond all bounds', () => {
    const histogram = new DurationHistogram();
    histogram.add(9e9);
    const [only] = createHistogramDifferences().take('use', [{ labels: place, value: histogram }]);
    expect(only?.seconds).toBeGreaterThan(3_600);
  });
});

describe('scaling', () => {
  const repeated = (count: number) => ({ attributes: {}, seconds: 1, count });

  test('changes nothing up to the limit', () => {
    const given = [repeated(60), repeated(40)];
    expect(scaleTo(100, given)).toEqual(given);
  });

  test('keeps the shares, and one duration of each bucket', () => {
    const given = [repeated(600_000), repeated(400_000), repeated(1)];
    expect(scaleTo(1_000, given).map(({ count }) => count)).toEqual([600, 400, 1]);
  });
});
