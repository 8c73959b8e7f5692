import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  formatBar,
  formatBytes,
  formatCount,
  formatPercent,
} from '../../../../src/doctor/text/quantities.js';

describe('formatBar', () => {
  test.each([
    [0, ''],
    [0.000_1, '▏'],
    [0.125, '█'],
    [0.5, '████'],
    [0.5 + 1 / 64, '████▏'],
    [0.5 + 7 / 64, '████▉'],
    [1, '████████'],
    [1.5, '████████'],
    [-1, ''],
    [NaN, ''],
  ])('of %d', (share, text) => {
    expect(formatBar(share, 8)).toBe(text);
  });

  test('is never wider than the limit, and grows with the share', () => {
    const share = fc.double({ min: 0, max: 1, noNaN: true });
    fc.assert(
      fc.property(share, share, (one, other) => {
        const [less, more] = one < other ? [one, other] : [other, one];
        expect(formatBar(more, 12).length).toBeLessThanOrEqual(12);
        expect(formatBar(less, 12).length).toBeLessThanOrEqual(formatBar(more, 12).length);
      }),
    );
  });
});

test.each([
  [0, '0.0 %'],
  [0.543_2, '54.3 %'],
  [1, '100.0 %'],
  [1.12, '112.0 %'],
])('formatPercent(%d)', (share, text) => {
  expect(formatPercent(share)).toBe(text);
});

test.each([
  [0, '0 B'],
  [1, '1 B'],
  [1_023, '1023 B'],
  [1_024, '1.0 KiB'],
  [21_800, '21.3 KiB'],
  [1_048_575, '1.0 MiB'],
  [1_048_576, '1.0 MiB'],
  [1.2 * 1024 ** 3, '1.2 GiB'],
  [5 * 1024 ** 4, '5.0 TiB'],
  [5 * 1024 ** 5, '5120.0 TiB'],
])('formatBytes(%d)', (count, text) => {
  expect(formatBytes(count)).toBe(text);
});

test('formatCount uses the singular for 1 only', () => {
  expect([0, 1, 2].map((count) => formatCount(count, 'client'))).toEqual([
    '0 clients',
    '1 client',
    '2 clients',
  ]);
});
