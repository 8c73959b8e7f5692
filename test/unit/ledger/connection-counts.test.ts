import { expect, test, vi } from 'vitest';
import { createConnectionCounts, createTally } from '../../../src/ledger/connection-counts.js';

test('a name whose count falls to 0 is removed', () => {
  const set = vi.spyOn(Map.prototype, 'set');
  const remove = vi.spyOn(Map.prototype, 'delete');
  const tally = createTally();
  for (let line = 0; line < 1_000; line += 1) {
    expect(tally.add(`line-${line}`, 2)).toBe(2);
    expect(tally.add(`line-${line}`, -2)).toBe(0);
  }
  expect(tally.largestFirst()).toEqual([]);
  expect([set.mock.calls.length, remove.mock.calls.length]).toEqual([1_000, 1_000]);
  vi.restoreAllMocks();
});

test('connections are counted by role and by line, largest first', () => {
  const counts = createConnectionCounts();
  counts.add({ role: 'command', callSite: ['a', 'outer'] }, 1);
  counts.add({ role: 'pool', callSite: ['b'] }, 5);
  counts.add({ role: 'command', callSite: ['a', 'another'] }, 1);
  counts.add({ role: 'cluster', callSite: [] }, 3);
  expect(counts.used).toBe(10);
  expect(Object.entries(counts.byRole())).toEqual([
    ['pool', 5],
    ['cluster', 3],
    ['command', 2],
  ]);
  expect(counts.byCallSite()).toEqual([
    { location: 'b', count: 5 },
    { location: 'a', count: 2 },
  ]);
  counts.remove({ role: 'pool', callSite: ['b'] }, 5);
  expect(counts.used).toBe(5);
  expect(counts.byCallSite()).toEqual([{ location: 'a', count: 2 }]);
});
