import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { ClientRow } from '../../../../../src/doctor/client-list/client-row.js';
import { clientRow } from '../../../../support/unit/doctor/rows.js';
import { findingsOf, kept } from '../../../../support/unit/doctor/audit/examinations.js';
import { healthy, together } from '../../../../support/unit/doctor/audit/fleets.js';

/** A raw subscriber of some age, that has heard nothing. */
const subscriber = (age: number, given: Partial<ClientRow> = {}) =>
  clientRow({ ip: '10.1.0.7', flags: 'P', sub: 1, cmd: 'subscribe', age, idle: age, ...given });

const subscribers = (ages: readonly number[], given: Partial<ClientRow> = {}) =>
  together(ages.map((age) => subscriber(age, given)));

const found = (rows: readonly ClientRow[], heartbeatSeconds = 15) =>
  findingsOf('orphan-subscribers', kept(rows, { kind: 'sentinel' }), { heartbeatSeconds });

/** Ages in the rhythm of incident 2: keepalive 7875 s, 5 s of sleep, and a connect. */
const incident2 = (rounds: number, youngest = 900) =>
  Array.from({ length: rounds }, (_, round) => youngest + round * 7_880 + (round % 3));

describe('incident 2', () => {
  test('28 rounds of one client', () => {
    const [finding, ...others] = found(subscribers(incident2(28)));
    expect(others).toEqual([]);
    expect(finding).toMatchObject({ severity: 'error', owner: '10.1.0.7' });
    expect(finding?.evidence).toMatchObject({ connections: 28, sub: 1 });
    expect(finding?.summary).toContain('every 2h11m');
  });

  test('is seen after the third connection', () => {
    expect(found(subscribers(incident2(3)))).toHaveLength(1);
    expect(found(subscribers(incident2(2)))).toEqual([]);
  });

  test('the rounds of five clients of one host are told apart', () => {
    const ages = [0, 333, 1_111, 4_000, 6_543].flatMap((offset) => incident2(10, 900 + offset));
    const [finding] = found(subscribers(ages));
    expect(finding?.evidence.connections).toBe(50);
  });

  test('beside other connections of the same host, and healthy ones of others', () => {
    const commands = Array.from({ length: 9 }, (_, index) =>
      clientRow({ ip: '10.1.0.7', age: 9_000 + index, idle: 3 }),
    );
    const rows = together(subscribers(incident2(6)), commands, healthy());
    expect(found(rows).map(({ owner, evidence }) => [owner, evidence.connections])).toEqual([
      ['10.1.0.7', 6],
    ]);
  });

  test('thousands of them', () => {
    const [finding] = found(subscribers(incident2(3_000)));
    expect(finding?.evidence.connections).toBe(3_000);
  });
});

test('any other rhythm must be kept for four connections', () => {
  const every = (seconds: number, times: number) =>
    Array.from({ length: times }, (_, time) => 700 + time * seconds);
  expect(found(subscribers(every(1_830, 4)))).toHaveLength(1);
  expect(found(subscribers(every(1_830, 3)))).toEqual([]);
  expect(found(subscribers(every(200, 9))), 'no firewall forgets so fast').toEqual([]);
});

test('without a rhythm it takes ten', () => {
  const apart = (times: number) =>
    Array.from({ length: times }, (_, time) => 400 + 97 * time ** 2 + 300 * time);
  const [finding] = found(subscribers(apart(10)));
  expect(finding).toMatchObject({ severity: 'warning' });
  expect(finding?.summary).toContain(
    'subscribers that look alike (same name and user, same number of channels), nearly all of them silent since they were opened.',
  );
  expect(found(subscribers(apart(9)))).toEqual([]);
});

test('a crowd that was opened together is asked after once it has been silent for an hour', () => {
  const together = (count: number, seconds: number) =>
    found(subscribers(Array.from({ length: count }, () => seconds)));
  expect(together(20, 3600)).toMatchObject([{ severity: 'warning' }]);
  expect(together(19, 3600)).toEqual([]);
  expect(together(20, 3599)).toEqual([]);
});

describe('healthy', () => {
  test('three processes of one host with a raw subscriber each, restarted when it pleased somebody', () => {
    expect(found(subscribers([3_600, 90_000, 1_000_000]))).toEqual([]);
  });

  test('eight workers of one host that started together, twice', () => {
    const ages = [5_000, 5_001, 5_002, 5_003, 20_000, 20_001, 20_002, 20_003];
    expect(found(subscribers(ages))).toEqual([]);
  });

  test('subscribers that have heard something lately', () => {
    expect(found(subscribers(incident2(9), { idle: 200 }))).toEqual([]);
  });

  test('a gateway with a subscriber for each room: some talk, some are quiet', () => {
    const rooms = Array.from({ length: 60 }, (_, room) =>
      subscriber(1_000 + 97 * room ** 2 + 300 * room, { idle: room % 2 === 0 ? 20 : 900 }),
    );
    expect(found(together(rooms))).toEqual([]);
  });

  test('different hosts, and different numbers of channels', () => {
    const ages = incident2(9);
    expect(found(together(ages.map((age, at) => subscriber(age, { ip: `10.1.0.${at}` }))))).toEqual([]);
    expect(found(together(ages.map((age, at) => subscriber(age, { sub: at + 1 }))))).toEqual([]);
  });

  test('the links of Sentinels to each other', () => {
    expect(found(subscribers(incident2(9), { name: 'sentinel-1f2e3d4c-pubsub' }))).toEqual([]);
  });

  test('a few processes that started at any time of the last ten days', () => {
    const ages = fc.uniqueArray(fc.integer({ min: 300, max: 864_000 }), { minLength: 1, maxLength: 8 });
    fc.assert(
      fc.property(ages, (some) => found(subscribers(some)).length === 0),
      { numRuns: 500, seed: 6 },
    );
  });
});

test('those of redis-hygiene are stale, which is another finding', () => {
  expect(found(subscribers(incident2(9), { name: 'orders@web-1#subscriber' }))).toEqual([]);
});

test('what is short follows the heartbeat, so that a test need not wait for hours', () => {
  expect(found(subscribers([5, 9, 13, 17, 21]), 0.2)).toHaveLength(1);
  expect(found(subscribers([5, 9, 13, 17, 21]))).toEqual([]);
});
