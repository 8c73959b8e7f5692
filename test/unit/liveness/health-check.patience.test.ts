import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  createHealthCheckHarness,
  defaultSettings,
} from '../../support/unit/liveness/health-check-harness.js';

const anyRandom = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });

/** Any interval and deadline that the options allow. */
const anySettings = fc
  .record({
    heartbeatIntervalMs: fc.integer({ min: 1_000, max: 60_000 }),
    share: fc.double({ min: 0, max: 1, noNaN: true }),
  })
  .map(({ heartbeatIntervalMs, share }) => ({
    heartbeatIntervalMs,
    heartbeatDeadlineMs: Math.min(30_000, Math.round(100 + share * (heartbeatIntervalMs - 100))),
  }));

/** When the last byte comes, in intervals. Always before the first PING. */
const anyMoment = fc.double({ min: 0, max: 0.75, noNaN: true });

function timeOf(entry: string | undefined): number {
  return Number(entry?.split(' ')[0]);
}

describe('a silent connection', () => {
  test.each([
    [0, 12_000],
    [0.5, 14_000],
    [0.999, 15_500],
  ])('is pinged after the interval ± 20 %: random %f, %i ms', async (random, at) => {
    const { clock, watch } = createHealthCheckHarness(random);
    const { log, target } = watch();
    await clock.advance(at - 1);
    expect(log).toEqual([]);
    await clock.advance(1);
    expect(log).toEqual([`${at} ping`]);
    expect(target.ping).toHaveBeenCalledOnce();
  });

  test('is pinged between 0.8 and 1.2 times the interval, whenever the last byte came', async () => {
    await fc.assert(
      fc.asyncProperty(anySettings, anyRandom, anyMoment, async (own, random, share) => {
        const lastByteAt = Math.floor(share * own.heartbeatIntervalMs);
        const { clock, watch } = createHealthCheckHarness(random);
        const { log, target } = watch(own);
        await clock.advance(lastByteAt);
        target.receive();
        await clock.advance(1.2 * own.heartbeatIntervalMs);
        const silentMs = timeOf(log.find((entry) => entry.endsWith('ping'))) - lastByteAt;
        expect(silentMs).toBeGreaterThanOrEqual(Math.floor(0.8 * own.heartbeatIntervalMs));
        expect(silentMs).toBeLessThanOrEqual(1.2 * own.heartbeatIntervalMs);
      }),
      { numRuns: 60, examples: [[{ ...defaultSettings }, 0.999_999, 0.1001]] },
    );
  });

  test('whose peer is gone is stale within 1.2 × interval + deadline, whenever the peer went', async () => {
    await fc.assert(
      fc.asyncProperty(anySettings, anyRandom, anyMoment, async (own, random, share) => {
        const goneAt = Math.floor(share * own.heartbeatIntervalMs);
        const { clock, watch } = createHealthCheckHarness(random);
        const { log, target } = watch(own);
        await clock.advance(goneAt);
        target.receive();
        const boundMs = 1.2 * own.heartbeatIntervalMs + own.heartbeatDeadlineMs;
        await clock.advance(Math.floor(boundMs));
        const last = log.at(-1);
        expect(last).toContain('stale kernel');
        expect(timeOf(last) - goneAt).toBeLessThanOrEqual(boundMs);
        expect(timeOf(last) - goneAt).toBeGreaterThan(
          0.8 * own.heartbeatIntervalMs + own.heartbeatDeadlineMs - 2,
        );
      }),
      { numRuns: 60, examples: [[{ ...defaultSettings }, 0.999_999, 0.1001]] },
    );
  });

  test('with the defaults is stale within 23 s in the worst alignment: the last byte came just after a round', async () => {
    const { clock, watch } = createHealthCheckHarness(0.999_999);
    const { log, target } = watch();
    await clock.advance(5_001);
    target.receive();
    await clock.advance(23_000);
    expect(log).toEqual(['21000 ping', '26000 stale kernel 20500']);
  });

  test('with interval 1000 and deadline 500 is stale within 2 s', async () => {
    const { clock, watch } = createHealthCheckHarness(0.999_999);
    const { log, target } = watch({ heartbeatIntervalMs: 1_000, heartbeatDeadlineMs: 500 });
    await clock.advance(1);
    target.receive();
    await clock.advance(2_000);
    expect(log.at(-1)).toContain('stale kernel');
    expect(timeOf(log.at(-1))).toBeLessThanOrEqual(1_701);
  });
});

describe('a connection with traffic', () => {
  test('is never pinged, and its kernel state is not read', async () => {
    const { clock, watch, readTcpStates } = createHealthCheckHarness(0);
    const { log, target } = watch();
    for (let count = 0; count < 20; count += 1) {
      await clock.advance(11_400);
      target.receive();
    }
    expect(log).toEqual([]);
    expect(readTcpStates).not.toHaveBeenCalled();
  });

  test('that only sends counts as silent', async () => {
    const { clock, watch } = createHealthCheckHarness();
    const { log, target } = watch();
    for (let count = 0; count < 29; count += 1) {
      await clock.advance(500);
      target.written += 100;
    }
    expect(log).toEqual(['14500 ping']);
  });

  test('gets a new random limit of silence after each answer, so that a fleet does not ping in step', async () => {
    const { clock, watch } = createHealthCheckHarness(0);
    const { log, target } = watch();
    await clock.advance(12_000);
    clock.setRandom(0.999_999);
    target.receive();
    await clock.advance(12_500 + 3_000);
    expect(log).toEqual(['12000 ping']);
    await clock.advance(500);
    expect(log).toEqual(['12000 ping', '28000 ping']);
  });
});

test('an answered PING is followed by the next PING after another interval', async () => {
  const { clock, watch, readTcpStates } = createHealthCheckHarness();
  const { log, target } = watch();
  for (let count = 0; count < 3; count += 1) {
    await clock.advance(14_500);
    target.receive();
    await clock.advance(500);
  }
  expect(log).toEqual(['14500 ping', '29500 ping', '44500 ping']);
  expect(readTcpStates).not.toHaveBeenCalled();
});
