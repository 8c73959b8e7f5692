import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { ClientRow } from '../../../../../src/doctor/client-list/client-row.js';
import { clientRow } from '../../../../support/unit/doctor/rows.js';
import { findingsOf, saved } from '../../../../support/unit/doctor/audit/examinations.js';
import { healthy, together } from '../../../../support/unit/doctor/audit/fleets.js';

/** A raw subscriber that has been silent since it was opened. */
const subscriber = (age: number, given: Partial<ClientRow> = {}) =>
  clientRow({ ip: '10.1.0.7', flags: 'P', sub: 1, cmd: 'subscribe', age, idle: age, ...given });

const subscribers = (ages: readonly number[], given: Partial<ClientRow> = {}) =>
  together(ages.map((age) => subscriber(age, given)));

const orphanFindings = (rows: readonly ClientRow[], heartbeatSeconds = 15) =>
  findingsOf('orphan-subscribers', saved(rows, { kind: 'sentinel' }), { heartbeatSeconds });

/** Ages at the interval of incident 2: keepalive 7875 s, 5 s of sleep, and a connect. */
const incident2 = (rounds: number, youngest = 900) =>
  Array.from({ length: rounds }, (_, round) => youngest + round * 7_880 + (round % 3));

describe('incident 2', () => {
  test('28 subscribers of one client are found', () => {
    const [finding, ...others] = orphanFindings(subscribers(incident2(28)));
    expect(others).toEqual([]);
    expect(finding).toMatchObject({ severity: 'error', owner: '10.1.0.7' });
    expect(finding?.evidence).toMatchObject({ connections: 28, sub: 1 });
    expect(finding?.summary).toContain('every 2h11m');
  });

  test('three subscribers at this interval are enough', () => {
    expect(orphanFindings(subscribers(incident2(3)))).toHaveLength(1);
    expect(orphanFindings(subscribers(incident2(2)))).toEqual([]);
  });

  test('the subscribers of five clients on one host are all found', () => {
    const ages = [0, 333, 1_111, 4_000, 6_543].flatMap((offset) => incident2(10, 900 + offset));
    const [finding] = orphanFindings(subscribers(ages));
    expect(finding?.evidence.connections).toBe(50);
  });

  test('other connections are not included', () => {
    const commands = Array.from({ length: 9 }, (_, index) =>
      clientRow({ ip: '10.1.0.7', age: 9_000 + index, idle: 3 }),
    );
    const rows = together(subscribers(incident2(6)), commands, healthy());
    expect(orphanFindings(rows).map(({ owner, evidence }) => [owner, evidence.connections])).toEqual([
      ['10.1.0.7', 6],
    ]);
  });

  test('thousands of subscribers are found', () => {
    const [finding] = orphanFindings(subscribers(incident2(3_000)));
    expect(finding?.evidence.connections).toBe(3_000);
  });
});

test('any other interval needs four subscribers', () => {
  const every = (seconds: number, times: number) =>
    Array.from({ length: times }, (_, time) => 700 + time * seconds);
  expect(orphanFindings(subscribers(every(1_830, 4)))).toHaveLength(1);
  expect(orphanFindings(subscribers(every(1_830, 3)))).toEqual([]);
  expect(orphanFindings(subscribers(every(200, 9))), 'no firewall forgets this fast').toEqual([]);
});

test('without a regular interval it takes ten subscribers', () => {
  const apart = (times: number) =>
    Array.from({ length: times }, (_, time) => 400 + 97 * time ** 2 + 300 * time);
  const [finding] = orphanFindings(subscribers(apart(10)));
  expect(finding).toMatchObject({ severity: 'warning' });
  expect(finding?.summary).toContain(
    '10 silent subscribers (same name and user) that have received nothing for up to 3h2m. Most of their clients are probably gone.',
  );
  expect(orphanFindings(subscribers(apart(9)))).toEqual([]);
});

test('50 subscribers opened together are reported after an hour of silence, 200 are an error', () => {
  const findingsOfCrowd = (count: number, seconds: number) =>
    orphanFindings(subscribers(Array.from({ length: count }, () => seconds)));
  expect(findingsOfCrowd(50, 3600)).toMatchObject([{ severity: 'warning' }]);
  expect(findingsOfCrowd(49, 3600)).toEqual([]);
  expect(findingsOfCrowd(50, 3599)).toEqual([]);
  expect(findingsOfCrowd(200, 3600)).toMatchObject([{ severity: 'error' }]);
});

test('50 subscribers opened one by one are reported after twenty heartbeats', () => {
  const oneByOne = Array.from({ length: 50 }, (_, index) => 300 + 4 * index);
  expect(orphanFindings(subscribers(oneByOne))).toHaveLength(1);
  expect(orphanFindings(subscribers(oneByOne.map(() => 400)))).toEqual([]);
});

test('subscribers with different numbers of channels and any name are reported (ioredis#1325)', () => {
  const rows = Array.from({ length: 1_100 }, (_, index) =>
    subscriber(9_000 + index, { sub: 5 + (index % 196), name: 'ioredisClusterSubscriber', idle: 8_400 }),
  );
  expect(orphanFindings(together(rows))).toMatchObject([
    { severity: 'error', evidence: { connections: 1_100 } },
  ]);
});

describe('blocked clients', () => {
  const blocked = (ages: readonly number[], given: Partial<ClientRow> = {}) =>
    together(ages.map((age) => subscriber(age, { flags: 'b', sub: 0, cmd: 'brpop', ...given })));
  const consumerFindings = (rows: readonly ClientRow[]) => findingsOf('orphan-consumers', saved(rows));

  test('that replaced each other at an interval are reported', () => {
    const [finding] = consumerFindings(blocked(incident2(9)));
    expect(finding).toMatchObject({ severity: 'error', owner: '10.1.0.7', evidence: { connections: 9 } });
    expect(finding?.summary).toContain(
      '9 blocked connections that were opened one after the other, every 2h11m.',
    );
  });

  test('that were opened one by one and never got a job are reported, with any name', () => {
    const ages = Array.from({ length: 120 }, (_, index) => 400 + 20 * index);
    const [finding] = consumerFindings(blocked(ages, { name: 'sidekiq' }));
    expect(finding?.summary).toBe(
      '10.1.0.7 has 120 blocked connections (brpop 120) that have received nothing for up to 46m20s. Most of their clients are probably gone.',
    );
  });

  test('are not reported if they block for some seconds at a time', () => {
    const ages = Array.from({ length: 400 }, (_, index) => 4_000 + 20 * index);
    expect(consumerFindings(blocked(ages, { idle: 9 }))).toEqual([]);
  });

  test('are not reported if they are the workers of one process that wait for hours', () => {
    expect(consumerFindings(blocked(Array.from({ length: 99 }, () => 40_000)))).toEqual([]);
  });
});

describe('not reported', () => {
  test('three processes on one host with a raw subscriber each, restarted at different times', () => {
    expect(orphanFindings(subscribers([3_600, 90_000, 1_000_000]))).toEqual([]);
  });

  test('processes that were started at an interval, and have all received a message since', () => {
    const ages = Array.from({ length: 9 }, (_, index) => 200_000 + 7_880 * index);
    expect(orphanFindings(subscribers(ages, { idle: 86_400 }))).toEqual([]);
  });

  test('two groups of four workers that started together', () => {
    const ages = [5_000, 5_001, 5_002, 5_003, 20_000, 20_001, 20_002, 20_003];
    expect(orphanFindings(subscribers(ages))).toEqual([]);
  });

  test('subscribers that have received a message lately', () => {
    expect(orphanFindings(subscribers(incident2(9), { idle: 200 }))).toEqual([]);
  });

  test('many subscribers of one host, half of them active', () => {
    const subscribersOfRooms = Array.from({ length: 60 }, (_, room) =>
      subscriber(1_000 + 97 * room ** 2 + 300 * room, { idle: room % 2 === 0 ? 20 : 900 }),
    );
    expect(orphanFindings(together(subscribersOfRooms))).toEqual([]);
  });

  test('subscribers of different hosts, or with different numbers of channels', () => {
    const ages = incident2(9);
    expect(orphanFindings(together(ages.map((age, at) => subscriber(age, { ip: `10.1.0.${at}` }))))).toEqual(
      [],
    );
    expect(orphanFindings(together(ages.map((age, at) => subscriber(age, { sub: at + 1 }))))).toEqual([]);
  });

  test('connections of Sentinels to each other', () => {
    expect(orphanFindings(subscribers(incident2(9), { name: 'sentinel-1f2e3d4c-pubsub' }))).toEqual([]);
  });

  test('up to eight processes started at any time within ten days', () => {
    const ages = fc.uniqueArray(fc.integer({ min: 300, max: 864_000 }), { minLength: 1, maxLength: 8 });
    fc.assert(
      fc.property(ages, (some) => orphanFindings(subscribers(some)).length === 0),
      { numRuns: 500, seed: 6 },
    );
  });
});

test('subscribers of redis-hygiene are left to the finding stale-connections', () => {
  expect(orphanFindings(subscribers(incident2(9), { name: 'orders@web-1#subscriber' }))).toEqual([]);
});

test('the minimal times are multiples of the heartbeat interval', () => {
  expect(orphanFindings(subscribers([5, 9, 13, 17, 21]), 0.2)).toHaveLength(1);
  expect(orphanFindings(subscribers([5, 9, 13, 17, 21]))).toEqual([]);
});
