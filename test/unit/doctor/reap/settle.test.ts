import { expect, test } from 'vitest';
import { findReturned } from '../../../../src/doctor/reap/settle.js';
import { clientRows } from '../../../support/unit/doctor/rows.js';

const rows = (from: number, count: number, name: string, ip = '10.0.0.5') =>
  clientRows(count, (index) => ({ id: from + index, name, ip, port: from + index }));

const before = [...rows(1, 3, ''), ...rows(11, 2, 'a'), ...rows(21, 1, 'b')];
const ids = new Set(before.map(({ id }) => id));

test('new connections with the name and address of closed ones have returned', () => {
  const now = [...rows(101, 2, ''), ...rows(111, 2, 'a')];
  expect(findReturned(ids, before, now)).toEqual([
    { name: '', ip: '10.0.0.5', count: 2 },
    { name: 'a', ip: '10.0.0.5', count: 2 },
  ]);
});

test('the largest number comes first', () => {
  const now = [...rows(101, 3, ''), ...rows(111, 1, 'a'), ...rows(121, 1, 'b')];
  expect(findReturned(ids, before, now).map(({ count }) => count)).toEqual([3, 1, 1]);
});

test('more than were closed count as those that were closed: the owner has opened others too', () => {
  expect(findReturned(ids, rows(21, 1, 'b'), rows(121, 9, 'b'))).toMatchObject([{ count: 1 }]);
});

test('connections that were there before, and those of other owners, do not count', () => {
  const now = [...rows(2, 2, ''), ...rows(101, 4, 'c'), ...rows(201, 4, '', '10.0.0.6')];
  expect(findReturned(ids, rows(1, 1, ''), now)).toEqual([]);
});
