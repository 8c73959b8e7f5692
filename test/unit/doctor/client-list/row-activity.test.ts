import { describe, expect, test } from 'vitest';
import type { ClientRow } from '../../../../src/doctor/client-list/client-row.js';
import { isStale, looksStale } from '../../../../src/doctor/client-list/row-activity.js';
import { clientRow } from '../../../support/unit/doctor/rows.js';

const HEARTBEAT = 15;

const staleRow = (given: Partial<ClientRow> = {}) =>
  clientRow({
    ...{ name: 'orders@web-1#subscriber', flags: 'P', sub: 1, cmd: 'subscribe', age: 60, idle: 46 },
    ...given,
  });

test('a connection of redis-hygiene that was silent for three heartbeats is stale', () => {
  expect(isStale(staleRow(), HEARTBEAT)).toBe(true);
  expect(isStale(staleRow({ idle: 45 }), HEARTBEAT)).toBe(false);
  expect(isStale(staleRow({ idle: 46 }), 60)).toBe(false);
});

test.each(['subscriber', 'sentinel', 'pool', 'blocking', 'cluster'])(
  'role %s is stale whatever its last command was',
  (role) => {
    expect(isStale(staleRow({ name: `orders@web-1#${role}`, cmd: 'get' }), HEARTBEAT)).toBe(true);
  },
);

test('a socket of a Cluster client can be stale', () => {
  expect(isStale(staleRow({ name: 'ioredis-cluster(subscriber):orders@web-1#cluster' }), HEARTBEAT)).toBe(
    true,
  );
});

describe('a plain client', () => {
  const plain = (given: Partial<ClientRow>) =>
    staleRow({ name: 'orders@web-1', flags: 'N', sub: 0, age: 3_600, ...given });

  test('is stale if its heartbeat has stopped', () => {
    expect(isStale(plain({ cmd: 'ping', idle: 121 }), HEARTBEAT)).toBe(true);
    expect(isStale(plain({ cmd: 'ping', idle: 120 }), HEARTBEAT)).toBe(false);
  });

  test('is not stale if PING was its first command, as the application sent that', () => {
    expect(isStale(plain({ cmd: 'ping', idle: 3_590 }), HEARTBEAT)).toBe(false);
    expect(isStale(plain({ cmd: 'ping', idle: 3_588 }), HEARTBEAT)).toBe(true);
  });

  test.each(['get', 'info', 'client|setname', 'NULL', ''])(
    'looks stale, but is not proven to be, if its last command was %j',
    (cmd) => {
      expect(looksStale(plain({ cmd, idle: 121 }), HEARTBEAT)).toBe(true);
      expect(looksStale(plain({ cmd, idle: 120 }), HEARTBEAT)).toBe(false);
      expect(isStale(plain({ cmd, idle: 3_000 }), HEARTBEAT)).toBe(false);
    },
  );
});

describe('never stale, however long it is silent', () => {
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
  expect(isStale(staleRow({ libName: 'ioredis(orders)' }), HEARTBEAT)).toBe(true);
});
