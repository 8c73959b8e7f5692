import { describe, expect, test, vi } from 'vitest';
import { createScheduler, type Scheduler } from '../../../src/liveness/health-check-scheduler.js';
import { checkPeriodMs } from '../../../src/liveness/health-check-target.js';
import { createBlockedClock, type BlockedClock } from '../../support/unit/liveness/blocked-clock.js';

interface Bench {
  readonly clock: BlockedClock;
  readonly rounds: Scheduler;
  readonly onRound: ReturnType<typeof vi.fn<() => void>>;
  /** The heartbeat's own time at each round. */
  readonly times: readonly number[];
}

function bench(): Bench {
  const clock = createBlockedClock();
  const times: number[] = [];
  const onRound = vi.fn(() => void times.push(rounds.now()));
  const rounds = createScheduler(clock, onRound);
  return { clock, rounds, onRound, times };
}

test.each([
  [5_000, 500],
  [500, 50],
  [100, 10],
  [101, 11],
  [1, 1],
])('a deadline of %i ms has a round every %i ms: ten of them', (heartbeatDeadlineMs, period) => {
  expect(checkPeriodMs({ heartbeatDeadlineMs })).toBe(period);
});

describe('the timer', () => {
  test('does not exist while nobody takes part', async () => {
    const { clock, rounds, onRound } = bench();
    expect(clock.pendingTimers()).toBe(0);
    rounds.join(500);
    expect(clock.pendingTimers()).toBe(1);
    rounds.leave(500);
    expect(clock.pendingTimers()).toBe(0);
    await clock.advance(10_000);
    expect(onRound).not.toHaveBeenCalled();
  });

  test('is one, however many take part and at whatever pace, and stays until the last has left', async () => {
    const { clock, rounds } = bench();
    for (const period of [500, 500, 100, 500, 100, 2_000]) rounds.join(period);
    expect(clock.pendingTimers()).toBe(1);
    await clock.advance(3_210);
    expect(clock.pendingTimers()).toBe(1);
    for (const period of [500, 100, 2_000, 500, 100]) {
      rounds.leave(period);
      expect(clock.pendingTimers()).toBe(1);
    }
    rounds.leave(500);
    expect(clock.pendingTimers()).toBe(0);
  });

  test('begins anew when somebody takes part again', async () => {
    const { clock, rounds, times } = bench();
    rounds.join(500);
    await clock.advance(700);
    rounds.leave(500);
    await clock.advance(60_000);
    rounds.join(500);
    await clock.advance(1_000);
    expect(times).toEqual([500, 1_000, 1_500]);
  });

  test('is not kept by somebody who leaves without having taken part', async () => {
    const { clock, rounds, onRound } = bench();
    rounds.leave(500);
    expect(clock.pendingTimers()).toBe(0);
    rounds.join(500);
    rounds.leave(100);
    await clock.advance(500);
    expect(onRound).toHaveBeenCalledOnce();
  });
});

describe('rounds', () => {
  test('come once a period', async () => {
    const { clock, rounds, times } = bench();
    rounds.join(500);
    await clock.advance(2_499);
    expect(times).toEqual([500, 1_000, 1_500, 2_000]);
    expect(rounds.now()).toBe(2_000);
  });

  test('are not put off by members who join all the time', async () => {
    const { clock, rounds, times } = bench();
    rounds.join(500);
    for (let each = 0; each < 30; each += 1) {
      await clock.advance(100);
      rounds.join(each % 2 ? 500 : 5_000);
    }
    expect(times).toEqual([500, 1_000, 1_500, 2_000, 2_500, 3_000]);
  });

  test('come at once at the pace of a faster member', async () => {
    const { clock, rounds, onRound } = bench();
    rounds.join(3_000);
    rounds.join(50);
    await clock.advance(200);
    expect(onRound).toHaveBeenCalledTimes(4);
  });

  test('slow down with the next one after the last fast member has left', async () => {
    const { clock, rounds, onRound } = bench();
    [500, 100, 100].forEach((period) => rounds.join(period));
    await clock.advance(100);
    rounds.leave(100);
    await clock.advance(100);
    expect(onRound).toHaveBeenCalledTimes(2);
    rounds.leave(100);
    await clock.advance(599);
    expect(onRound).toHaveBeenCalledTimes(3);
    await clock.advance(1);
    expect(onRound).toHaveBeenCalledTimes(4);
  });
});

describe('the heartbeat’s own time', () => {
  test('counts the waiting of other members when a faster one joins again and again', async () => {
    const { clock, rounds } = bench();
    rounds.join(500);
    for (let each = 0; each < 10; each += 1) {
      await clock.advance(450);
      rounds.join(50);
      rounds.leave(50);
      await clock.advance(50);
    }
    expect(rounds.now()).toBeGreaterThanOrEqual(4_000); // 5000 ms have passed
  });

  test('stands still in a round that comes 10 s late, and nobody is looked at', async () => {
    const { clock, rounds, onRound, times } = bench();
    rounds.join(500);
    await clock.advance(500);
    clock.block(10_000);
    await clock.advance(500);
    expect(onRound).toHaveBeenCalledOnce();
    expect(rounds.now()).toBe(500);
    await clock.advance(500);
    expect(times).toEqual([500, 1_000]);
  });

  test('goes on in a round that is late by less than half a deadline, by as much as has passed', async () => {
    const { clock, rounds, times } = bench();
    rounds.join(500);
    clock.block(2_000);
    await clock.advance(500);
    expect(times).toEqual([2_500]);
    clock.block(2_001);
    await clock.advance(500);
    expect(times).toEqual([2_500]);
    expect(rounds.now()).toBe(2_500);
  });

  test('does not run while nobody takes part', async () => {
    const { clock, rounds } = bench();
    rounds.join(500);
    await clock.advance(500);
    rounds.leave(500);
    await clock.advance(60_000);
    rounds.join(500);
    expect(rounds.now()).toBe(500);
    rounds.leave(500);
    await clock.advance(700);
    rounds.join(500);
    expect(rounds.now()).toBe(500);
  });
});

test('a member who leaves, or the last who leaves, in a round does not break it', async () => {
  const { clock, rounds, onRound } = bench();
  rounds.join(500);
  onRound.mockImplementation(() => rounds.leave(500));
  await clock.advance(2_000);
  expect(onRound).toHaveBeenCalledOnce();
  expect(clock.pendingTimers()).toBe(0);
});
