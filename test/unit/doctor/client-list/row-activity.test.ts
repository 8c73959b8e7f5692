import { describe, expect, test } from 'vitest';
import type { ClientRow } from '../../../../src/doctor/client-list/client-row.js';
import { isStale, looksStale } from '../../../../src/doctor/client-list/row-activity.js';
import { clientRow } from '../../../support/unit/doctor/rows.js';

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

describe('a plain client', () => {
  const plain = (given: Partial<ClientRow>) =>
    orphan({ name: 'orders@web-1', flags: 'N', sub: 0, age: 3_600, ...given });

  test('is stale where its heartbeat has stopped', () => {
    expect(isStale(plain({ cmd: 'ping', idle: 121 }), HEARTBEAT)).toBe(true);
    expect(isStale(plain({ cmd: 'ping', idle: 120 }), HEARTBEAT)).toBe(false);
  });

  test('is not where PING was its first command: that was the application’s', () => {
    expect(isStale(plain({ cmd: 'ping', idle: 3_590 }), HEARTBEAT)).toBe(false);
    expect(isStale(plain({ cmd: 'ping', idle: 3_588 }), HEARTBEAT)).toBe(true);
  });

  test.each(['get', 'info', 'client|setname', 'NULL', ''])('looks stale where it stopped at %j', (cmd) => {
    expect(looksStale(plain({ cmd, idle: 121 }), HEARTBEAT)).toBe(true);
    expect(looksStale(plain({ cmd, idle: 120 }), HEARTBEAT)).toBe(false);
    expect(isStale(plain({ cmd, idle: 3_000 }), HEARTBEAT), 'which is no proof').toBe(false);
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
    ['a library’s, with an application’s word', { name: 'orders@web-1#queue', cmd: 'ping' }],
    ['a library’s', { name: 'orders@web-1#library', cmd: 'ping' }],
    ['of another library', { libName: 'redis-py' }],
  ])('%s', (_, given) => {
    expect(looksStale(orphan({ age: 90_000, idle: 80_000, ...given }), HEARTBEAT)).toBe(false);
  });
});

test('the library’s own tag does no harm', () => {
  expect(isStale(orphan({ libName: 'ioredis(orders)' }), HEARTBEAT)).toBe(true);
});
