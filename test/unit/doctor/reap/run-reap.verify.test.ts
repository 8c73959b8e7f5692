import { expect, test } from 'vitest';
import type { ClientRow } from '../../../../src/doctor/client-list/client-row.js';
import { rowChangeOf } from '../../../../src/doctor/reap/run-reap.js';
import { clientRow } from '../../../support/unit/doctor/rows.js';

const before = clientRow({ id: 7, name: 'orders@web-1', age: 100, idle: 60 });

function change(own: Partial<ClientRow>, matches = true) {
  return rowChangeOf({ row: before }, { row: { ...before, ...own }, matches });
}

test('a connection that is only older has not changed', () => {
  expect(change({})).toBeUndefined();
  expect(change({ age: 130, idle: 90 })).toBeUndefined();
  expect(change({ age: 101, idle: 61, totMem: 5 })).toBeUndefined();
});

test('a connection that is no longer listed is gone', () => {
  expect(rowChangeOf({ row: before }, undefined)).toBe('gone');
});

test.each<[string, Partial<ClientRow>]>([
  ['address', { addr: '10.0.0.5:4712' }],
  ['younger', { age: 99, idle: 59 }],
  ['renamed', { name: '' }],
  ['renamed', { name: 'orders@web-1#pool' }],
  ['active', { age: 101, idle: 0 }],
  ['active', { idle: 59 }],
  // A slow run: the connection is idle for longer than before, but was used in between.
  ['active', { age: 170, idle: 61 }],
  ['replica', { flags: 'S' }],
  ['monitor', { flags: 'O' }],
  ['link-setup', { cmd: 'psync' }],
])('rowChangeOf returns %s for %j', (reason, own) => {
  expect(change(own)).toBe(reason);
});

test('a connection that no longer matches is unmatched', () => {
  expect(change({}, false)).toBe('unmatched');
});
