import { describe, expect, test } from 'vitest';
import type { ClientRow } from '../../../../src/doctor/client-list/row.js';
import { isStale } from '../../../../src/doctor/client-list/stale.js';
import { clientRow } from '../rows.js';

const HEARTBEAT = 15;

const orphan = (given: Partial<ClientRow> = {}) =>
  clientRow({
    ...{ name: 'orders@web-1#subscriber', flags: 'P', sub: 1, cmd: 'subscribe', age: 60, idle: 46 },
    ...given,
  });

test('a connection of ours that sent no PING for three heartbeats is stale', () => {
  expect(isStale(orphan(), HEARTBEAT)).toBe(true);
  expect(isStale(orphan({ idle: 45 }), HEARTBEAT)).toBe(false);
  expect(isStale(orphan({ idle: 46 }), 60)).toBe(false);
});

test.each(['subscriber', 'sentinel', 'pool', 'blocking', 'cluster'])('role %s is proof enough', (role) => {
  expect(isStale(orphan({ name: `orders@web-1#${role}`, cmd: 'get' }), HEARTBEAT)).toBe(true);
});

test('the sockets of a Cluster are ours too', () => {
  expect(isStale(orphan({ name: 'ioredis-cluster(subscriber):orders@web-1#cluster' }), HEARTBEAT)).toBe(true);
});

describe('where the role does not tell', () => {
  const plain = (given: Partial<ClientRow>) =>
    orphan({ name: 'orders@web-1', flags: 'N', sub: 0, age: 3_600, idle: 121, ...given });

  test.each(['get', 'info', 'client|setname', 'NULL', ''])('the last command %j proves nothing', (cmd) => {
    expect(isStale(plain({ cmd, idle: 3_600 }), HEARTBEAT)).toBe(false);
  });

  test('PING does, after a longer silence', () => {
    expect(isStale(plain({ cmd: 'ping' }), HEARTBEAT)).toBe(true);
    expect(isStale(plain({ cmd: 'ping', name: 'orders@web-1#cache' }), HEARTBEAT)).toBe(true);
    expect(isStale(plain({ cmd: 'ping', idle: 120 }), HEARTBEAT)).toBe(false);
  });

  test('a PING as the first command was the application’s', () => {
    expect(isStale(plain({ cmd: 'ping', age: 3_600, idle: 3_600 }), HEARTBEAT)).toBe(false);
    expect(isStale(plain({ cmd: 'ping', age: 3_600, idle: 3_590 }), HEARTBEAT)).toBe(false);
    expect(isStale(plain({ cmd: 'ping', age: 3_600, idle: 3_588 }), HEARTBEAT)).toBe(true);
  });
});

describe('never stale, however silent', () => {
  test.each<[string, Partial<ClientRow>]>([
    ['blocked', { flags: 'b', cmd: 'blpop', name: 'orders@web-1#blocking' }],
    ['in a transaction', { flags: 'x', multi: 2, name: 'orders@web-1#pool' }],
    ['in a transaction, by its count alone', { flags: 'N', multi: 0, name: 'orders@web-1#pool' }],
    ['a monitor', { flags: 'O', name: 'orders@web-1#monitor', cmd: 'monitor' }],
    ['a monitor by name', { flags: 'N', name: 'orders@web-1#monitor', cmd: 'get' }],
    ['a replica', { flags: 'S', cmd: 'replconf' }],
    ['a master', { flags: 'M' }],
    ['of an unknown state', { flags: '' }],
    ['nameless', { name: '' }],
    ['a name of somebody else', { name: 'sentinel-1f2e3d4c-pubsub' }],
    ['BullMQ’s', { name: 'bull:am9icw==:w:1' }],
    ['of another library', { libName: 'redis-py' }],
  ])('%s', (_, given) => {
    expect(isStale(orphan({ age: 90_000, idle: 80_000, ...given }), HEARTBEAT)).toBe(false);
  });
});

test('the library’s own tag does no harm', () => {
  expect(isStale(orphan({ libName: 'ioredis(orders)' }), HEARTBEAT)).toBe(true);
});
