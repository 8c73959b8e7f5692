import { describe, expect, test } from 'vitest';
import { compareVersions, leakOf } from '../../../../../src/doctor/audit/checks/leaky-library.js';
import type { ClientRow } from '../../../../../src/doctor/client-list/client-row.js';
import { clientRows } from '../../../../support/unit/doctor/rows.js';
import { examination, findingsOf } from '../../../../support/unit/doctor/audit/examinations.js';

const subscribers = (count: number, given: Partial<ClientRow> = {}) =>
  clientRows(count, () => ({
    ...{
      flags: 'P',
      sub: 1,
      cmd: 'subscribe',
      libName: 'ioredis',
      libVer: '5.11.1',
      age: 50,
      idle: 50,
      ...given,
    },
  }));

const leakFindings = (rows: readonly ClientRow[], kind: 'sentinel' | 'server' = 'sentinel') =>
  findingsOf('leaky-library', examination({ rows, kind }));

test('20 subscribers of a leaking version on a Sentinel are reported', () => {
  const [finding] = leakFindings(subscribers(20));
  expect(finding?.summary).toContain(
    '20 subscribers of ioredis 5.11.1 on this Sentinel. Known leak: quit() leaves',
  );
  expect(finding?.evidence.link).toBe('https://github.com/redis/ioredis/issues/1362');
});

test.each<[string, ClientRow[]]>([
  ['fewer than 20', subscribers(19)],
  ['a version with the fix', subscribers(30, { libVer: '6.0.1' })],
  ['another library', subscribers(30, { libName: 'node-redis' })],
  ['an unknown library', subscribers(30, { libName: '', libVer: '' })],
  ['names of redis-hygiene', subscribers(30, { name: 'orders@web-1#sentinel' })],
  ['other clients', subscribers(30, { flags: 'N', sub: 0 })],
])('not reported: %s', (_, rows) => {
  expect(leakFindings(rows)).toEqual([]);
});

test('not reported: a server that is not a Sentinel', () => {
  expect(leakFindings(subscribers(30), 'server')).toEqual([]);
});

describe('versions', () => {
  test('the last leaking version is included', () => {
    expect(leakOf('ioredis', '6.0.0')).toBeDefined();
    expect(leakOf('ioredis(orders)', '5.4.0')).toBeDefined();
    expect(leakOf('ioredis', '6.0.1')).toBeUndefined();
    expect(leakOf('jedis', '99.0.0'), 'no fix is known').toBeDefined();
    expect(leakOf('', '')).toBeUndefined();
  });

  test('are compared by number', () => {
    expect(compareVersions('5.11.1', '5.9.0')).toBeGreaterThan(0);
    expect(compareVersions('v6.0', '6.0.0')).toBe(0);
    expect(compareVersions('6.0.0-beta.1', '6.0.1')).toBeLessThan(0);
    expect(compareVersions('', '0.1')).toBeLessThan(0);
  });
});
