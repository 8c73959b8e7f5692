import { describe, expect, test } from 'vitest';
import {
  createDialLimiterHarness,
  admissionsOf,
  ADDRESS,
  type FakeDial,
} from '../../../support/unit/connect/dial-limiter-harness.js';

describe('a server that closes a connection without a reply', () => {
  test('is probed at once, and dials wait for the result', async () => {
    const { limiter, requestDials, probes, finishProbe } = createDialLimiterHarness();
    const dials = requestDials(6);
    limiter.onServerFullSuspected(dials[0] as FakeDial, ADDRESS);
    limiter.onServerFullSuspected(dials[1] as FakeDial, ADDRESS);
    expect(probes).toEqual([0]);
    expect(admissionsOf(dials)).toEqual([1, 1, 1, 1, 0, 0]);
    await finishProbe('full');
    expect(dials[0]?.notices).toEqual([{ detectedBy: 'probe', pending: 2, nextProbeMs: 1_500 }]);
    expect(admissionsOf(dials)).toEqual([1, 1, 1, 1, 0, 0]);
  });

  test.for(['available', 'unknown'] as const)(
    'and is not full (%s) is dialled again, and no factory is notified',
    async (result) => {
      const { limiter, requestDials, finishProbe } = createDialLimiterHarness();
      const dials = requestDials(6);
      limiter.onServerFullSuspected(dials[0] as FakeDial, ADDRESS);
      limiter.release(dials[1] as FakeDial);
      await finishProbe(result);
      expect(admissionsOf(dials)).toEqual([1, 1, 1, 1, 1, 1]);
      expect(dials.flatMap(({ notices }) => notices)).toEqual([]);
    },
  );

  test('is not probed twice within a second', async () => {
    const { limiter, requestDials, clock, probes, finishProbe } = createDialLimiterHarness();
    const [first, second] = requestDials(2) as [FakeDial, FakeDial];
    limiter.onServerFullSuspected(first, ADDRESS);
    await finishProbe('available');
    limiter.onServerFullSuspected(second, ADDRESS);
    const [third] = requestDials(1) as [FakeDial];
    await clock.advance(999);
    expect([probes, admissionsOf([third])]).toEqual([[0], [0]]);
    await clock.advance(1);
    expect(probes).toEqual([0, 1_000]);
    await finishProbe('available');
    expect(admissionsOf([third])).toEqual([1]);
  });

  test('for an unknown reason is not probed for 10 s: its clients have a backoff of their own', async () => {
    const { limiter, requestDials, clock, probes, finishProbe } = createDialLimiterHarness();
    const [first, second, third] = requestDials(3) as [FakeDial, FakeDial, FakeDial];
    limiter.onServerFullSuspected(first, ADDRESS);
    await finishProbe('unknown');
    await clock.advance(5_000);
    limiter.onServerFullSuspected(second, ADDRESS);
    expect(admissionsOf(requestDials(1))).toEqual([1]);
    await clock.advance(5_000);
    limiter.onServerFullSuspected(third, ADDRESS);
    expect(probes).toEqual([0, 10_000]);
  });
});

describe('a server that closes one connection after the other without a reply', () => {
  test('is dialled alone and after pauses from the third on, until it answers', async () => {
    const { limiter, requestDials, clock, finishProbe } = createDialLimiterHarness();
    const cutOff = requestDials(3) as [FakeDial, FakeDial, FakeDial];
    limiter.onServerFullSuspected(cutOff[0], ADDRESS);
    await finishProbe('unknown');
    limiter.onServerFullSuspected(cutOff[1], ADDRESS);
    limiter.onServerFullSuspected(cutOff[2], ADDRESS);
    expect(cutOff.flatMap(({ cutOffs }) => cutOffs)).toEqual(['unknown', 'unknown', 'unknown']);
    const waiting = requestDials(6, undefined, true);
    await clock.advance(999); // 500 ms and half of a second
    expect(admissionsOf(waiting)).toEqual([0, 0, 0, 0, 0, 0]);
    await clock.advance(1);
    expect(admissionsOf(waiting)).toEqual([1, 0, 0, 0, 0, 0]);
    limiter.onServerFullSuspected(waiting[0] as FakeDial, ADDRESS);
    await clock.advance(1_500);
    expect(admissionsOf(waiting)).toEqual([1, 1, 0, 0, 0, 0]);
    limiter.onAnswered(waiting[1] as FakeDial);
    expect(admissionsOf(waiting)).toEqual([1, 1, 1, 1, 1, 1]);
  });

  test('is dialled at once by clients that it has not cut off', async () => {
    const { limiter, requestDials, finishProbe } = createDialLimiterHarness();
    const cutOff = requestDials(3) as [FakeDial, FakeDial, FakeDial];
    limiter.onServerFullSuspected(cutOff[0], ADDRESS);
    await finishProbe('unknown');
    limiter.onServerFullSuspected(cutOff[1], ADDRESS);
    limiter.onServerFullSuspected(cutOff[2], ADDRESS);
    const held = requestDials(2, undefined, true);
    expect(admissionsOf(requestDials(3))).toEqual([1, 1, 1]);
    expect(admissionsOf(held)).toEqual([0, 0]);
  });
});
