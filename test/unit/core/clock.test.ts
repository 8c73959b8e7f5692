import { afterEach, describe, expect, test, vi } from 'vitest';
import { systemClock } from '../../../src/core/clock.js';

afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

describe('the system clock', () => {
  test('returns whole milliseconds of wall time', () => {
    expect(Number.isInteger(systemClock.now())).toBe(true);
    expect(Math.abs(systemClock.now() - Date.now())).toBeLessThan(60_000);
  });

  test('does not jump when the wall time is changed', () => {
    const before = systemClock.now();
    vi.spyOn(Date, 'now').mockReturnValue(0);
    expect(systemClock.now()).toBeGreaterThanOrEqual(before);
  });

  test('follows monotonic time', () => {
    const monotonic = vi.spyOn(process, 'hrtime').mockReturnValue([1, 0]);
    const before = systemClock.now();
    monotonic.mockReturnValue([3, 500_000_000]);
    expect(systemClock.now() - before).toBe(2_500);
  });

  test('runs a task once, after its delay', () => {
    vi.useFakeTimers();
    const task = vi.fn();
    systemClock.after(50, task);
    vi.advanceTimersByTime(49);
    expect(task).not.toHaveBeenCalled();
    vi.advanceTimersByTime(1_000);
    expect(task).toHaveBeenCalledOnce();
  });

  test('does not run a cancelled task', () => {
    vi.useFakeTimers();
    const task = vi.fn();
    systemClock.after(50, task).cancel();
    vi.advanceTimersByTime(1_000);
    expect(task).not.toHaveBeenCalled();
  });

  test('returns random numbers in [0, 1)', () => {
    const numbers = Array.from({ length: 50 }, () => systemClock.random());
    expect(numbers.every((number) => number >= 0 && number < 1)).toBe(true);
    expect(new Set(numbers).size).toBeGreaterThan(1);
  });

  test('does not keep the process alive with a timer of after()', () => {
    const setTimeoutSpy = vi.spyOn(globalThis, 'setTimeout');
    const timer = systemClock.after(60_000, () => undefined);
    const timeout = setTimeoutSpy.mock.results[0]?.value as NodeJS.Timeout;
    expect(timeout.hasRef()).toBe(false);
    timer.cancel();
  });

  test.for([undefined, 7])(
    'runs its tasks where setTimeout() returns %s, as in jsdom and in tests',
    (value) => {
      const tasks: (() => void)[] = [];
      vi.spyOn(globalThis, 'setTimeout').mockImplementation(((task: () => void) => {
        tasks.push(task);
        return value;
      }) as unknown as typeof setTimeout);
      const task = vi.fn();
      systemClock.after(50, task);
      systemClock.afterRef(50, task).cancel();
      tasks.forEach((run) => run());
      expect(task).toHaveBeenCalledTimes(2);
    },
  );
});
