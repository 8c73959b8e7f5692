import { describe, expect, test } from 'vitest';
import { createStackSampling } from '../../../src/pool/borrower.js';
import type { Lease } from '../../../src/pool/lease.js';
import { createPoolHarness } from '../../support/unit/pool/pool-harness.js';

/** How many of `attempts` tokens are granted at this time. */
function countGranted({ take }: { take(now: number): boolean }, attempts: number, now: number): number {
  return Array.from({ length: attempts }, () => take(now)).filter(Boolean).length;
}

describe('stacks of borrowers', () => {
  test('a burst gets as many as there are connections, then one per 5 ms', () => {
    const { borrowerStacks } = createStackSampling(50);
    expect(countGranted(borrowerStacks, 1_000, 5_000)).toBe(50);
    expect(countGranted(borrowerStacks, 1_000, 5_000)).toBe(0);
    expect(countGranted(borrowerStacks, 1_000, 5_035)).toBe(7);
  });

  test('a long pause saves up no more than one burst', () => {
    const { borrowerStacks } = createStackSampling(50);
    countGranted(borrowerStacks, 50, 1_000);
    expect(countGranted(borrowerStacks, 1_000, 3_600_000)).toBe(50);
  });

  test('an earlier time grants nothing', () => {
    const { borrowerStacks } = createStackSampling(50);
    countGranted(borrowerStacks, 50, 1_000);
    expect([countGranted(borrowerStacks, 10, 900), countGranted(borrowerStacks, 10, 1_000)]).toEqual([0, 0]);
    expect(countGranted(borrowerStacks, 10, 1_015)).toBe(3);
  });
});

test('locations of callbacks are looked up at most 20 times per second for errors', () => {
  const { callbackLocations } = createStackSampling(10);
  expect(countGranted(callbackLocations, 1_000, 1_000)).toBe(20);
  expect(countGranted(callbackLocations, 1_000, 2_000)).toBe(20);
});

describe('a pool that gives out leases faster than it captures stacks', () => {
  const isKnown = ({ location }: { readonly location: string }) =>
    /borrower\.sampling\.test\.ts:\d+:\d+$/.test(location);

  test('does not know some borrowers, until a lease without a known borrower was overdue', async () => {
    const { pool, clock, onOverdue } = createPoolHarness({ max: 60 });
    const acquireAll = () => Promise.all(Array.from({ length: 60 }, () => pool.acquire()));
    const releaseAll = (leases: readonly Lease[]) => Promise.all(leases.map((lease) => lease.release()));
    const countKnownOverdue = async () => {
      onOverdue.mockClear();
      const leases = await acquireAll();
      await clock.advance(31_000);
      await releaseAll(leases);
      expect(onOverdue).toHaveBeenCalledTimes(60);
      return onOverdue.mock.calls.filter(([report]) => isKnown(report)).length;
    };
    const acquiring = acquireAll();
    await clock.advance(10); // the connections become ready
    await releaseAll(await acquiring);
    await clock.advance(25);
    expect(await countKnownOverdue()).toBe(7);
    expect(await countKnownOverdue()).toBe(60);
  });
});
