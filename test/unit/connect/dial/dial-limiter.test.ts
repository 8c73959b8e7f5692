import { describe, expect, test } from 'vitest';
import {
  createGateBench,
  createVisitor,
  gone,
  WHERE,
  type FakeVisitor,
} from '../../../support/unit/connect/dial-limiter-harness.js';

describe('an open gate', () => {
  test('lets so many dials go, and the others in their order when one is over', () => {
    const { gate, arrive } = createGateBench();
    const visitors = arrive(6, 2);
    expect(gone(visitors)).toEqual([1, 1, 0, 0, 0, 0]);
    gate.leave(visitors[1] as FakeVisitor);
    expect(gone(visitors)).toEqual([1, 1, 1, 0, 0, 0]);
    gate.answered(visitors[0] as FakeVisitor);
    expect(gone(visitors)).toEqual([1, 1, 1, 1, 0, 0]);
    gate.leave(visitors[1] as FakeVisitor); // has left before
    expect(gone(visitors)).toEqual([1, 1, 1, 1, 0, 0]);
  });

  test('lets nobody overtake', () => {
    const { gate, arrive } = createGateBench();
    const [first, second] = arrive(2, 1) as [FakeVisitor, FakeVisitor];
    const generous = createVisitor(10);
    expect(gate.enter(generous)).toBe(false);
    gate.leave(first);
    expect(gone([second, generous])).toEqual([1, 1]); // its own limit is higher
  });

  test('forgets at once who does not wait any more', () => {
    const { gate, arrive } = createGateBench();
    const [first, second, third] = arrive(3, 1) as [FakeVisitor, FakeVisitor, FakeVisitor];
    gate.leave(second);
    gate.leave(first);
    expect(gone([second, third])).toEqual([0, 1]);
  });

  test('keeps the process alive while somebody waits, and no longer', () => {
    const { gate, arrive, clock } = createGateBench();
    const [first, second] = arrive(2, 1) as [FakeVisitor, FakeVisitor];
    expect(clock.pendingTimers()).toBe(1);
    gate.leave(first);
    expect(clock.pendingTimers()).toBe(0);
    gate.leave(second);
    expect(gate.isForgettable).toBe(true);
  });
});

describe('a server that says it is full', () => {
  test('is asked by one silent probe at a time, after 1 s and jitter that grows up to 30 s', async () => {
    const { gate, arrive, clock, probes, answer } = createGateBench(0.999_99);
    const [first] = arrive(6) as [FakeVisitor];
    gate.refused(first, WHERE);
    const delays: number[] = [];
    for (let last = 0; delays.length < 8; last = 60_000 * delays.length) {
      await clock.advance(60_000);
      delays.push((probes[delays.length] ?? 0) - last);
      await answer('full');
    }
    expect(delays).toEqual([2_000, 3_000, 5_000, 9_000, 17_000, 30_000, 30_000, 30_000]);
  });

  test('is not asked while nobody waits, and at once when somebody comes after its time', async () => {
    const { gate, arrive, clock, probes } = createGateBench();
    const [first] = arrive(1) as [FakeVisitor];
    gate.refused(first, WHERE);
    await clock.advance(100_000);
    expect([probes, clock.pendingTimers()]).toEqual([[], 0]);
    arrive(1);
    expect(probes).toEqual([100_000]);
  });

  test('that has room again lets one in alone, and then as many as before', async () => {
    const { gate, arrive, clock, answer } = createGateBench();
    const [first, ...others] = arrive(10) as [FakeVisitor, ...FakeVisitor[]];
    gate.refused(first, WHERE);
    others.slice(0, 3).forEach((visitor) => gate.refused(visitor, WHERE));
    await clock.advance(1_500);
    await answer('room');
    const waiting = others.slice(3);
    expect(gone(waiting)).toEqual([1, 0, 0, 0, 0, 0]);
    gate.answered(waiting[0] as FakeVisitor);
    expect(gone(waiting)).toEqual([1, 1, 1, 1, 1, 0]);
  });

  test('and again refuses the next one: it is asked later, and nobody is told twice', async () => {
    const { gate, arrive, clock, probes, answer } = createGateBench();
    const [first, second, third] = arrive(3) as [FakeVisitor, FakeVisitor, FakeVisitor];
    gate.refused(first, WHERE);
    gate.leave(second);
    gate.leave(third);
    const waiting = arrive(3);
    await clock.advance(1_500); // 1 s + 0.5 × 1 s
    await answer('room');
    gate.suspected(waiting[0] as FakeVisitor, WHERE);
    await clock.advance(1_999);
    expect(probes).toEqual([1_500]);
    await clock.advance(1); // 1 s + 0.5 × 2 s
    expect(probes).toEqual([1_500, 3_500]);
    expect([first, ...waiting].flatMap(({ told }) => told)).toEqual([
      { found: 'text', waiting: 0, nextProbeMs: 1_500 },
    ]);
  });

  test('is told once to each factory, also to one that comes later', () => {
    const { gate, arrive } = createGateBench();
    const visitors = arrive(6);
    gate.refused(visitors[0] as FakeVisitor, WHERE);
    gate.refused(visitors[1] as FakeVisitor, WHERE);
    const other = createVisitor(4, {});
    gate.enter(other);
    expect(visitors.map(({ told }) => told.length)).toEqual([1, 0, 0, 0, 0, 0]);
    expect(other.told).toEqual([{ found: 'text', waiting: 3, nextProbeMs: 1_500 }]);
  });

  test('is told anew after a minute with room', async () => {
    const { gate, arrive, clock, answer } = createGateBench();
    const [first] = arrive(1) as [FakeVisitor];
    gate.refused(first, WHERE);
    const [second] = arrive(1) as [FakeVisitor];
    await clock.advance(1_500);
    await answer('room');
    gate.answered(second);
    await clock.advance(58_000);
    const [soon] = arrive(1) as [FakeVisitor];
    gate.refused(soon, WHERE);
    expect(soon.told).toEqual([]);
    const [third] = arrive(1) as [FakeVisitor];
    await clock.advance(2_000);
    await answer('room');
    gate.answered(third);
    await clock.advance(60_000);
    const [late] = arrive(1) as [FakeVisitor];
    gate.refused(late, WHERE);
    expect(late.told).toEqual([{ found: 'text', waiting: 0, nextProbeMs: 1_500 }]);
  });

  test('has those who wait looked at, again and again', async () => {
    const { gate, arrive, clock } = createGateBench();
    const visitors = arrive(5);
    await clock.advance(5_000);
    const last = visitors[4] as FakeVisitor;
    expect(last.helds).toEqual([]); // it only waits for its turn
    gate.refused(visitors[0] as FakeVisitor, undefined);
    await clock.advance(1_400);
    expect(last.helds.length).toBeGreaterThanOrEqual(2);
  });

  test('and cannot be asked silently is asked by one dial', async () => {
    const { gate, arrive, clock, probes } = createGateBench();
    const visitors = arrive(8);
    visitors.slice(0, 4).forEach((visitor) => gate.refused(visitor, undefined));
    await clock.advance(2_000);
    expect(gone(visitors.slice(4))).toEqual([1, 0, 0, 0]);
    expect(probes).toEqual([]);
  });
});
