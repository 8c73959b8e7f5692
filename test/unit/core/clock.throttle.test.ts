import { expect, test, vi } from 'vitest';
import { throttle } from '../../../src/core/clock.js';
import { createFakeClock } from '../../support/unit/fake-clock.js';

function setUp() {
  const clock = createFakeClock();
  const listener = vi.fn<(value: number) => void>();
  return {
    clock,
    report: throttle(clock, 1_000, listener),
    reported: () => listener.mock.calls.flat(),
  };
}

test('the first value is passed on at once; of those that follow, the last one when the time is over', async () => {
  const { clock, report, reported } = setUp();
  for (const value of [1, 2, 3]) report(value);
  expect(reported()).toEqual([1]);
  await clock.advance(999);
  expect(reported()).toEqual([1]);
  await clock.advance(1);
  expect(reported()).toEqual([1, 3]);
});

test('many values are passed on once per interval', async () => {
  const { clock, report, reported } = setUp();
  for (let ms = 0; ms < 10_000; ms += 10) {
    report(ms);
    await clock.advance(10);
  }
  expect(reported()).toHaveLength(11);
  expect(reported().at(-1)).toBe(9_990);
});

test('after an interval without values, the next one is passed on at once, and no timer is left', async () => {
  const { clock, report, reported } = setUp();
  report(1);
  await clock.advance(1_000);
  expect(clock.pendingTimers()).toBe(0);
  report(2);
  expect(reported()).toEqual([1, 2]);
  await clock.advance(1_000);
  expect(clock.pendingTimers()).toBe(0);
});
