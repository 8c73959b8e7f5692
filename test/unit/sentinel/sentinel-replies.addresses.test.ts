import { describe, expect, test } from 'vitest';
import {
  formatAddress,
  completeSentinelAddress,
  applyNatMap,
} from '../../../src/sentinel/sentinel-replies.js';

describe('a sentinel in the options', () => {
  test.for([
    [{ host: 's', port: 1 }, 's:1'],
    [{ host: 's', port: '7' }, 's:7'],
    [{ host: '::1', port: 1 }, '[::1]:1'],
    [{}, 'localhost:26379'],
    [{ host: null, port: null }, 'localhost:26379'],
    [{ host: '', port: '' }, 'localhost:26379'],
    [{ host: 's', port: 0 }, 's:26379'],
  ] as const)('%o is %s', ([given, expected]) => {
    expect(formatAddress(completeSentinelAddress(given))).toBe(expected);
  });

  test('keeps its family', () => {
    expect(completeSentinelAddress({ family: 6 }).family).toBe(6);
  });
});

describe('natMap', () => {
  const inside = { host: '::1', port: 5 };
  const outside = { host: 'o', port: 6 };
  test('is read with the key that ioredis uses, as an object and as a function', () => {
    expect(applyNatMap(inside, { '::1:5': outside })).toBe(outside);
    expect(applyNatMap(inside, (key) => (key === '::1:5' ? outside : null))).toBe(outside);
  });

  test('leaves an unknown address unchanged', () => {
    expect(applyNatMap(inside, {})).toBe(inside);
    expect(applyNatMap(inside, () => null)).toBe(inside);
    expect(applyNatMap(inside, undefined)).toBe(inside);
  });
});
