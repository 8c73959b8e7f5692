import { describe, expect, test } from 'vitest';
import { trackFailover, type FailoverReport } from '../../../src/sentinel/master-group.js';
import { createFakeClock } from '../../support/unit/fake-clock.js';

const facts = {
  master: 'mymaster',
  from: 'h:1',
  to: 'h:2',
  detectedBy: 'query',
  sentinel: 's:1',
} as const;

function createBench(count: number) {
  const clock = createFakeClock();
  const reports: FailoverReport[] = [];
  const clients = Array.from({ length: count }, () => ({}));
  const tracker = trackFailover(facts, clients, { clock, onReport: (report) => reports.push(report) });
  return { clock, reports, tracker, clients };
}

describe('a failover', () => {
  test('without clients is reported at once', () => {
    const { reports, clock } = createBench(0);
    expect(reports).toEqual([{ ...facts, clients: 0, pending: 0, durationMs: 0 }]);
    expect(clock.pendingTimers()).toBe(0);
  });

  test('is reported once, when the last client is ready', async () => {
    const { reports, tracker, clients, clock } = createBench(2);
    tracker.markReady(clients[0] as object);
    tracker.markReady(clients[0] as object);
    tracker.markReady({});
    await clock.advance(7);
    expect(reports).toEqual([]);
    tracker.markReady(clients[1] as object);
    tracker.markReady(clients[1] as object);
    tracker.end();
    await clock.advance(60_000);
    expect(reports).toEqual([{ ...facts, clients: 2, pending: 0, durationMs: 7 }]);
  });

  test('is reported after 10 s with the clients that are pending', async () => {
    const { reports, tracker, clients, clock } = createBench(3);
    tracker.markReady(clients[0] as object);
    await clock.advance(9_999);
    expect(reports).toEqual([]);
    await clock.advance(1);
    expect(reports).toEqual([{ ...facts, clients: 3, pending: 2, durationMs: 10_000 }]);
  });

  test('is reported at its end with the clients that are pending', async () => {
    const { reports, tracker, clock } = createBench(1);
    await clock.advance(5);
    tracker.end();
    expect(reports).toMatchObject([{ pending: 1, durationMs: 5 }]);
    expect(clock.pendingTimers()).toBe(0);
  });
});
