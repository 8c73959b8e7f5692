import { describe, expect, test } from 'vitest';
import type { Attribution } from '../../../../../src/doctor/attribution/attribution.js';
import type { ClientRow } from '../../../../../src/doctor/client-list/client-row.js';
import {
  codesOf,
  examination,
  findingsOf,
  kept,
} from '../../../../support/unit/doctor/audit/examinations.js';
import { bullmq, busy, javaPools, leaked, together } from '../../../../support/unit/doctor/audit/fleets.js';

const CULPRIT = '172.18.0.50';

const found = (...groups: (readonly ClientRow[])[]) =>
  findingsOf('abandoned-clients', kept(together(...groups))).map(({ owner, severity, evidence }) => [
    owner,
    severity,
    evidence.connections,
  ]);

test('several of one owner are a warning, many an error', () => {
  expect(found(leaked(49, CULPRIT))).toEqual([]);
  expect(found(leaked(50, CULPRIT))).toEqual([[CULPRIT, 'warning', 50]]);
  expect(found(leaked(199, CULPRIT))).toEqual([[CULPRIT, 'warning', 199]]);
  expect(found(leaked(200, CULPRIT))).toEqual([[CULPRIT, 'error', 200]]);
});

test.each([
  ...['', 'NULL', 'ping', 'select', 'client', 'client|setname', 'client|setinfo', 'client|id'],
  ...['auth', 'hello', 'info', 'command', 'command|docs', 'readonly'],
])('the last command %j is that of a connection nobody has used', (cmd) => {
  expect(found(leaked(60, CULPRIT, () => ({ cmd })))).toHaveLength(1);
});

test('one that got a command of somebody was used', () => {
  expect(found(leaked(199, CULPRIT, () => ({ cmd: 'get' })))).toEqual([]);
});

test('using each connection once is the rule where nearly all are so', () => {
  const once = leaked(200, CULPRIT, () => ({ cmd: 'get', age: 300, idle: 299 }));
  expect(found(once)).toEqual([[CULPRIT, 'warning', 200]]);
  expect(found(once, busy(60, CULPRIT))).toEqual([]);
  expect(found(leaked(200, CULPRIT, () => ({ cmd: 'get', age: 50, idle: 49 })))).toEqual([]);
});

test('the handshake may take a while, and a use ends it', () => {
  expect(found(leaked(60, CULPRIT, () => ({ age: 75, idle: 72 })))).toHaveLength(1);
  expect(found(leaked(60, CULPRIT, () => ({ age: 76, idle: 72 })))).toEqual([]);
});

test('the youngest are not counted: they may be about to be used', () => {
  expect(found(leaked(60, CULPRIT, () => ({ age: 4, idle: 4 })))).toEqual([]);
  expect(found(leaked(60, CULPRIT, () => ({ age: 5, idle: 5 })))).toHaveLength(1);
});

describe('healthy', () => {
  test.each<[string, Partial<ClientRow>]>([
    ['subscribers', { flags: 'P', sub: 1, cmd: 'subscribe' }],
    ['subscribers that pinged', { flags: 'P', psub: 1, cmd: 'ping' }],
    ['subscribers of shard channels', { flags: 'N', ssub: 1, cmd: 'ping' }],
    ['blocked clients', { flags: 'b', cmd: 'blpop' }],
    ['a transaction', { flags: 'x', multi: 0, cmd: 'ping' }],
    ['monitors', { flags: 'O', cmd: 'monitor', age: 60, idle: 60 }],
    ['replicas', { flags: 'S', cmd: 'ping' }],
  ])('%s', (_, given) => {
    expect(found(leaked(300, CULPRIT, () => given))).toEqual([]);
  });

  test('the reserves of pools, 8 on each of 10 hosts, 40 on one', () => {
    expect(found(javaPools(10), javaPools(1, 40))).toEqual([]);
  });

  test('the queues of BullMQ: each has its name', () => {
    expect(found(bullmq(80, CULPRIT))).toEqual([]);
    expect(found(leaked(60, CULPRIT, () => ({ name: 'bull:bWFpbA==' })))).toHaveLength(1);
  });
});

test('six pools of ten raw clients that nobody has used yet are a warning, and no flood', () => {
  const pools = leaked(60, CULPRIT, () => ({ cmd: 'info', age: 40_000, idle: 40_000 }));
  expect(found(pools)).toEqual([[CULPRIT, 'warning', 60]]);
  expect(codesOf(kept(pools))).toEqual(['abandoned-clients']);
});

test('on a small server a quarter of it is much, and a handful is not', () => {
  const on = (maxclients: string, count: number) =>
    findingsOf(
      'abandoned-clients',
      examination({ rows: leaked(count, CULPRIT), config: { maxclients } }),
    ).map(({ severity }) => severity);
  expect(on('100', 40)).toEqual(['warning']);
  expect(on('100', 25)).toEqual(['warning']);
  expect(on('100', 24)).toEqual([]);
  expect(on('20', 10)).toEqual(['warning']);
  expect(on('20', 9)).toEqual([]);
});

test('an address that stands for many has several reserves', () => {
  const ownerOf = (): Attribution => ({ owner: 'node-1', source: 'address', confidence: 'ambiguous' });
  const severities = (count: number) =>
    findingsOf('abandoned-clients', kept(leaked(count, CULPRIT), { ownerOf })).map(
      ({ severity }) => severity,
    );
  expect(severities(199)).toEqual([]);
  expect(severities(200)).toEqual(['warning']);
  expect(severities(800)).toEqual(['error']);
});

test('pods of one service are judged together, by their share of maxclients', () => {
  const ownerOf = ({ ip }: ClientRow): Attribution => ({
    ...{ owner: `default/orders-${ip}`, service: 'orders', source: 'pod', confidence: 'certain' },
  });
  const pods = Array.from({ length: 20 }, (_, pod) => leaked(40, `10.0.0.${pod}`));
  const ofFleet = (maxclients: string) =>
    findingsOf(
      'abandoned-clients',
      examination({ rows: together(...pods), config: { maxclients }, ownerOf }),
    ).map(({ owner, evidence }) => [owner, evidence.connections]);
  expect(ofFleet('8000')).toEqual([['orders', 800]]);
  expect(ofFleet('10000')).toEqual([]);
});

test('the sentence has the commands', () => {
  const rows = leaked(100, CULPRIT, (index) => ({ cmd: index < 70 ? 'ping' : '' }));
  const [finding] = findingsOf('abandoned-clients', kept(rows));
  expect(finding?.summary).toContain('Last commands: ping 70, none 30.');
});
