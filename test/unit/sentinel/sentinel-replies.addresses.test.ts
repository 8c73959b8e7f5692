import { describe, expect, test } from 'vitest';
import { formatAddress, sentinelAddress, translate } from '../../../src/sentinel/sentinel-replies.js';

describe('the address of a sentinel', () => {
  test.for([
    [{ host: 's', port: 1 }, 's:1'],
    [{ host: 's', port: '7' }, 's:7'],
    [{ host: '::1', port: 1 }, '[::1]:1'],
    [{}, 'localhost:26379'],
    [{ host: null, port: null }, 'localhost:26379'],
    [{ host: '', port: '' }, 'localhost:26379'],
    [{ host: 's', port: 0 }, 's:26379'],
  ] as const)('given as %o is %s', ([given, expected]) => {
    expect(formatAddress(sentinelAddress(given))).toBe(expected);
  });

  test('keeps its family', () => {
    expect(sentinelAddress({ family: 6 }).family).toBe(6);
  });
});

describe('natMap', () => {
  const inside = { host: '::1', port: 5 };
  const outside = { host: 'o', port: 6 };
  test('is asked as ioredis asks it, as an object and as a function', () => {
    expect(translate(inside, { '::1:5': outside })).toBe(outside);
    expect(translate(inside, (key) => (key === '::1:5' ? outside : null))).toBe(outside);
  });

  test('leaves what it does not know', () => {
    expect(translate(inside, {})).toBe(inside);
    expect(translate(inside, () => null)).toBe(inside);
    expect(translate(inside, undefined)).toBe(inside);
  });
});
