import { describe, expect, test, vi } from 'vitest';
import { createDeadline } from '../../../src/core/clock.js';
import { createFakeClock } from '../../support/unit/fake-clock.js';

function never(): Promise<void> {
  return new Promise(() => undefined);
}

describe('a deadline', () => {
  test('counts down, and is never negative', async () => {
    const clock = createFakeClock();
    const deadline = createDeadline(clock, 100);
    expect(deadline.remainingMs()).toBe(100);
    await clock.advance(60);
    expect(deadline.remainingMs()).toBe(40);
    await clock.advance(1_000);
    expect(deadline.remainingMs()).toBe(0);
  });

  test('resolves to done if the work ends in time, and cancels its timer', async () => {
    const clock = createFakeClock();
    await expect(createDeadline(clock, 100).race(Promise.resolve())).resolves.toBe('done');
    expect(clock.pendingTimers()).toBe(0);
  });

  test('resolves to done if the work fails, and cancels its timer', async () => {
    const clock = createFakeClock();
    await expect(createDeadline(clock, 100).race(Promise.reject(new Error('x')))).resolves.toBe('done');
    expect(clock.pendingTimers()).toBe(0);
  });

  test('resolves to late at its end if the work is still running', async () => {
    const clock = createFakeClock();
    const outcome = vi.fn();
    void createDeadline(clock, 100).race(never()).then(outcome);
    await clock.advance(99);
    expect(outcome).not.toHaveBeenCalled();
    await clock.advance(1);
    expect(outcome).toHaveBeenCalledExactlyOnceWith('late');
  });

  test('gives a later step only the remaining time', async () => {
    const clock = createFakeClock();
    const outcome = vi.fn();
    const deadline = createDeadline(clock, 100);
    await clock.advance(90);
    void deadline.race(never()).then(outcome);
    await clock.advance(10);
    expect(outcome).toHaveBeenCalledExactlyOnceWith('late');
  });

  test('that has passed resolves to late at once if the work is still running', async () => {
    const clock = createFakeClock();
    const deadline = createDeadline(clock, 100);
    await clock.advance(200);
    const outcome = vi.fn();
    void deadline.race(never()).then(outcome);
    await clock.advance(0);
    expect(outcome).toHaveBeenCalledExactlyOnceWith('late');
  });
});
