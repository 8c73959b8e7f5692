import { describe, expect, test } from 'vitest';
import {
  createDialLimiterHarness,
  createFakeDial,
  admissionsOf,
  ADDRESS,
  type FakeDial,
} from '../../../support/unit/connect/dial-limiter-harness.js';

describe('a closed breaker', () => {
  test('admits dials up to the limit, and the others in order when a dial is over', () => {
    const { limiter, requestDials } = createDialLimiterHarness();
    const dials = requestDials(6, 2);
    expect(admissionsOf(dials)).toEqual([1, 1, 0, 0, 0, 0]);
    limiter.release(dials[1] as FakeDial);
    expect(admissionsOf(dials)).toEqual([1, 1, 1, 0, 0, 0]);
    limiter.onAnswered(dials[0] as FakeDial);
    expect(admissionsOf(dials)).toEqual([1, 1, 1, 1, 0, 0]);
    limiter.release(dials[1] as FakeDial); // released before
    expect(admissionsOf(dials)).toEqual([1, 1, 1, 1, 0, 0]);
  });

  test('admits no dial before one that came earlier', () => {
    const { limiter, requestDials } = createDialLimiterHarness();
    const [first, second] = requestDials(2, 1) as [FakeDial, FakeDial];
    const withHigherLimit = createFakeDial(10);
    expect(limiter.tryAcquire(withHigherLimit)).toBe(false);
    limiter.release(first);
    expect(admissionsOf([second, withHigherLimit])).toEqual([1, 1]); // its limit is higher than that of the other dials
  });

  test('drops a dial that no longer waits', () => {
    const { limiter, requestDials } = createDialLimiterHarness();
    const [first, second, third] = requestDials(3, 1) as [FakeDial, FakeDial, FakeDial];
    limiter.release(second);
    limiter.release(first);
    expect(admissionsOf([second, third])).toEqual([0, 1]);
  });

  test('keeps the process alive only while a dial waits', () => {
    const { limiter, requestDials, clock } = createDialLimiterHarness();
    const [first, second] = requestDials(2, 1) as [FakeDial, FakeDial];
    expect(clock.pendingTimers()).toBe(1);
    limiter.release(first);
    expect(clock.pendingTimers()).toBe(0);
    limiter.release(second);
    expect(limiter.canBeDropped).toBe(true);
  });
});

describe('a full server', () => {
  test('is probed by one connection at a time, after 1 s plus jitter, up to 30 s', async () => {
    const { limiter, requestDials, clock, probes, finishProbe } = createDialLimiterHarness(0.999_99);
    const [first] = requestDials(6) as [FakeDial];
    limiter.onServerFull(first, ADDRESS);
    const delays: number[] = [];
    for (let last = 0; delays.length < 8; last = 60_000 * delays.length) {
      await clock.advance(60_000);
      delays.push((probes[delays.length] ?? 0) - last);
      await finishProbe('full');
    }
    expect(delays).toEqual([2_000, 3_000, 5_000, 9_000, 17_000, 30_000, 30_000, 30_000]);
  });

  test('is not probed while no dial waits, and at once for a dial that comes after the due time', async () => {
    const { limiter, requestDials, clock, probes } = createDialLimiterHarness();
    const [first] = requestDials(1) as [FakeDial];
    limiter.onServerFull(first, ADDRESS);
    await clock.advance(100_000);
    expect([probes, clock.pendingTimers()]).toEqual([[], 0]);
    requestDials(1);
    expect(probes).toEqual([100_000]);
  });

  test('that has room again admits one dial alone, and then as many as before', async () => {
    const { limiter, requestDials, clock, finishProbe } = createDialLimiterHarness();
    const [first, ...others] = requestDials(10) as [FakeDial, ...FakeDial[]];
    limiter.onServerFull(first, ADDRESS);
    others.slice(0, 3).forEach((dial) => limiter.onServerFull(dial, ADDRESS));
    await clock.advance(1_500);
    await finishProbe('available');
    const waiting = others.slice(3);
    expect(admissionsOf(waiting)).toEqual([1, 0, 0, 0, 0, 0]);
    limiter.onAnswered(waiting[0] as FakeDial);
    expect(admissionsOf(waiting)).toEqual([1, 1, 1, 1, 1, 0]);
  });

  test('that refuses the next dial is probed after a longer delay, and no factory is notified twice', async () => {
    const { limiter, requestDials, clock, probes, finishProbe } = createDialLimiterHarness();
    const [first, second, third] = requestDials(3) as [FakeDial, FakeDial, FakeDial];
    limiter.onServerFull(first, ADDRESS);
    limiter.release(second);
    limiter.release(third);
    const waiting = requestDials(3);
    await clock.advance(1_500); // 1 s + 0.5 × 1 s
    await finishProbe('available');
    limiter.onServerFullSuspected(waiting[0] as FakeDial, ADDRESS);
    await clock.advance(1_999);
    expect(probes).toEqual([1_500]);
    await clock.advance(1); // 1 s + 0.5 × 2 s
    expect(probes).toEqual([1_500, 3_500]);
    expect([first, ...waiting].flatMap(({ notices }) => notices)).toEqual([
      { detectedBy: 'reply', pending: 0, nextProbeMs: 1_500 },
    ]);
  });

  test('is reported once to each factory, also to one whose dial comes later', () => {
    const { limiter, requestDials } = createDialLimiterHarness();
    const dials = requestDials(6);
    limiter.onServerFull(dials[0] as FakeDial, ADDRESS);
    limiter.onServerFull(dials[1] as FakeDial, ADDRESS);
    const other = createFakeDial(4, {});
    limiter.tryAcquire(other);
    expect(dials.map(({ notices }) => notices.length)).toEqual([1, 0, 0, 0, 0, 0]);
    expect(other.notices).toEqual([{ detectedBy: 'reply', pending: 3, nextProbeMs: 1_500 }]);
  });

  test('is reported again after a minute without a refusal', async () => {
    const { limiter, requestDials, clock, finishProbe } = createDialLimiterHarness();
    const [first] = requestDials(1) as [FakeDial];
    limiter.onServerFull(first, ADDRESS);
    const [second] = requestDials(1) as [FakeDial];
    await clock.advance(1_500);
    await finishProbe('available');
    limiter.onAnswered(second);
    await clock.advance(58_000);
    const [soon] = requestDials(1) as [FakeDial];
    limiter.onServerFull(soon, ADDRESS);
    expect(soon.notices).toEqual([]);
    const [third] = requestDials(1) as [FakeDial];
    await clock.advance(2_000);
    await finishProbe('available');
    limiter.onAnswered(third);
    await clock.advance(60_000);
    const [late] = requestDials(1) as [FakeDial];
    limiter.onServerFull(late, ADDRESS);
    expect(late.notices).toEqual([{ detectedBy: 'reply', pending: 0, nextProbeMs: 1_500 }]);
  });

  test('is reported again and again to dials that still wait', async () => {
    const { limiter, requestDials, clock } = createDialLimiterHarness();
    const dials = requestDials(5);
    await clock.advance(5_000);
    const last = dials[4] as FakeDial;
    expect(last.waitTimes).toEqual([]); // it waits for other dials, not for a full server
    limiter.onServerFull(dials[0] as FakeDial, undefined);
    await clock.advance(1_400);
    expect(last.waitTimes.length).toBeGreaterThanOrEqual(2);
  });

  test('that cannot be probed admits a single dial', async () => {
    const { limiter, requestDials, clock, probes } = createDialLimiterHarness();
    const dials = requestDials(8);
    dials.slice(0, 4).forEach((dial) => limiter.onServerFull(dial, undefined));
    await clock.advance(2_000);
    expect(admissionsOf(dials.slice(4))).toEqual([1, 0, 0, 0]);
    expect(probes).toEqual([]);
  });
});
