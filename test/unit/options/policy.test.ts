import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { checkFactoryOptions } from '../../../src/options/factory-options.js';
import { applyPolicy, policyTable } from '../../../src/options/policy.js';
import { thrown } from '../../support/unit/thrown.js';

const { settings } = checkFactoryOptions({ keepAliveMs: 15_000, connectTimeoutMs: 10_000 });

type Given = Readonly<Record<string, unknown>>;

function enforce(given: Given): Given {
  return applyPolicy(given, settings).enforced;
}

function overridden(given: Given): readonly string[] {
  return applyPolicy(given, settings).overrides.map(({ option }) => option);
}

describe('without options of the caller', () => {
  test('only the options with a default of redis-hygiene are set', () => {
    expect(enforce({})).toStrictEqual({
      keepAlive: 15_000,
      connectTimeout: 10_000,
      noDelay: true,
      clientInfoTag: 'redis-hygiene',
    });
    expect(overridden({})).toEqual([]);
  });
});

describe.each<[string, [unknown, number][]]>([
  [
    'keepAlive',
    [
      [0, 15_000],
      [false, 15_000],
      [null, 15_000],
      [-1, 15_000],
      [999, 15_000],
      ['999', 15_000],
      [300_001, 300_000],
      [Infinity, 300_000],
      ['999999', 300_000],
    ],
  ],
  [
    'connectTimeout',
    [
      [0, 10_000],
      ['0', 10_000],
      [null, 10_000],
      [-5, 10_000],
      [60_001, 60_000],
      [Infinity, 60_000],
    ],
  ],
])('%s', (option, cases) => {
  test.each(cases)('of %s becomes %i, and the override is reported', (given, used) => {
    const { enforced, overrides } = applyPolicy({ [option]: given }, settings);
    expect(enforced[option]).toBe(used);
    expect(overrides).toEqual([
      { option, given, used, why: policyTable[option as keyof typeof policyTable].why },
    ]);
  });

  test.each([1_000, '1000', ' 1000 ', 59_999, 60_000])('of %j is kept, and not reported', (given) => {
    expect(enforce({ [option]: given })[option]).toBe(Number(given));
    expect(overridden({ [option]: given })).toEqual([]);
  });

  test.each(['abc', '', NaN, true, {}, '1e4'])('of %j is refused', (given) => {
    const error = thrown('HYG_OPTION_TYPE', () => applyPolicy({ [option]: given }, settings));
    expect(error.details).toEqual({ option, expected: 'a number of milliseconds' });
  });

  test('with the value undefined counts as missing', () => {
    expect(overridden({ [option]: undefined })).toEqual([]);
    expect(enforce({ [option]: undefined })[option]).toBe(enforce({})[option]);
  });
});

describe('the settings of the factory', () => {
  test('determine the value that is used instead', () => {
    const other = { ...settings, keepAliveMs: 60_000, connectTimeoutMs: 500 };
    expect(applyPolicy({ keepAlive: 0 }, other).enforced).toMatchObject({
      keepAlive: 60_000,
      connectTimeout: 500,
    });
  });
});

describe('options that the caller decides', () => {
  test('a connectTimeout of 1 ms is kept: only 0 disables the timeout', () => {
    expect(enforce({ connectTimeout: 1 })).toMatchObject({ connectTimeout: 1 });
  });

  test('a default in place of null is not reported', () => {
    expect(overridden({ noDelay: null, clientInfoTag: null })).toEqual([]);
  });

  test('noDelay and clientInfoTag are kept', () => {
    const given = { noDelay: false, clientInfoTag: 'mine' };
    expect(enforce(given)).toMatchObject(given);
    expect(overridden(given)).toEqual([]);
  });

  test.each(['commandTimeout', 'socketTimeout', 'maxRetriesPerRequest'])('%s is kept', (option) => {
    for (const value of [0, 1, 500, 100_000, null]) expect(enforce({ [option]: value })[option]).toBe(value);
    expect(overridden({ [option]: 1 })).toEqual([]);
  });

  test.each([
    ['commandTimeout', 1_000 / 3],
    ['socketTimeout', 1_000 / 3],
    ['maxRetriesPerRequest', Infinity],
  ])('%s is kept even if it is %d, which ioredis accepts', (option, value) => {
    expect(enforce({ [option]: value })[option]).toBe(value);
  });

  test.each(['commandTimeout', 'socketTimeout', 'maxRetriesPerRequest'])(
    '%s is refused if it is not a number',
    (option) => {
      for (const value of ['soon', true, {}, NaN])
        expect(thrown('HYG_OPTION_TYPE', () => enforce({ [option]: value })).details).toMatchObject({
          option,
        });
    },
  );

  test('options without a rule are kept, and the given object is not changed', () => {
    const unlisted = fc
      .dictionary(fc.string(), fc.anything())
      .map((options) => Object.fromEntries(Object.entries(options).filter(([key]) => !(key in policyTable))));
    const listed = fc.record({
      keyPrefix: fc.string(),
      lazyConnect: fc.boolean(),
      protocol: fc.constantFrom(2, 3),
    });
    fc.assert(
      fc.property(unlisted, listed, (one, other) => {
        const given = Object.freeze({ ...one, ...other, keepAlive: 5 });
        expect(enforce(given)).toEqual({ ...enforce({}), ...one, ...other });
      }),
    );
  });
});

describe.each<[string, unknown[], unknown[]]>([
  ['port', [1, 6379, 65_535, '6379'], [0, 65_536, -1, 1.5, '0', '65536']],
  ['db', [0, 15, '3', 100_000, 2 ** 31 - 1], [-1, 1.5, '-1', 2 ** 31]],
])('%s', (option, valid, invalid) => {
  test('becomes a number, even if given as digits', () => {
    for (const value of valid) expect(enforce({ [option]: value })[option]).toBe(Number(value));
  });

  test('is refused outside of its range', () => {
    for (const value of invalid) {
      expect(thrown('HYG_OPTION_RANGE', () => enforce({ [option]: value })).details).toMatchObject({
        option,
      });
    }
  });

  test('is refused if ioredis would read NaN', () => {
    for (const value of ['abc', '', 'a/b', NaN, true])
      thrown('HYG_OPTION_TYPE', () => enforce({ [option]: value }));
  });

  test('may be null or missing', () => {
    expect(enforce({ [option]: null })[option]).toBeNull();
    expect(enforce({})).not.toHaveProperty(option);
  });
});

describe('the policy table', () => {
  test.each(Object.entries(policyTable))(
    'has an action, a rule and a reason for %s',
    (_option, { action, rule, why }) => {
      expect(['force', 'raise', 'clamp', 'default', 'wrap', 'check', 'keep']).toContain(action);
      for (const text of [rule, why]) expect(text).toMatch(/\S/);
    },
  );

  test('has a row for every option that redis-hygiene sets or checks', () => {
    const others = ['connectionName', 'Connector', 'retryStrategy', 'protocol', 'keyPrefix', 'lazyConnect'];
    expect(Object.keys(policyTable)).toEqual(
      expect.arrayContaining([...others, ...Object.keys(enforce({}))]),
    );
  });
});
