import { expect, test, vi } from 'vitest';
import { createConnectionCounts, createTally } from '../../../src/ledger/connection-counts.js';

test('a name whose count is 0 is forgotten', () => {
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

test('holdings are grouped by role and by line, largest first', () => {
  const holdings = createConnectionCounts();
  holdings.add({ role: 'command', callSite: ['a', 'outer'] }, 1);
  holdings.add({ role: 'pool', callSite: ['b'] }, 5);
  holdings.add({ role: 'command', callSite: ['a', 'another'] }, 1);
  holdings.add({ role: 'cluster', callSite: [] }, 3);
  expect(holdings.used).toBe(10);
  expect(Object.entries(holdings.byRole())).toEqual([
    ['pool', 5],
    ['cluster', 3],
    ['command', 2],
  ]);
  expect(holdings.bySite()).toEqual([
    { site: 'b', count: 5 },
    { site: 'a', count: 2 },
  ]);
  holdings.remove({ role: 'pool', callSite: ['b'] }, 5);
  expect(holdings.used).toBe(5);
  expect(holdings.bySite()).toEqual([{ site: 'a', count: 2 }]);
});
