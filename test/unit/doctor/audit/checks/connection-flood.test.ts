import { describe, expect, test } from 'vitest';
import type { Attribution } from '../../../../../src/doctor/attribution/attribution.js';
import type { ClientRow } from '../../../../../src/doctor/client-list/client-row.js';
import { examination, findingsOf, saved } from '../../../../support/unit/doctor/audit/examinations.js';
import { busy, hygienic, leaked, together } from '../../../../support/unit/doctor/audit/fleets.js';

const LEAKING = '172.18.0.50';
const config = { maxclients: '10000' };

const floodFindings = (rows: readonly ClientRow[], rest = {}) =>
  findingsOf('connection-flood', examination({ rows, config, ...rest })).map(({ owner, severity }) => [
    owner,
    severity,
  ]);

test('five times the median of the others is a flood', () => {
  const others = [busy(40, '172.18.0.1'), busy(40, '172.18.0.2'), busy(40, '172.18.0.3')];
  expect(floodFindings(together(leaked(200, LEAKING), ...others))).toEqual([[LEAKING, 'error']]);
  expect(floodFindings(together(leaked(199, LEAKING), ...others))).toEqual([]);
});

test('beside hosts with almost no connections, fewer than 100 are not a flood', () => {
  expect(floodFindings(together(leaked(99, LEAKING), busy(1, '172.18.0.1')))).toEqual([]);
  expect(floodFindings(together(leaked(100, LEAKING), busy(1, '172.18.0.1')))).toEqual([[LEAKING, 'error']]);
});

test('the median includes named connections of the others', () => {
  const rows = together(hygienic('orders', 9), leaked(120, LEAKING));
  expect(floodFindings(rows)).toEqual([[LEAKING, 'error']]);
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
  test('are reported from half of maxclients on', () => {
    expect(floodFindings(together(busy(4_999, LEAKING), busy(9, '172.18.0.1')))).toEqual([]);
    expect(floodFindings(together(busy(5_000, LEAKING), busy(9, '172.18.0.1')))).toEqual([
      [LEAKING, 'warning'],
    ]);
  });

  test('include blocked clients and subscribers', () => {
    const blocked = leaked(200, LEAKING, () => ({ flags: 'b', cmd: 'brpop' }));
    const subscribed = leaked(200, LEAKING, () => ({ flags: 'P', sub: 1, cmd: 'subscribe' }));
    expect(floodFindings(together(blocked, subscribed))).toEqual([]);
  });

  test('include connections younger than 5 seconds', () => {
    expect(floodFindings(together(leaked(300, LEAKING, () => ({ age: 4, idle: 4 }))))).toEqual([]);
    expect(floodFindings(together(leaked(300, LEAKING, () => ({ age: 5, idle: 5 }))))).toEqual([
      [LEAKING, 'error'],
    ]);
  });
});

test('connections used now and then are a warning, unless they fill the server', () => {
  const used = (index: number) => ({
    age: 7_200 + index,
    idle: 5 + 7 * index,
    cmd: index % 3 ? 'get' : 'hgetall',
  });
  const occasional = leaked(120, LEAKING, used);
  expect(floodFindings(occasional)).toEqual([[LEAKING, 'warning']]);
  expect(findingsOf('connection-flood', saved(occasional))).toMatchObject([{ severity: 'warning' }]);
  expect(floodFindings(occasional, { config: { maxclients: '601' } })).toEqual([[LEAKING, 'warning']]);
  expect(floodFindings(occasional, { config: { maxclients: '600' } })).toEqual([[LEAKING, 'error']]);
  expect(floodFindings(together(occasional, leaked(119, LEAKING)))).toEqual([[LEAKING, 'warning']]);
  expect(floodFindings(together(occasional, leaked(120, LEAKING)))).toEqual([[LEAKING, 'error']]);
});

test('named connections are not reported', () => {
  expect(floodFindings(together(leaked(900, LEAKING, () => ({ name: 'shop' }))))).toEqual([]);
});

test('a shared address has thresholds four times as high, and its note is in the attribution', () => {
  const ownerOf = (): Attribution => ({
    ...{ owner: '172.18.0.1', source: 'address', confidence: 'ambiguous', note: 'gateway of shop_default' },
  });
  expect(floodFindings(leaked(399, LEAKING), { ownerOf })).toEqual([]);
  const [finding] = findingsOf(
    'connection-flood',
    examination({ rows: leaked(400, LEAKING), config, ownerOf }),
  );
  expect(finding?.summary).toContain('172.18.0.1, a shared address, holds 400 unnamed');
  expect(finding?.attribution).toMatchObject({ confidence: 'ambiguous', note: 'gateway of shop_default' });
});

test('a hundred pods of one service that leak a little each are one finding', () => {
  const ownerOf = ({ ip }: ClientRow): Attribution => ({
    ...{ owner: `default/orders-${ip}`, service: 'orders', source: 'pod', confidence: 'certain' },
  });
  const pods = Array.from({ length: 100 }, (_, pod) => leaked(20, `10.0.0.${pod}`));
  expect(floodFindings(together(...pods), { ownerOf })).toEqual([['orders', 'error']]);
  expect(floodFindings(together(...pods.slice(1)), { ownerOf })).toEqual([]);
});

test('at most ten findings of one code are returned, the worst first', () => {
  const hosts = Array.from({ length: 14 }, (_, host) => leaked(2_100 + host, `10.0.0.${host}`));
  const findings = findingsOf('connection-flood', saved(together(...hosts)));
  expect(findings).toHaveLength(10);
  expect(findings.map(({ evidence }) => evidence.connections)).toEqual(
    Array.from({ length: 10 }, (_, at) => 2_113 - at),
  );
  expect(findings.at(-1)?.evidence.furtherFindings).toBe(4);
});
