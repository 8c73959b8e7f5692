import { describe, expect, test } from 'vitest';
import type { Lease } from '../../../src/pool/lease.js';
import { createStackSampling } from '../../../src/pool/borrower.js';
import { poolBench } from '../../support/unit/pool/pool-harness.js';

/** How many of so many are allowed at this time. */
function granted({ take }: { take(now: number): boolean }, many: number, now: number): number {
  return Array.from({ length: many }, () => take(now)).filter(Boolean).length;
}

describe('the stacks of borrowers', () => {
  test('are taken of as many at once as there are connections, and of one in five milliseconds in the long run', () => {
    const { borrowers } = createStackSampling(50);
    expect(granted(borrowers, 1_000, 5_000)).toBe(50);
    expect(granted(borrowers, 1_000, 5_000)).toBe(0);
    expect(granted(borrowers, 1_000, 5_035)).toBe(7);
  });

  test('are not saved up beyond that', () => {
    const { borrowers } = createStackSampling(50);
    granted(borrowers, 50, 1_000);
    expect(granted(borrowers, 1_000, 3_600_000)).toBe(50);
  });

  test('are not given back by an earlier time', () => {
    const { borrowers } = createStackSampling(50);
    granted(borrowers, 50, 1_000);
    expect([granted(borrowers, 10, 900), granted(borrowers, 10, 1_000)]).toEqual([0, 0]);
    expect(granted(borrowers, 10, 1_015)).toBe(3);
  });
});

test('the lines of callbacks are looked up 20 times in a second, however many errors name them', () => {
  const { lines } = createStackSampling(10);
  expect(granted(lines, 1_000, 1_000)).toBe(20);
  expect(granted(lines, 1_000, 2_000)).toBe(20);
});

describe('a pool that lends more often than it takes stacks', () => {
  const isKnown = ({ site }: { readonly site: string }) => /borrower\.sampling\.test\.ts:\d+:\d+$/.test(site);

  test('has leases without a line, and none any more once one of them was overdue', async () => {
    const { pool, clock, onOverdue } = poolBench({ max: 60 });
    const borrow = () => Promise.all(Array.from({ length: 60 }, () => pool.acquire()));
    const giveBack = (leases: readonly Lease[]) => Promise.all(leases.map((lease) => lease.release()));
    const namedAfterHolding = async () => {
      onOverdue.mockClear();
      const leases = await borrow();
      await clock.advance(31_000);
      await giveBack(leases);
      expect(onOverdue).toHaveBeenCalledTimes(60);
      return onOverdue.mock.calls.filter(([report]) => isKnown(report)).length;
    };
    const first = borrow();
    await clock.advance(10); // what it dials comes up
    await giveBack(await first);
    await clock.advance(25);
    expect(await namedAfterHolding()).toBe(7);
    expect(await namedAfterHolding()).toBe(60);
  });
});
