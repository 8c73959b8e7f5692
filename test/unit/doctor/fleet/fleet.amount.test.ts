import { expect, test } from 'vitest';
import { amountOf, readAmount } from '../../../../src/doctor/fleet/fleet.js';

test.each([
  [3, { count: 3 }],
  [0, { count: 0 }],
  ['25%', { percent: 25 }],
  ['12.5 %', { percent: 12.5 }],
  ['1000%', { percent: 1000 }],
])('%j is an amount', (value, amount) => {
  expect(readAmount(value)).toEqual(amount);
});

test.each([
  -1,
  1.5,
  NaN,
  Infinity,
  '3',
  '25',
  '%',
  '-5%',
  '1001%',
  '1e3%',
  'a quarter',
  null,
  undefined,
  [25],
])('%j is not an amount', (value) => {
  expect(readAmount(value)).toBeUndefined();
});

test.each([
  [25, 12, 3],
  [25, 13, 4],
  [25, 1, 1],
  [25, 0, 0],
  [0, 12, 0],
  [200, 3, 6],
  [7, 100, 7],
  [1, 10_000, 100],
])('%d %% of %d are %d, as Kubernetes rounds maxSurge', (percent, whole, amount) => {
  expect(amountOf({ percent }, whole)).toBe(amount);
});

test('a count does not depend on the whole', () => {
  expect(amountOf({ count: 3 }, 1)).toBe(3);
});
