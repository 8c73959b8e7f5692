import { describe, expect, test } from 'vitest';
import type { Attribution } from '../../../../../src/doctor/attribution/attribution.js';
import type { ClientRow } from '../../../../../src/doctor/client-list/client-row.js';
import { examination, findingsOf, saved } from '../../../../support/unit/doctor/audit/examinations.js';
import { bullmq, busy, hygienic, leaked, together } from '../../../../support/unit/doctor/audit/fleets.js';

const LEAKING = '172.18.0.50';
const config = { maxclients: '10000' };

const floodFindings = (rows: readonly ClientRow[], rest = {}) =>
  findingsOf('connection-flood', examination({ rows, config, ...rest })).map(({ owner, severity }) => [
    owner,
    severity,
  ]);

test('100 connections that were never used are a flood, whatever the others hold', () => {
  expect(floodFindings(together(leaked(99, LEAKING), busy(1, '172.18.0.1')))).toEqual([]);
  expect(floodFindings(together(leaked(100, LEAKING), busy(1, '172.18.0.1')))).toEqual([[LEAKING, 'error']]);
  const others = [busy(90, '172.18.0.1'), busy(90, '172.18.0.2'), hygienic('orders', 9)];
  expect(floodFindings(together(leaked(100, LEAKING), ...others))).toEqual([[LEAKING, 'error']]);
});

test('floods of like size do not hide each other', () => {
  const [first, second] = [leaked(480, '172.18.0.1'), leaked(500, LEAKING)];
  expect(floodFindings(together(first, second))).toEqual([
    [LEAKING, 'error'],
    ['172.18.0.1', 'error'],
  ]);
  const [third, fourth] = [busy(900, '172.18.0.3'), busy(800, '172.18.0.4')];
  expect(floodFindings(together(third, fourth, busy(9, '172.18.0.5')))).toHaveLength(2);
});

test('20 % of maxclients are a flood', () => {
  const rows = together(leaked(60, LEAKING), busy(40, '172.18.0.1'), busy(40, '172.18.0.2'));
  expect(floodFindings(rows, { config: { maxclients: '300' } })).toEqual([[LEAKING, 'error']]);
  expect(floodFindings(rows, { config: { maxclients: '400' } })).toEqual([]);
});

test('on a small server a quarter of maxclients is a flood, but never fewer than 10 connections', () => {
  const small = { config: { maxclients: '100' } };
  expect(floodFindings(leaked(25, LEAKING), small)).toEqual([[LEAKING, 'error']]);
  expect(floodFindings(leaked(24, LEAKING), small)).toEqual([]);
  const tiny = { config: { maxclients: '20' } };
  expect(floodFindings(leaked(10, LEAKING), tiny)).toEqual([[LEAKING, 'error']]);
  expect(floodFindings(leaked(9, LEAKING), tiny)).toEqual([]);
});

describe('connections in use', () => {
  test('are reported from 500 on, if the others hold far fewer', () => {
    const others = [busy(200, '172.18.0.1'), busy(200, '172.18.0.2'), busy(9, '172.18.0.3')];
    expect(floodFindings(together(busy(499, LEAKING), ...others))).toEqual([]);
    expect(floodFindings(together(busy(500, LEAKING), ...others))).toEqual([[LEAKING, 'warning']]);
    const large = ['172.18.0.1', '172.18.0.2', '172.18.0.3'].map((ip) => busy(300, ip));
    expect(floodFindings(together(busy(500, LEAKING), ...large))).toEqual([]);
  });

  test('are reported from half of maxclients on', () => {
    const rows = together(busy(300, LEAKING), busy(9, '172.18.0.1'));
    expect(floodFindings(rows, { config: { maxclients: '601' } })).toEqual([]);
    expect(floodFindings(rows, { config: { maxclients: '600' } })).toEqual([[LEAKING, 'warning']]);
  });

  test('include connections younger than 5 seconds', () => {
    expect(floodFindings(together(leaked(300, LEAKING, () => ({ age: 4, idle: 4 }))))).toEqual([]);
    expect(floodFindings(together(leaked(300, LEAKING, () => ({ age: 5, idle: 5 }))))).toEqual([
      [LEAKING, 'error'],
    ]);
  });

  test('include those of pools and workers that were used, and are idle now', () => {
    const used = (index: number) => ({ age: 7_200 + index, idle: 60 + 7 * index, cmd: 'get' });
    expect(floodFindings(leaked(300, LEAKING, used))).toEqual([]);
    expect(floodFindings(leaked(2_000, LEAKING, used))).toEqual([[LEAKING, 'error']]);
  });
});

describe('connections that only wait', () => {
  test('100 subscribers are reported, 50 if redis-hygiene made them', () => {
    const subscribed = { flags: 'P', sub: 1, cmd: 'ping', age: 400, idle: 3 };
    const named = { ...subscribed, name: 'orders@web-1#subscriber' };
    expect(floodFindings(leaked(99, LEAKING, () => subscribed))).toEqual([]);
    expect(floodFindings(leaked(100, LEAKING, () => subscribed))).toEqual([[LEAKING, 'warning']]);
    expect(floodFindings(leaked(49, LEAKING, () => named))).toEqual([]);
    expect(floodFindings(leaked(50, LEAKING, () => named))).toEqual([['orders@web-1', 'warning']]);
  });

  test('100 blocked connections are reported, unless they block for some seconds at a time', () => {
    const blocked = (idle: number) =>
      leaked(100, LEAKING, () => ({ flags: 'b', cmd: 'brpop', age: 400, idle }));
    expect(floodFindings(blocked(10))).toEqual([]);
    expect(floodFindings(blocked(60))).toEqual([[LEAKING, 'warning']]);
    const since = (seconds: number) =>
      leaked(100, LEAKING, () => ({ flags: 'b', cmd: 'blpop', age: seconds, idle: seconds }));
    expect(floodFindings(since(5))).toEqual([[LEAKING, 'warning']]);
  });
});

test.each(['shop', 'orders@web-1', 'bull:bWFpbA==', 'ioredisClusterSubscriber'])(
  'a flood named %s is reported like one without names',
  (name) => {
    const [finding] = findingsOf('connection-flood', saved(together(leaked(900, LEAKING, () => ({ name })))));
    expect(finding).toMatchObject({ severity: 'error', evidence: { connections: 900, unnamed: 0 } });
    expect(finding?.summary).toContain(' holds 900 connections; 900 of them are not in use.');
  },
);

test('queues of a library, each with a name of its own, are not added up', () => {
  expect(floodFindings(bullmq(80, LEAKING))).toEqual([]);
});

describe('a shared address', () => {
  const ownerOf = (): Attribution => ({
    ...{ owner: '172.18.0.1', source: 'address', confidence: 'ambiguous', note: 'gateway of shop_default' },
  });

  test('has thresholds four times as high', () => {
    const mixed = (count: number) => together(leaked(count, LEAKING), busy(count / 2, LEAKING));
    expect(floodFindings(mixed(264), { ownerOf })).toEqual([]);
    expect(floodFindings(mixed(268), { ownerOf })).toEqual([['172.18.0.1', 'error']]);
    expect(floodFindings(busy(6_000, LEAKING), { ownerOf })).toEqual([]);
  });

  test('counts as one client if nearly all of its connections are alike and unused', () => {
    const rows = leaked(120, LEAKING);
    const [finding] = findingsOf('connection-flood', examination({ rows, config, ownerOf }));
    expect(finding?.summary).toContain('172.18.0.1, a shared address, holds 120 unnamed');
    expect(finding?.attribution).toMatchObject({ confidence: 'ambiguous', note: 'gateway of shop_default' });
  });
});

test('a hundred pods of one service that leak a little each are one finding', () => {
  const ownerOf = ({ ip }: ClientRow): Attribution => ({
    ...{ owner: `default/orders-${ip}`, service: 'orders', source: 'pod', confidence: 'certain' },
  });
  const pods = Array.from({ length: 100 }, (_, pod) => leaked(20, `10.0.0.${pod}`));
  expect(floodFindings(together(...pods), { ownerOf })).toEqual([['orders', 'error']]);
  expect(floodFindings(together(...pods.slice(1)), { ownerOf })).toEqual([]);
});

test('at most 100 findings of one code are returned, the worst first', () => {
  const hosts = Array.from({ length: 104 }, (_, host) => leaked(200 + host, `10.0.0.${host}`));
  const findings = findingsOf('connection-flood', saved(together(...hosts)));
  expect(findings).toHaveLength(100);
  expect(findings.map(({ evidence }) => evidence.connections)).toEqual(
    Array.from({ length: 100 }, (_, at) => 303 - at),
  );
  expect(findings.at(-1)?.evidence.furtherFindings).toBe(4);
});
