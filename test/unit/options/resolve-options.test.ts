import type { RedisOptions } from 'ioredis';
import { describe, expect, test } from 'vitest';
import { checkFactoryOptions } from '../../../src/options/factory-options.js';
import { policyTable } from '../../../src/options/policy.js';
import { describeTarget, resolveOptions, roleOfName } from '../../../src/options/resolve-options.js';
import { MARK } from '../../support/unit/secret.js';
import { thrown } from '../../support/unit/thrown.js';

const identity = { service: 'orders', host: 'web-1' };
const { settings } = checkFactoryOptions({});

function resolve(given: RedisOptions, role?: string): ReturnType<typeof resolveOptions> {
  return resolveOptions(given, identity, settings, role);
}

describe('the name of a connection', () => {
  test.each<[string, RedisOptions, string | undefined]>([
    ['orders@web-1', {}, undefined],
    ['orders@web-1', { connectionName: '' }, undefined],
    ['orders@web-1', { connectionName: null as unknown as string }, undefined],
    ['orders@web-1', {}, 'command'],
    ['orders@web-1#pool', {}, 'pool'],
    ['orders@web-1#pool', { connectionName: 'cache' }, 'pool'],
    ['orders@web-1#cache', { connectionName: 'cache' }, undefined],
    ['orders@web-1#my-cache', { connectionName: 'my cache' }, undefined],
    ['orders@web-1#pool', { connectionName: 'orders@web-1#pool' }, undefined],
    ['orders@web-1', { connectionName: 'orders@web-1' }, undefined],
    ['orders@web-1#monitor', { monitor: true }, 'pool'],
    ['orders@web-1#monitor', { monitor: true, connectionName: 'cache' }, undefined],
    ['bull:cGF5', { connectionName: 'bull:cGF5' }, undefined],
    ['bull:cGF5:w:x', { connectionName: 'bull:cGF5:w:x' }, 'pool'],
    ['orders@web-1#nobull:x', { connectionName: 'nobull:x' }, undefined],
    ['orders@web-1#bullet', { connectionName: 'bullet' }, undefined],
  ])('is %s for the options %j and the role %s', (name, given, role) => {
    expect(resolve(given, role).options.connectionName).toBe(name);
  });
});

describe('the caller’s own name', () => {
  const why = policyTable.connectionName.why;

  test('is reported if it becomes the role', () => {
    expect(resolve({ connectionName: 'cache' }).overrides).toEqual([
      { option: 'connectionName', given: 'cache', used: 'orders@web-1#cache', why },
    ]);
  });

  test.each(['', 'bull:cGF5', 'orders@web-1', 'orders@web-1#pool'])(
    'is not reported if it is %j',
    (connectionName) => {
      expect(resolve({ connectionName }).overrides).toEqual([]);
    },
  );

  test('is not reported if duplicate() copied it from another connection of the factory', () => {
    expect(resolve({ connectionName: 'orders@web-1', monitor: true }).overrides).toEqual([]);
  });

  test.each(['billing@web-1#pool', 'orders@db-1#pool'])(
    'is reported if it is %s, which has our format, but another service or host',
    (given) => {
      expect(resolve({ connectionName: given }).overrides).toEqual([
        { option: 'connectionName', given, used: 'orders@web-1#pool', why },
      ]);
    },
  );
});

describe('the options of a connection', () => {
  test('are those of the caller, with the policy applied', () => {
    const { options, overrides } = resolve({
      host: 'h',
      keyPrefix: 'a:',
      keepAlive: 0,
      connectionName: 'cache',
    });
    expect(options).toEqual({
      host: 'h',
      keyPrefix: 'a:',
      keepAlive: 15_000,
      connectTimeout: 10_000,
      noDelay: true,
      clientInfoTag: 'redis-hygiene',
      connectionName: 'orders@web-1#cache',
    });
    expect(overrides.map(({ option }) => option)).toEqual(['keepAlive', 'connectionName']);
  });

  test('are refused if the policy refuses one of them', () => {
    thrown('HYG_OPTION_RANGE', () => resolve({ port: 0 }));
  });

  test('do not change the object of the caller', () => {
    const given = Object.freeze({ host: 'h', keepAlive: 0 });
    expect(resolve(given).options).not.toBe(given);
  });
});

describe('the role in a name', () => {
  test.each([
    ['orders@web-1', 'command'],
    ['orders@web-1#pool', 'pool'],
    ['ioredis-cluster(refresher):orders@web-1#cluster', 'cluster'],
    ['bull:cGF5', 'bull'],
    ['cache', 'cache'],
    ['my cache', 'my-cache'],
  ])('%s is %s', (name, role) => {
    expect(roleOfName(name)).toBe(role);
  });
});

describe('the target of a connection', () => {
  test.each<[string, RedisOptions]>([
    ['redis://localhost:6379', {}],
    ['redis://h:1', { host: 'h', port: 1 }],
    ['rediss://h:6379', { host: 'h', tls: {} }],
    ['redis://[::1]:6379', { host: '::1' }],
    ['unix:///tmp/x.sock', { path: '/tmp/x.sock', host: 'h' }],
    ['sentinel://master', { sentinels: [{ host: 's' }], name: 'master', host: 'h' }],
    ['sentinel://', { sentinels: [] }],
  ])('is %s', (target, options) => {
    expect(describeTarget(options)).toBe(target);
  });

  test.each<[string, RedisOptions]>([
    [
      'user name and password',
      { username: MARK, password: MARK, sentinelPassword: MARK, tls: { key: MARK } },
    ],
    ['a sentinel', { sentinels: [{ host: MARK }], name: 'master' }],
    ['a whole URL given as the host', { host: `redis://user:${MARK}@h:6379` }],
    ['a whole URL given as the path', { path: `redis://user:${MARK}@h:6379` }],
    ['a URL given as the name of the master', { sentinels: [], name: `redis://user:${MARK}@h` }],
  ])('never contains the credentials of %s', (_what, options) => {
    expect(describeTarget(options)).not.toContain(MARK);
  });
});
