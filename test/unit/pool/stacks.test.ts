import { describe, expect, test } from 'vitest';
import { createStacks } from '../../../src/pool/stacks.js';
import { poolBench } from './pool-bench.js';

/** How many of so many are allowed at this time. */
function granted({ take }: { take(now: number): boolean }, many: number, now: number): number {
  return Array.from({ length: many }, () => take(now)).filter(Boolean).length;
}

describe('the stacks of borrowers', () => {
  test('are taken of all in a burst of 50, and of one in a millisecond in the long run', () => {
    const { borrowers } = createStacks();
    expect(granted(borrowers, 1_000, 5_000)).toBe(50);
    expect(granted(borrowers, 1_000, 5_000)).toBe(0);
    expect(granted(borrowers, 1_000, 5_007)).toBe(7);
  });

  test('are not saved up beyond that', () => {
    const { borrowers } = createStacks();
    granted(borrowers, 50, 1_000);
    expect(granted(borrowers, 1_000, 3_600_000)).toBe(50);
  });

  test('are not given back by an earlier time', () => {
    const { borrowers } = createStacks();
    granted(borrowers, 50, 1_000);
    expect([granted(borrowers, 10, 900), granted(borrowers, 10, 1_000)]).toEqual([0, 0]);
    expect(granted(borrowers, 10, 1_003)).toBe(3);
  });
});

test('the lines of callbacks are looked up 20 times in a second, however many errors name them', () => {
  const { lines } = createStacks();
  expect(granted(lines, 1_000, 1_000)).toBe(20);
  expect(granted(lines, 1_000, 2_000)).toBe(20);
});

describe('a pool that lends more often than it takes stacks', () => {
  const isKnown = ({ site }: { readonly site: string }) => /stacks\.test\.ts:\d+:\d+$/.test(site);

  test('has leases without a line, and none any more once one of them was overdue', async () => {
    const { pool, clock, onOverdue } = poolBench({ max: 60 });
    const borrow = () => Promise.all(Array.from({ length: 60 }, () => pool.acquire()));
    const first = borrow();
    await clock.advance(10);
    const leases = await first;
    await clock.advance(31_000);
    expect(onOverdue.mock.calls.filter(([report]) => isKnown(report))).toHaveLength(50);
    expect(onOverdue).toHaveBeenCalledTimes(60);
    await Promise.all(leases.map((lease) => lease.release()));

    onOverdue.mockClear();
    await borrow();
    await clock.advance(31_000);
    expect(onOverdue.mock.calls.filter(([report]) => isKnown(report))).toHaveLength(60);
  });
});
