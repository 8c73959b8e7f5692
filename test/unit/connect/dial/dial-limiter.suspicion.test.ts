import { describe, expect, test } from 'vitest';
import {
  createGateBench,
  gone,
  WHERE,
  type FakeVisitor,
} from '../../../support/unit/connect/dial-limiter-harness.js';

describe('a server that closes a connection before it has said anything', () => {
  test('is asked at once, and dials wait for the verdict', async () => {
    const { gate, arrive, probes, answer } = createGateBench();
    const visitors = arrive(6);
    gate.suspected(visitors[0] as FakeVisitor, WHERE);
    gate.suspected(visitors[1] as FakeVisitor, WHERE);
    expect(probes).toEqual([0]);
    expect(gone(visitors)).toEqual([1, 1, 1, 1, 0, 0]);
    await answer('full');
    expect(visitors[0]?.told).toEqual([{ found: 'probe', waiting: 2, nextProbeMs: 1_500 }]);
    expect(gone(visitors)).toEqual([1, 1, 1, 1, 0, 0]);
  });

  test.for(['room', 'else'] as const)(
    'and is not full (%s) is dialled on, and nobody told',
    async (verdict) => {
      const { gate, arrive, answer } = createGateBench();
      const visitors = arrive(6);
      gate.suspected(visitors[0] as FakeVisitor, WHERE);
      gate.leave(visitors[1] as FakeVisitor);
      await answer(verdict);
      expect(gone(visitors)).toEqual([1, 1, 1, 1, 1, 1]);
      expect(visitors.flatMap(({ told }) => told)).toEqual([]);
    },
  );

  test('is not asked twice in a second', async () => {
    const { gate, arrive, clock, probes, answer } = createGateBench();
    const [first, second] = arrive(2) as [FakeVisitor, FakeVisitor];
    gate.suspected(first, WHERE);
    await answer('room');
    gate.suspected(second, WHERE);
    const [third] = arrive(1) as [FakeVisitor];
    await clock.advance(999);
    expect([probes, gone([third])]).toEqual([[0], [0]]);
    await clock.advance(1);
    expect(probes).toEqual([0, 1_000]);
    await answer('room');
    expect(gone([third])).toEqual([1]);
  });

  test('and is something else is left alone for 10 s: its clients have their own backoff', async () => {
    const { gate, arrive, clock, probes, answer } = createGateBench();
    const [first, second, third] = arrive(3) as [FakeVisitor, FakeVisitor, FakeVisitor];
    gate.suspected(first, WHERE);
    await answer('else');
    await clock.advance(5_000);
    gate.suspected(second, WHERE);
    expect(gone(arrive(1))).toEqual([1]);
    await clock.advance(5_000);
    gate.suspected(third, WHERE);
    expect(probes).toEqual([0, 10_000]);
  });
});
