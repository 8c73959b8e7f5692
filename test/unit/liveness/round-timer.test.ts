import { describe, expect, test, vi } from 'vitest';
import { createRoundTimer, type RoundTimer } from '../../../src/liveness/round-timer.js';
import { checkPeriodMs } from '../../../src/liveness/health-check-target.js';
import { createBlockedClock, type BlockedClock } from '../../support/unit/liveness/blocked-clock.js';

interface Harness {
  readonly clock: BlockedClock;
  readonly roundTimer: RoundTimer;
  readonly onRound: ReturnType<typeof vi.fn<() => void>>;
  /** Answerable time of the checks with period 500, in each round. */
  readonly times: readonly number[];
  /** The same time now. */
  readonly now: () => number;
}

function createHarness(): Harness {
  const clock = createBlockedClock();
  const times: number[] = [];
  const now = () => roundTimer.time(500).answerableMs;
  const onRound = vi.fn(() => void times.push(now()));
  const roundTimer = createRoundTimer(clock, onRound);
  return { clock, roundTimer, onRound, times, now };
}

test.each([
  [5_000, 500],
  [500, 50],
  [100, 10],
  [101, 11],
  [1, 1],
])('a deadline of %i ms has a round every %i ms: ten rounds per deadline', (heartbeatDeadlineMs, period) => {
  expect(checkPeriodMs({ heartbeatDeadlineMs })).toBe(period);
});

describe('the round timer', () => {
  test('does not run while no period has been added', async () => {
    const { clock, roundTimer, onRound } = createHarness();
    expect(clock.pendingTimers()).toBe(0);
    roundTimer.add(500);
    expect(clock.pendingTimers()).toBe(1);
    roundTimer.remove(500);
    expect(clock.pendingTimers()).toBe(0);
    await clock.advance(10_000);
    expect(onRound).not.toHaveBeenCalled();
  });

  test('is a single timer for any number of periods, until the last one has been removed', async () => {
    const { clock, roundTimer } = createHarness();
    for (const period of [500, 500, 100, 500, 100, 2_000]) roundTimer.add(period);
    expect(clock.pendingTimers()).toBe(1);
    await clock.advance(3_210);
    expect(clock.pendingTimers()).toBe(1);
    for (const period of [500, 100, 2_000, 500, 100]) {
      roundTimer.remove(period);
      expect(clock.pendingTimers()).toBe(1);
    }
    roundTimer.remove(500);
    expect(clock.pendingTimers()).toBe(0);
  });

  test('starts again when a period is added after the last one was removed', async () => {
    const { clock, roundTimer, times } = createHarness();
    roundTimer.add(500);
    await clock.advance(700);
    roundTimer.remove(500);
    await clock.advance(60_000);
    roundTimer.add(500);
    await clock.advance(1_000);
    expect(times).toEqual([500, 500, 1_000]);
  });

  test('ignores the removal of a period that was not added', async () => {
    const { clock, roundTimer, onRound } = createHarness();
    roundTimer.remove(500);
    expect(clock.pendingTimers()).toBe(0);
    roundTimer.add(500);
    roundTimer.remove(100);
    await clock.advance(500);
    expect(onRound).toHaveBeenCalledOnce();
  });
});

describe('rounds', () => {
  test('come once per period', async () => {
    const { clock, roundTimer, times, now } = createHarness();
    roundTimer.add(500);
    await clock.advance(2_499);
    expect(times).toEqual([500, 1_000, 1_500, 2_000]);
    expect(now()).toBe(2_499);
  });

  test('are not delayed by periods that are added again and again', async () => {
    const { clock, roundTimer, times } = createHarness();
    roundTimer.add(500);
    for (let count = 0; count < 30; count += 1) {
      await clock.advance(100);
      roundTimer.add(count % 2 ? 500 : 5_000);
    }
    expect(times).toEqual([500, 1_000, 1_500, 2_000, 2_500, 3_000]);
  });

  test('follow a shorter period as soon as it has been added', async () => {
    const { clock, roundTimer, onRound } = createHarness();
    roundTimer.add(3_000);
    roundTimer.add(50);
    await clock.advance(200);
    expect(onRound).toHaveBeenCalledTimes(4);
  });

  test('slow down with the next round after the last short period has been removed', async () => {
    const { clock, roundTimer, onRound } = createHarness();
    [500, 100, 100].forEach((period) => roundTimer.add(period));
    await clock.advance(100);
    roundTimer.remove(100);
    await clock.advance(100);
    expect(onRound).toHaveBeenCalledTimes(2);
    roundTimer.remove(100);
    await clock.advance(599);
    expect(onRound).toHaveBeenCalledTimes(3);
    await clock.advance(1);
    expect(onRound).toHaveBeenCalledTimes(4);
  });
});

describe('the time that passes', () => {
  test('is that of the clock since the timer was created, also while the event loop is blocked', async () => {
    const { clock, roundTimer } = createHarness();
    roundTimer.add(500);
    await clock.advance(700);
    expect(roundTimer.time(500).passedMs).toBe(700);
    clock.block(10_000);
    expect(roundTimer.time(500).passedMs).toBe(10_700);
    roundTimer.remove(500);
    await clock.advance(300);
    expect(roundTimer.time(500).passedMs).toBe(11_000);
  });
});

describe('the time in which an answer could be read', () => {
  test('counts all of the time that passes while a shorter period is added again and again', async () => {
    const { clock, roundTimer, now } = createHarness();
    roundTimer.add(500);
    for (let count = 0; count < 10; count += 1) {
      await clock.advance(450);
      roundTimer.add(50);
      roundTimer.remove(50);
      await clock.advance(50);
    }
    expect(now()).toBeGreaterThanOrEqual(4_000); // 5000 ms have passed
  });

  test.each([2_001, 10_000, 600_000])(
    'advances by half a deadline in a round that comes %i ms late',
    async (late) => {
      const { clock, roundTimer, times } = createHarness();
      roundTimer.add(500);
      await clock.advance(500);
      clock.block(late);
      await clock.advance(500);
      expect(times).toEqual([500, 3_000]);
      await clock.advance(500);
      expect(times).toEqual([500, 3_000, 3_500]);
    },
  );

  test('advances by the elapsed time in a round that is late by less than half a deadline', async () => {
    const { clock, roundTimer, times } = createHarness();
    roundTimer.add(500);
    clock.block(1_999);
    await clock.advance(500);
    expect(times).toEqual([2_499]);
  });

  test('advances by half of its own deadline for each period, whatever the period of the round', async () => {
    const { clock, roundTimer, now } = createHarness();
    roundTimer.add(500);
    roundTimer.add(50);
    clock.block(2_700);
    await clock.advance(50);
    expect(now()).toBe(2_500);
    expect(roundTimer.time(50).answerableMs).toBe(250);
  });

  test('does not advance while no period has been added', async () => {
    const { clock, roundTimer, now } = createHarness();
    roundTimer.add(500);
    await clock.advance(500);
    roundTimer.remove(500);
    await clock.advance(60_000);
    roundTimer.add(500);
    expect(now()).toBe(0);
    roundTimer.remove(500);
    await clock.advance(700);
    roundTimer.add(500);
    expect(now()).toBe(0);
  });
});

test('a period that is removed in a round, as the last one, stops the timer', async () => {
  const { clock, roundTimer, onRound } = createHarness();
  roundTimer.add(500);
  onRound.mockImplementation(() => roundTimer.remove(500));
  await clock.advance(2_000);
  expect(onRound).toHaveBeenCalledOnce();
  expect(clock.pendingTimers()).toBe(0);
});
