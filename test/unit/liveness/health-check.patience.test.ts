import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createHeartbeatBench, pace } from '../../support/unit/liveness/health-check-harness.js';

const anyRandom = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });

/** Any pace that the options allow, as far as silence is concerned. */
const anyPace = fc
  .record({
    heartbeatIntervalMs: fc.integer({ min: 1_000, max: 60_000 }),
    share: fc.double({ min: 0, max: 1, noNaN: true }),
  })
  .map(({ heartbeatIntervalMs, share }) => ({
    heartbeatIntervalMs,
    heartbeatDeadlineMs: Math.min(30_000, Math.round(100 + share * (heartbeatIntervalMs - 100))),
  }));

/** When the last byte comes, in intervals: before the first PING. */
const moment = fc.double({ min: 0, max: 0.75, noNaN: true });

function timeOf(fact: string | undefined): number {
  return Number(fact?.split(' ')[0]);
}

describe('a silent connection', () => {
  test.each([
    [0, 12_000],
    [0.5, 14_000],
    [0.999, 15_500],
  ])('is pinged after the interval ± 20 %: random %f, %i ms', async (random, at) => {
    const { clock, watch } = createHeartbeatBench(random);
    const { story, patient } = watch();
    await clock.advance(at - 1);
    expect(story).toEqual([]);
    await clock.advance(1);
    expect(story).toEqual([`${at} ping`]);
    expect(patient.ping).toHaveBeenCalledOnce();
  });

  test('is pinged between 0.8 and 1.2 times the interval, at whatever moment the last byte came', async () => {
    await fc.assert(
      fc.asyncProperty(anyPace, anyRandom, moment, async (own, random, share) => {
        const lastByteAt = Math.floor(share * own.heartbeatIntervalMs);
        const { clock, watch } = createHeartbeatBench(random);
        const { story, patient } = watch(own);
        await clock.advance(lastByteAt);
        patient.speaks();
        await clock.advance(1.2 * own.heartbeatIntervalMs);
        const silentMs = timeOf(story.find((fact) => fact.endsWith('ping'))) - lastByteAt;
        expect(silentMs).toBeGreaterThanOrEqual(Math.floor(0.8 * own.heartbeatIntervalMs));
        expect(silentMs).toBeLessThanOrEqual(1.2 * own.heartbeatIntervalMs);
      }),
      { numRuns: 60, examples: [[{ ...pace }, 0.999_999, 0.1001]] },
    );
  });

  test('whose peer is gone is stale within 1.2 × interval + deadline, at whatever moment that was', async () => {
    await fc.assert(
      fc.asyncProperty(anyPace, anyRandom, moment, async (own, random, share) => {
        const goneAt = Math.floor(share * own.heartbeatIntervalMs);
        const { clock, watch } = createHeartbeatBench(random);
        const { story, patient } = watch(own);
        await clock.advance(goneAt);
        patient.speaks();
        const boundMs = 1.2 * own.heartbeatIntervalMs + own.heartbeatDeadlineMs;
        await clock.advance(Math.floor(boundMs));
        const last = story.at(-1);
        expect(last).toContain('stale kernel');
        expect(timeOf(last) - goneAt).toBeLessThanOrEqual(boundMs);
        expect(timeOf(last) - goneAt).toBeGreaterThan(
          0.8 * own.heartbeatIntervalMs + own.heartbeatDeadlineMs - 2,
        );
      }),
      { numRuns: 60, examples: [[{ ...pace }, 0.999_999, 0.1001]] },
    );
  });

  test('with the defaults is stale within 23 s in the worst alignment: a byte just after a round', async () => {
    const { clock, watch } = createHeartbeatBench(0.999_999);
    const { story, patient } = watch();
    await clock.advance(5_001);
    patient.speaks();
    await clock.advance(23_000);
    expect(story).toEqual(['21000 ping', '26000 stale kernel 20500']);
  });

  test('with interval 1000 and deadline 500 is stale within 2 s', async () => {
    const { clock, watch } = createHeartbeatBench(0.999_999);
    const { story, patient } = watch({ heartbeatIntervalMs: 1_000, heartbeatDeadlineMs: 500 });
    await clock.advance(1);
    patient.speaks();
    await clock.advance(2_000);
    expect(story.at(-1)).toContain('stale kernel');
    expect(timeOf(story.at(-1))).toBeLessThanOrEqual(1_701);
  });
});

describe('a connection with traffic', () => {
  test('is never pinged, and the kernel is not asked', async () => {
    const { clock, watch, kernel } = createHeartbeatBench(0);
    const { story, patient } = watch();
    for (let each = 0; each < 20; each += 1) {
      await clock.advance(11_400);
      patient.speaks();
    }
    expect(story).toEqual([]);
    expect(kernel).not.toHaveBeenCalled();
  });

  test('that we only write to is silent', async () => {
    const { clock, watch } = createHeartbeatBench();
    const { story, patient } = watch();
    for (let each = 0; each < 29; each += 1) {
      await clock.advance(500);
      patient.written += 100;
    }
    expect(story).toEqual(['14500 ping']);
  });

  test('draws a new patience each time, so that a fleet does not fall into step', async () => {
    const { clock, watch } = createHeartbeatBench(0);
    const { story, patient } = watch();
    await clock.advance(12_000);
    clock.draw(0.999_999);
    patient.speaks();
    await clock.advance(12_500 + 3_000);
    expect(story).toEqual(['12000 ping']);
    await clock.advance(500);
    expect(story).toEqual(['12000 ping', '28000 ping']);
  });
});

test('an answered PING is followed by the next after another interval', async () => {
  const { clock, watch, kernel } = createHeartbeatBench();
  const { story, patient } = watch();
  for (let each = 0; each < 3; each += 1) {
    await clock.advance(14_500);
    patient.speaks();
    await clock.advance(500);
  }
  expect(story).toEqual(['14500 ping', '29500 ping', '44500 ping']);
  expect(kernel).not.toHaveBeenCalled();
});
