import { expect, test } from 'vitest';
import type { ClientRow } from '../../../../src/doctor/client-list/client-row.js';
import { rowChangeOf } from '../../../../src/doctor/reap/run-reap.js';
import { clientRow } from '../../../support/unit/doctor/rows.js';

const before = clientRow({ id: 7, name: 'orders@web-1', age: 100, idle: 60 });

function change(own: Partial<ClientRow>, named = true) {
  return rowChangeOf(before, { row: { ...before, ...own }, named });
}

test('one that has only grown older may be closed', () => {
  expect(change({})).toBeUndefined();
  expect(change({ age: 130, idle: 90 })).toBeUndefined();
  expect(change({ age: 101, idle: 61, totMem: 5 })).toBeUndefined();
});

test('one that is not there any more is gone', () => {
  expect(rowChangeOf(before, undefined)).toBe('gone');
});

test.each<[string, Partial<ClientRow>]>([
  ['address', { addr: '10.0.0.5:4712' }],
  ['younger', { age: 99, idle: 59 }],
  ['renamed', { name: '' }],
  ['renamed', { name: 'orders@web-1#pool' }],
  ['spoke', { age: 101, idle: 0 }],
  ['spoke', { idle: 59 }],
  // The run is so slow that it is silent for longer than before, and yet it has spoken in between.
  ['spoke', { age: 170, idle: 61 }],
  ['replica', { flags: 'S' }],
  ['monitor', { flags: 'O' }],
  ['link-setup', { cmd: 'psync' }],
])('one that is another or not silent is spared: %s %j', (reason, own) => {
  expect(change(own)).toBe(reason);
});

test('one that no longer matches is spared', () => {
  expect(change({}, false)).toBe('unmatched');
});
