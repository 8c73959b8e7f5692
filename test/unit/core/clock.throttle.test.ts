import { expect, test, vi } from 'vitest';
import { throttle } from '../../../src/core/clock.js';
import { createFakeClock } from '../../support/unit/fake-clock.js';

function bench() {
  const clock = createFakeClock();
  const pass = vi.fn<(value: number) => void>();
  return { clock, pass, tell: throttle(clock, 1_000, pass), passed: () => pass.mock.calls.flat() };
}

test('the first one passes at once, those that follow only with their last one, when the time is over', async () => {
  const { clock, tell, passed } = bench();
  for (const value of [1, 2, 3]) tell(value);
  expect(passed()).toEqual([1]);
  await clock.advance(999);
  expect(passed()).toEqual([1]);
  await clock.advance(1);
  expect(passed()).toEqual([1, 3]);
});

test('a flood passes once in that time', async () => {
  const { clock, tell, passed } = bench();
  for (let ms = 0; ms < 10_000; ms += 10) {
    tell(ms);
    await clock.advance(10);
  }
  expect(passed()).toHaveLength(11);
  expect(passed().at(-1)).toBe(9_990);
});

test('after a quiet time the next one passes at once again, and no timer is left', async () => {
  const { clock, tell, passed } = bench();
  tell(1);
  await clock.advance(1_000);
  expect(clock.pendingTimers()).toBe(0);
  tell(2);
  expect(passed()).toEqual([1, 2]);
  await clock.advance(1_000);
  expect(clock.pendingTimers()).toBe(0);
});
