import { describe, expect, test } from 'vitest';
import { isWaitingForGood, useOf, wereOpenedOneByOne } from '../../../../src/doctor/audit/connection-use.js';
import type { ClientRow } from '../../../../src/doctor/client-list/client-row.js';
import { clientRow, clientRows } from '../../../support/unit/doctor/rows.js';

const hour = { age: 3_600, idle: 3_600 };

test.each<[string, Partial<ClientRow>]>([
  ['unused', { ...hour, cmd: 'ping' }],
  ['unused', { ...hour, cmd: 'NULL' }],
  ['health-checked', { age: 3_600, idle: 9, cmd: 'ping', name: 'orders@web-1' }],
  ['unused', { age: 3_600, idle: 9, cmd: 'ping', totCmds: 130 }],
  ['health-checked', { age: 3_600, idle: 9, cmd: 'ping', name: 'orders@web-1#pool' }],
  ['health-checked', { age: 3_600, idle: 9, cmd: 'ping' }],
  ['used', { age: 3_600, idle: 9, cmd: 'ping', totCmds: 5_000 }],
  ['used', { age: 4, idle: 4, cmd: 'ping' }],
  ['used', { age: 3_600, idle: 1_800, cmd: 'get' }],
  ['used', { age: 3_600, idle: 9, cmd: '' }],
  ['used-once', { ...hour, cmd: 'get' }],
  ['used-once', { age: 3_600, idle: 3_570, cmd: 'get' }],
  ['open-transaction', { age: 3_600, idle: 60, cmd: 'set', flags: 'x', multi: 1 }],
  ['used', { age: 3_600, idle: 59, cmd: 'set', flags: 'x', multi: 1 }],
  ['blocked', { ...hour, cmd: 'brpop', flags: 'b' }],
  ['subscribed', { ...hour, cmd: 'ping', flags: 'P', sub: 1 }],
  ['used', { ...hour, cmd: 'monitor', flags: 'O' }],
])('%s: %o', (use, fields) => {
  expect(useOf(clientRow(fields))).toBe(use);
});

describe('a blocked connection waits for good', () => {
  const waits = (age: number, idle: number) =>
    isWaitingForGood(clientRow({ age, idle, flags: 'b' }), 'blocked');

  test('if it has been blocked for a minute, or since it was opened', () => {
    expect([waits(3_600, 60), waits(6, 6)]).toEqual([true, true]);
  });

  test('not if it was blocked a moment ago', () => {
    expect([waits(3_600, 59), waits(4, 4)]).toEqual([false, false]);
  });
});

test('connections are opened one by one if most have a second of their own', () => {
  const opened = (ageOf: (index: number) => number) =>
    wereOpenedOneByOne(clientRows(60, (index) => ({ age: ageOf(index) })));
  expect(opened((index) => 20 * index)).toBe(true);
  expect(opened((index) => Math.floor(index / 4))).toBe(true);
  expect(opened((index) => 900 * (index % 4))).toBe(false);
  expect(
    opened((index) => index % 8),
    'a process that starts',
  ).toBe(false);
});
