import { describe, expect, test } from 'vitest';
import type { Attribution } from '../../../../../src/doctor/attribution/attribution.js';
import type { ClientRow } from '../../../../../src/doctor/client-list/client-row.js';
import { examination, findingsOf, kept } from '../../../../support/unit/doctor/audit/examinations.js';
import { busy, hygienic, leaked, together } from '../../../../support/unit/doctor/audit/fleets.js';

const CULPRIT = '172.18.0.50';
const config = { maxclients: '10000' };

const found = (rows: readonly ClientRow[], rest = {}) =>
  findingsOf('unnamed-flood', examination({ rows, config, ...rest })).map(({ owner, severity }) => [
    owner,
    severity,
  ]);

test('a flood is what is far beyond the others', () => {
  const others = [busy(40, '172.18.0.1'), busy(40, '172.18.0.2'), busy(40, '172.18.0.3')];
  expect(found(together(leaked(200, CULPRIT), ...others))).toEqual([[CULPRIT, 'error']]);
  expect(found(together(leaked(199, CULPRIT), ...others))).toEqual([]);
});

test('beside hosts that hold next to nothing, a handful is none', () => {
  expect(found(together(leaked(99, CULPRIT), busy(1, '172.18.0.1')))).toEqual([]);
  expect(found(together(leaked(100, CULPRIT), busy(1, '172.18.0.1')))).toEqual([[CULPRIT, 'error']]);
});

test('named connections of others count for what is usual', () => {
  const rows = together(hygienic('orders', 9), leaked(120, CULPRIT));
  expect(found(rows)).toEqual([[CULPRIT, 'error']]);
});

test('a large share of a small maxclients is one too', () => {
  const rows = together(leaked(60, CULPRIT), busy(40, '172.18.0.1'), busy(40, '172.18.0.2'));
  expect(found(rows, { config: { maxclients: '300' } })).toEqual([[CULPRIT, 'error']]);
  expect(found(rows, { config: { maxclients: '400' } })).toEqual([]);
});

test('on a small server a quarter of it is much, and a handful is not', () => {
  const small = { config: { maxclients: '100' } };
  expect(found(leaked(25, CULPRIT), small)).toEqual([[CULPRIT, 'error']]);
  expect(found(leaked(24, CULPRIT), small)).toEqual([]);
  const tiny = { config: { maxclients: '20' } };
  expect(found(leaked(10, CULPRIT), tiny)).toEqual([[CULPRIT, 'error']]);
  expect(found(leaked(9, CULPRIT), tiny)).toEqual([]);
});

describe('not in use', () => {
  test('a service that uses what it holds is left alone up to half of maxclients', () => {
    expect(found(together(busy(4_999, CULPRIT), busy(9, '172.18.0.1')))).toEqual([]);
    expect(found(together(busy(5_000, CULPRIT), busy(9, '172.18.0.1')))).toEqual([[CULPRIT, 'warning']]);
  });

  test('connections that wait by right are in use', () => {
    const blocked = leaked(200, CULPRIT, () => ({ flags: 'b', cmd: 'brpop' }));
    const subscribed = leaked(200, CULPRIT, () => ({ flags: 'P', sub: 1, cmd: 'subscribe' }));
    expect(found(together(blocked, subscribed))).toEqual([]);
  });

  test('so are those that are too young to tell', () => {
    expect(found(together(leaked(300, CULPRIT, () => ({ age: 4, idle: 4 }))))).toEqual([]);
    expect(found(together(leaked(300, CULPRIT, () => ({ age: 5, idle: 5 }))))).toEqual([[CULPRIT, 'error']]);
  });
});

test('connections that are used now and then are a warning, unless they fill the server', () => {
  const used = (index: number) => ({
    age: 7_200 + index,
    idle: 5 + 7 * index,
    cmd: index % 3 ? 'get' : 'hgetall',
  });
  const occasional = leaked(120, CULPRIT, used);
  expect(found(occasional)).toEqual([[CULPRIT, 'warning']]);
  expect(findingsOf('unnamed-flood', kept(occasional))).toMatchObject([{ severity: 'warning' }]);
  expect(found(occasional, { config: { maxclients: '601' } })).toEqual([[CULPRIT, 'warning']]);
  expect(found(occasional, { config: { maxclients: '600' } })).toEqual([[CULPRIT, 'error']]);
  expect(found(together(occasional, leaked(119, CULPRIT)))).toEqual([[CULPRIT, 'warning']]);
  expect(found(together(occasional, leaked(120, CULPRIT)))).toEqual([[CULPRIT, 'error']]);
});

test('names are no part of it', () => {
  expect(found(together(leaked(900, CULPRIT, () => ({ name: 'shop' }))))).toEqual([]);
});

test('an address that stands for many must be accused of four times as much, and its note is told', () => {
  const ownerOf = (): Attribution => ({
    ...{ owner: '172.18.0.1', source: 'address', confidence: 'ambiguous', note: 'gateway of shop_default' },
  });
  expect(found(leaked(399, CULPRIT), { ownerOf })).toEqual([]);
  const [finding] = findingsOf('unnamed-flood', examination({ rows: leaked(400, CULPRIT), config, ownerOf }));
  expect(finding?.summary).toContain('172.18.0.1, an address that stands for many, holds 400 nameless');
  expect(finding?.attribution).toMatchObject({ confidence: 'ambiguous', note: 'gateway of shop_default' });
});

test('a hundred pods that leak a little each are one leak', () => {
  const ownerOf = ({ ip }: ClientRow): Attribution => ({
    ...{ owner: `default/orders-${ip}`, service: 'orders', source: 'pod', confidence: 'certain' },
  });
  const pods = Array.from({ length: 100 }, (_, pod) => leaked(20, `10.0.0.${pod}`));
  expect(found(together(...pods), { ownerOf })).toEqual([['orders', 'error']]);
  expect(found(together(...pods.slice(1)), { ownerOf })).toEqual([]);
});

test('at most ten are told of one kind, the worst first', () => {
  const hosts = Array.from({ length: 14 }, (_, host) => leaked(2_100 + host, `10.0.0.${host}`));
  const findings = findingsOf('unnamed-flood', kept(together(...hosts)));
  expect(findings).toHaveLength(10);
  expect(findings.map(({ evidence }) => evidence.connections)).toEqual(
    Array.from({ length: 10 }, (_, at) => 2_113 - at),
  );
  expect(findings.at(-1)?.evidence.furtherFindings).toBe(4);
});
