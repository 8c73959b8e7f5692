import { describe, expect, test } from 'vitest';
import type { Attribution } from '../../../../../src/doctor/attribution/attribution.js';
import type { ClientRow } from '../../../../../src/doctor/client-list/client-row.js';
import {
  codesOf,
  examination,
  findingsOf,
  saved,
} from '../../../../support/unit/doctor/audit/examinations.js';
import { bullmq, busy, javaPools, leaked, together } from '../../../../support/unit/doctor/audit/fleets.js';

const LEAKING = '172.18.0.50';

const abandonedFindings = (...groups: (readonly ClientRow[])[]) =>
  findingsOf('abandoned-clients', saved(together(...groups))).map(({ owner, severity, evidence }) => [
    owner,
    severity,
    evidence.connections,
  ]);

test('50 connections of one owner are a warning, 200 an error', () => {
  expect(abandonedFindings(leaked(49, LEAKING))).toEqual([]);
  expect(abandonedFindings(leaked(50, LEAKING))).toEqual([[LEAKING, 'warning', 50]]);
  expect(abandonedFindings(leaked(199, LEAKING))).toEqual([[LEAKING, 'warning', 199]]);
  expect(abandonedFindings(leaked(200, LEAKING))).toEqual([[LEAKING, 'error', 200]]);
});

test.each([
  ...['', 'NULL', 'ping', 'select', 'client', 'client|setname', 'client|setinfo', 'client|id'],
  ...['auth', 'hello', 'info', 'command', 'command|docs', 'readonly'],
])('the last command %j marks an unused connection', (cmd) => {
  expect(abandonedFindings(leaked(60, LEAKING, () => ({ cmd })))).toHaveLength(1);
});

test('any other command marks a used connection', () => {
  expect(abandonedFindings(leaked(99, LEAKING, () => ({ cmd: 'get' })))).toEqual([]);
});

test('connections used once are reported if nearly all of an owner are like that', () => {
  const usedOnce = (count: number) =>
    leaked(count, LEAKING, (index) => ({ cmd: 'get', age: 300 + index, idle: 299 + index }));
  expect(abandonedFindings(usedOnce(49))).toEqual([]);
  expect(abandonedFindings(usedOnce(50))).toEqual([[LEAKING, 'warning', 50]]);
  expect(abandonedFindings(usedOnce(50), busy(20, LEAKING))).toEqual([]);
  expect(
    abandonedFindings(
      usedOnce(50),
      busy(20, LEAKING, () => ({ name: 'shop' })),
    ),
  ).toHaveLength(1);
  expect(abandonedFindings(leaked(100, LEAKING, () => ({ cmd: 'get', age: 50, idle: 49 })))).toEqual([]);
});

test('connections used once that were opened together may belong to a pool, so it takes 100', () => {
  const together = (count: number) => leaked(count, LEAKING, () => ({ cmd: 'get', age: 9_000, idle: 8_990 }));
  expect(abandonedFindings(together(99))).toEqual([]);
  expect(abandonedFindings(together(100))).toEqual([[LEAKING, 'warning', 100]]);
});

test('a handshake may take up to 3 seconds', () => {
  expect(abandonedFindings(leaked(60, LEAKING, () => ({ age: 75, idle: 72 })))).toHaveLength(1);
  expect(abandonedFindings(leaked(60, LEAKING, () => ({ age: 76, idle: 72 })))).toEqual([]);
});

test('connections younger than 5 seconds are not counted', () => {
  expect(abandonedFindings(leaked(60, LEAKING, () => ({ age: 4, idle: 4 })))).toEqual([]);
  expect(abandonedFindings(leaked(60, LEAKING, () => ({ age: 5, idle: 5 })))).toHaveLength(1);
});

describe('not reported', () => {
  test.each<[string, Partial<ClientRow>]>([
    ['subscribers', { flags: 'P', sub: 1, cmd: 'subscribe' }],
    ['subscribers that have sent PING', { flags: 'P', psub: 1, cmd: 'ping' }],
    ['subscribers of shard channels', { flags: 'N', ssub: 1, cmd: 'ping' }],
    ['blocked clients', { flags: 'b', cmd: 'blpop' }],
    ['transactions that began a moment ago', { flags: 'x', multi: 0, cmd: 'ping', idle: 59 }],
    ['monitors', { flags: 'O', cmd: 'monitor', age: 60, idle: 60 }],
    ['replicas', { flags: 'S', cmd: 'ping' }],
  ])('%s', (_, given) => {
    expect(abandonedFindings(leaked(300, LEAKING, () => given))).toEqual([]);
  });

  test('idle connections of pools, 8 on each of 10 hosts and 40 on one', () => {
    expect(abandonedFindings(javaPools(10), javaPools(1, 40))).toEqual([]);
  });

  test('queues of BullMQ, which have a name each', () => {
    expect(abandonedFindings(bullmq(80, LEAKING))).toEqual([]);
    expect(abandonedFindings(leaked(60, LEAKING, () => ({ name: 'bull:bWFpbA==' })))).toHaveLength(1);
  });
});

test('60 unused clients are a warning here, and not a flood', () => {
  const pools = leaked(60, LEAKING, () => ({ cmd: 'info', age: 40_000, idle: 40_000 }));
  expect(abandonedFindings(pools)).toEqual([[LEAKING, 'warning', 60]]);
  expect(codesOf(saved(pools))).toEqual(['abandoned-clients']);
});

test('on a small server a quarter of maxclients is reported, but never fewer than 10 connections', () => {
  const severitiesOn = (maxclients: string, count: number) =>
    findingsOf(
      'abandoned-clients',
      examination({ rows: leaked(count, LEAKING), config: { maxclients } }),
    ).map(({ severity }) => severity);
  expect(severitiesOn('100', 40)).toEqual(['warning']);
  expect(severitiesOn('100', 25)).toEqual(['warning']);
  expect(severitiesOn('100', 24)).toEqual([]);
  expect(severitiesOn('20', 10)).toEqual(['warning']);
  expect(severitiesOn('20', 9)).toEqual([]);
});

test('a shared address has thresholds four times as high, unless nearly all of its connections are alike', () => {
  const ownerOf = (): Attribution => ({ owner: 'node-1', source: 'address', confidence: 'ambiguous' });
  const severities = (...groups: (readonly ClientRow[])[]) =>
    findingsOf('abandoned-clients', saved(together(...groups), { ownerOf })).map(({ severity }) => severity);
  const opened = (count: number) =>
    leaked(count, LEAKING, (index) => ({ age: 72 + index, idle: 72 + index }));
  expect(severities(opened(199), busy(60, LEAKING))).toEqual([]);
  expect(severities(opened(200), busy(60, LEAKING))).toEqual(['warning']);
  expect(severities(opened(800), busy(300, LEAKING))).toEqual(['error']);
  expect(severities(opened(60), busy(9, LEAKING))).toEqual(['warning']);
});

test('pools behind a shared address, each opened at once, are not added up', () => {
  const ownerOf = (): Attribution => ({ owner: 'mesh', source: 'address', confidence: 'ambiguous' });
  const pools = Array.from({ length: 12 }, (_, pool) =>
    leaked(24, LEAKING, () => ({ age: 5_000 * (pool + 1), idle: 5_000 * (pool + 1) })),
  );
  expect(findingsOf('abandoned-clients', saved(together(...pools, busy(90, LEAKING)), { ownerOf }))).toEqual(
    [],
  );
});

test('pods of one service are added up and judged by their share of maxclients', () => {
  const ownerOf = ({ ip }: ClientRow): Attribution => ({
    ...{ owner: `default/orders-${ip}`, service: 'orders', source: 'pod', confidence: 'certain' },
  });
  const pods = Array.from({ length: 20 }, (_, pod) => leaked(40, `10.0.0.${pod}`));
  const findingsOfPods = (maxclients: string) =>
    findingsOf(
      'abandoned-clients',
      examination({ rows: together(...pods), config: { maxclients }, ownerOf }),
    ).map(({ owner, evidence }) => [owner, evidence.connections]);
  expect(findingsOfPods('8000')).toEqual([['orders', 800]]);
  expect(findingsOfPods('10000')).toEqual([]);
});

test('the summary contains the last commands', () => {
  const rows = leaked(100, LEAKING, (index) => ({ cmd: index < 70 ? 'ping' : '' }));
  const [finding] = findingsOf('abandoned-clients', saved(rows));
  expect(finding?.summary).toContain('Last commands: ping 70, none 30.');
});

describe('connections that are kept alive by health checks', () => {
  const pinged = (count: number, given: Partial<ClientRow>) =>
    leaked(count, LEAKING, (index) => ({ cmd: 'ping', age: 900 + index, idle: index % 15, ...given }));

  test('of redis-hygiene, which may have been used before, count from 100 on where the server counts no commands', () => {
    expect(abandonedFindings(pinged(99, { name: 'orders@web-1', age: 900 }))).toEqual([]);
    expect(abandonedFindings(pinged(100, { name: 'orders@web-1', age: 900 }))).toEqual([
      ['orders@web-1', 'warning', 100],
    ]);
    const [finding] = findingsOf('abandoned-clients', saved(pinged(100, { name: 'orders@web-1', age: 900 })));
    expect(finding?.summary).toBe(
      'orders@web-1 opened 100 connections and has them kept alive by health checks, without any other use to be seen. Last commands: ping 100.',
    );
  });

  test('of redis-hygiene count from 50 on if they were opened one by one, as no process starts', () => {
    const oneByOne = (count: number) =>
      leaked(count, LEAKING, (index) => ({
        ...{ cmd: 'ping', name: 'orders@web-1', age: 9_000 - 7 * index, idle: index % 15 },
      }));
    expect(abandonedFindings(oneByOne(49))).toEqual([]);
    expect(abandonedFindings(oneByOne(50))).toEqual([['orders@web-1', 'warning', 50]]);
  });

  test('of a service that runs on many hosts are no leak', () => {
    const pods = Array.from({ length: 1_000 }, (_, index) =>
      pinged(1, { name: `orders@pod-${index}`, ip: `10.4.${index >> 8}.${index % 256}` }),
    );
    expect(abandonedFindings(pods.flat())).toEqual([]);
  });

  test('count as unused if there were few other commands', () => {
    const commands = { handshake: 12, healthChecks: 90 };
    const totCmds = commands.handshake + commands.healthChecks;
    expect(abandonedFindings(pinged(60, { totCmds }))).toHaveLength(1);
    expect(abandonedFindings(pinged(300, { totCmds: totCmds + 40 }))).toEqual([]);
  });

  test('of a pool may have been used before, so it takes 200', () => {
    expect(abandonedFindings(pinged(199, { name: 'orders@web-1#pool' }))).toEqual([]);
    expect(abandonedFindings(pinged(200, { name: 'orders@web-1#pool' }))).toHaveLength(1);
    expect(abandonedFindings(pinged(199, {}))).toEqual([]);
    expect(abandonedFindings(pinged(200, {}))).toHaveLength(1);
  });
});

test('transactions that nobody ends are reported', () => {
  const open = leaked(60, LEAKING, () => ({ flags: 'x', multi: 2, cmd: 'set', age: 900, idle: 61 }));
  const [finding] = findingsOf('abandoned-clients', saved(open));
  expect(finding?.summary).toContain(
    '60 of them are in a transaction that was not ended. Last commands: set 60.',
  );
  expect(finding?.cause).toBe('60 left in a transaction (set 60)');
});

test('numbered names are one group, and the names of queues are not', () => {
  expect(abandonedFindings(leaked(60, LEAKING, (index) => ({ name: `worker-${index}` })))).toHaveLength(1);
  const queue = (index: number) => ({ name: `bull:${Buffer.from(`queue-${index}`).toString('base64')}` });
  expect(abandonedFindings(leaked(60, LEAKING, queue))).toEqual([]);
  expect(abandonedFindings(leaked(300, LEAKING, queue))).toEqual([[LEAKING, 'error', 300]]);
});

test('connections that were used for more than a minute are not told as used once', () => {
  const usedFor = (seconds: number) =>
    leaked(150, LEAKING, () => ({ cmd: 'hset', age: 43_200, idle: 43_200 - seconds }));
  expect(abandonedFindings(usedFor(60))).toHaveLength(1);
  expect(abandonedFindings(usedFor(90))).toEqual([]);
});

test('on Dragonfly, which lists no last command, the number of commands decides', () => {
  const dragonfly = (totCmds: number) => leaked(60, LEAKING, () => ({ cmd: '', flags: '', totCmds }));
  expect(abandonedFindings(dragonfly(12))).toHaveLength(1);
  expect(abandonedFindings(dragonfly(13))).toEqual([]);
  expect(abandonedFindings(busy(60, LEAKING, () => ({ cmd: '', flags: '', totCmds: 9_000 })))).toEqual([]);
});
