import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { formatSeconds, parseDuration } from '../../../../src/doctor/text/quantities.js';

describe('parseDuration accepts', () => {
  test.each([
    ['500ms', 0.5],
    ['10s', 10],
    ['30m', 1800],
    ['1.5h', 5400],
    ['2d', 172_800],
    ['0', 0],
    ['45', 45],
  ])('%s', (text, seconds) => {
    expect(parseDuration(text, 's')).toEqual({ seconds, ms: seconds * 1000 });
  });

  test('a number without a unit, which is in the default unit', () => {
    expect(parseDuration('1500', 'ms')).toEqual({ seconds: 1.5, ms: 1500 });
  });

  test.each(['', 'soon', '-1s', '1 s', '1w', '1e3', '.5s', '1.s', '10S', '1h30m', 'Infinity', 's'])(
    'not "%s"',
    (text) => {
      expect(parseDuration(text, 's')).toBeUndefined();
    },
  );
});

describe('formatSeconds writes', () => {
  test.each([
    [0, '0s'],
    [59, '59s'],
    [60, '1m'],
    [61, '1m1s'],
    [600, '10m'],
    [3_599, '59m59s'],
    [3_600, '1h'],
    [3_660, '1h1m'],
    [7_860, '2h11m'],
    [86_399, '23h59m'],
    [86_400, '1d'],
    [90_000, '1d1h'],
    [274_000, '3d4h'],
    [NaN, '-'],
    [Infinity, '-'],
  ])('%d as %s', (seconds, text) => {
    expect(formatSeconds(seconds)).toBe(text);
  });

  test('no 60 seconds or minutes after rounding', () => {
    expect([59.6, 119.6, 3_599.6, 86_399.9].map(formatSeconds)).toEqual(['1m', '2m', '1h', '1d']);
  });

  test('parts that add up to the seconds, except for what is smaller than the last unit', () => {
    const parts = (text: string) => text.match(/\d+[smhd]/g) ?? [];
    fc.assert(
      fc.property(fc.nat({ max: 10_000_000 }), (seconds) => {
        const sum = parts(formatSeconds(seconds)).reduce(
          (total, part) => total + (parseDuration(part, 's')?.seconds ?? NaN),
          0,
        );
        const unit = seconds < 3_600 ? 1 : seconds < 86_400 ? 60 : 3_600;
        expect(seconds - sum).toBeGreaterThanOrEqual(0);
        expect(seconds - sum).toBeLessThan(unit);
      }),
    );
  });
});
