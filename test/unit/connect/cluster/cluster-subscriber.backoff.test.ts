import { expect, test } from 'vitest';
import { createLossBackoff } from '../../../../src/connect/cluster/cluster-subscriber.js';
import { createFakeClock } from '../../../support/unit/fake-clock.js';

test('the first loss is answered at once, losses in a row with backoff up to a second, and a quiet period resets it', async () => {
  const clock = createFakeClock({ random: 0.5 });
  const backoff = createLossBackoff(clock, 100);
  const delays = [];
  for (let loss = 0; loss < 7; loss += 1) {
    delays.push(backoff.nextDelayMs());
    await clock.advance(1_000);
  }
  expect(delays).toEqual([0, 50, 100, 200, 400, 500, 500]);
  await clock.advance(2_001);
  expect(backoff.nextDelayMs()).toBe(0);
});

test('losses more than two seconds apart are each answered at once', async () => {
  const clock = createFakeClock();
  const backoff = createLossBackoff(clock, 100);
  for (let loss = 0; loss < 3; loss += 1) {
    expect(backoff.nextDelayMs()).toBe(0);
    await clock.advance(2_001);
  }
});

test('a base above the cap is reduced to the cap', () => {
  const backoff = createLossBackoff(createFakeClock({ random: 1 }), 10_000);
  expect([backoff.nextDelayMs(), backoff.nextDelayMs()]).toEqual([0, 1_000]);
});
