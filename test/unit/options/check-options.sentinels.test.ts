import { describe, expect, test } from 'vitest';
import { checkSentinels } from '../../../src/options/check-options.js';
import { thrown } from '../../support/unit/thrown.js';

const check = (options: object) => checkSentinels(options);

describe('sentinels', () => {
  test.each([
    {},
    { sentinels: null },
    { sentinels: [{ host: '10.0.0.1', port: 26379 }], name: 'm' },
    { sentinels: [{ host: '10.0.0.1', port: '26379' }, {}], name: 'm', role: 'slave' },
    {
      sentinels: [
        { host: null, port: null },
        { host: '', port: 0 },
      ],
      name: 'm',
      role: 'master',
    },
  ])('are accepted if ioredis accepts them: %j', (options) => {
    expect(() => check(options)).not.toThrow();
  });

  test.each([
    [{ sentinels: [], name: 'm' }, 'HYG_OPTION_TYPE', 'sentinels'],
    [{ sentinels: '10.0.0.1:26379', name: 'm' }, 'HYG_OPTION_TYPE', 'sentinels'],
    [{ sentinels: ['10.0.0.1:26379'], name: 'm' }, 'HYG_OPTION_TYPE', 'sentinels[0]'],
    [{ sentinels: [{}, null], name: 'm' }, 'HYG_OPTION_TYPE', 'sentinels[1]'],
    [{ sentinels: [26379], name: 'm' }, 'HYG_OPTION_TYPE', 'sentinels[0]'],
    [{ sentinels: [{ host: 7 }], name: 'm' }, 'HYG_OPTION_TYPE', 'sentinels[0].host'],
    [{ sentinels: [{ port: 'abc' }], name: 'm' }, 'HYG_OPTION_TYPE', 'sentinels[0].port'],
    [{ sentinels: [{ port: 99999 }], name: 'm' }, 'HYG_OPTION_RANGE', 'sentinels[0].port'],
    [{ sentinels: [{ port: '99999' }], name: 'm' }, 'HYG_OPTION_TYPE', 'sentinels[0].port'],
    [{ sentinels: [{ port: 1.5 }], name: 'm' }, 'HYG_OPTION_RANGE', 'sentinels[0].port'],
    [{ sentinels: [{}] }, 'HYG_OPTION_TYPE', 'name'],
    [{ sentinels: [{}], name: '' }, 'HYG_OPTION_TYPE', 'name'],
    [{ sentinels: [{}], name: 'm', role: 'replica' }, 'HYG_OPTION_TYPE', 'role'],
  ] as const)('are refused if no client could connect with them: %j', (options, code, option) => {
    expect(thrown(code, () => check(options)).details).toMatchObject({ option });
  });
});
