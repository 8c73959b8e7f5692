import { describe, expect, test } from 'vitest';
import type { ClientRow } from '../../../../src/doctor/client-list/client-row.js';
import { looksStale, sendsHeartbeat } from '../../../../src/doctor/client-list/row-activity.js';
import { clientRow } from '../../../support/unit/doctor/rows.js';

const HEARTBEAT = 15;

const staleRow = (given: Partial<ClientRow> = {}) =>
  clientRow({
    ...{ name: 'orders@web-1#subscriber', flags: 'P', sub: 1, cmd: 'subscribe', age: 60, idle: 46 },
    ...given,
  });

test('a connection of redis-hygiene that was silent for three heartbeats looks stale', () => {
  expect(looksStale(staleRow(), HEARTBEAT)).toBe(true);
  expect(looksStale(staleRow({ idle: 45 }), HEARTBEAT)).toBe(false);
  expect(looksStale(staleRow({ idle: 46 }), 60)).toBe(false);
});

test.each(['subscriber', 'sentinel', 'pool', 'blocking', 'cluster'])(
  'role %s looks stale whatever its last command was',
  (role) => {
    expect(looksStale(staleRow({ name: `orders@web-1#${role}`, cmd: 'get' }), HEARTBEAT)).toBe(true);
  },
);

test('a socket of a Cluster client can look stale', () => {
  expect(looksStale(staleRow({ name: 'ioredis-cluster(subscriber):orders@web-1#cluster' }), HEARTBEAT)).toBe(
    true,
  );
});

test('a plain client looks stale after eight heartbeats, whatever its last command was', () => {
  const plain = (given: Partial<ClientRow>) =>
    staleRow({ name: 'orders@web-1', flags: 'N', sub: 0, age: 3_600, ...given });
  for (const cmd of ['ping', 'get', 'client|setname', 'NULL', '']) {
    expect(looksStale(plain({ cmd, idle: 121 }), HEARTBEAT)).toBe(true);
    expect(looksStale(plain({ cmd, idle: 120 }), HEARTBEAT)).toBe(false);
  }
});

describe('a heartbeat is known to be sent', () => {
  test.each<[Partial<ClientRow>, boolean]>([
    [{ name: 'orders@web-1#pool' }, true],
    [{ name: 'orders@web-1', libName: 'ioredis' }, true],
    [{ name: 'orders@web-1', libName: 'ioredis(orders)' }, true],
    // Redis before 7.2 reports no library, and other programs use names of this form.
    [{ name: 'orders@web-1' }, false],
    [{ name: 'celery@worker1', cmd: 'ping' }, false],
    [{ name: 'celery@worker1', libName: 'redis-py' }, false],
    [{ name: 'orders@web-1#pool', libName: 'redis-py' }, false],
    [{ name: 'orders@web-1#queue' }, false],
    [{ name: 'orders@web-1#pool', flags: 'b' }, false],
    [{ name: 'orders@web-1#pool', flags: 'x' }, false],
    [{ name: '' }, false],
  ])('by %j: %j', (given, expected) => {
    expect(sendsHeartbeat(clientRow(given))).toBe(expected);
  });
});

describe('never looks stale, however long it is silent', () => {
  test.each<[string, Partial<ClientRow>]>([
    ['blocked', { flags: 'b', cmd: 'blpop', name: 'orders@web-1#blocking' }],
    ['in a transaction', { flags: 'x', multi: 2, name: 'orders@web-1#pool' }],
    ['in a transaction, by its count alone', { flags: 'N', multi: 0, name: 'orders@web-1#pool' }],
    ['a monitor', { flags: 'O', name: 'orders@web-1#monitor', cmd: 'monitor' }],
    ['a monitor by name', { flags: 'N', name: 'orders@web-1#monitor', cmd: 'get' }],
    ['a replica', { flags: 'S', cmd: 'replconf' }],
    ['a master', { flags: 'M' }],
    ['a row without flags', { flags: '' }],
    ['a connection without a name', { name: '' }],
    ['a connection of a Sentinel', { name: 'sentinel-1f2e3d4c-pubsub' }],
    ['a connection of BullMQ', { name: 'bull:am9icw==:w:1' }],
    [
      'a connection of a library, with a role of the application',
      { name: 'orders@web-1#queue', cmd: 'ping' },
    ],
    ['a connection of a library', { name: 'orders@web-1#library', cmd: 'ping' }],
    ['a connection of another client library', { libName: 'redis-py' }],
  ])('%s', (_, given) => {
    expect(looksStale(staleRow({ age: 90_000, idle: 80_000, ...given }), HEARTBEAT)).toBe(false);
  });
});

test('a tag in lib-name is allowed', () => {
  expect(looksStale(staleRow({ libName: 'ioredis(orders)' }), HEARTBEAT)).toBe(true);
});
