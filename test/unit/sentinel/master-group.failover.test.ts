import { describe, expect, test } from 'vitest';
import { beginFailover, type FailoverReport } from '../../../src/sentinel/master-group.js';
import { createFakeClock } from '../../support/unit/fake-clock.js';

const facts = {
  master: 'mymaster',
  from: 'h:1',
  to: 'h:2',
  learned: 'asked',
  sentinel: 's:1',
} as const;

function createBench(count: number) {
  const clock = createFakeClock();
  const told: FailoverReport[] = [];
  const clients = Array.from({ length: count }, () => ({}));
  const failover = beginFailover(facts, clients, { clock, tell: (report) => told.push(report) });
  return { clock, told, failover, clients };
}

describe('a failover', () => {
  test('without clients is told at once', () => {
    const { told, clock } = createBench(0);
    expect(told).toEqual([{ ...facts, clients: 0, waiting: 0, durationMs: 0 }]);
    expect(clock.pendingTimers()).toBe(0);
  });

  test('is told when the last client has arrived, once', async () => {
    const { told, failover, clients, clock } = createBench(2);
    failover.arrived(clients[0] as object);
    failover.arrived(clients[0] as object);
    failover.arrived({});
    await clock.advance(7);
    expect(told).toEqual([]);
    failover.arrived(clients[1] as object);
    failover.arrived(clients[1] as object);
    failover.end();
    await clock.advance(60_000);
    expect(told).toEqual([{ ...facts, clients: 2, waiting: 0, durationMs: 7 }]);
  });

  test('is told after 10 s, with the clients that are still waiting', async () => {
    const { told, failover, clients, clock } = createBench(3);
    failover.arrived(clients[0] as object);
    await clock.advance(9_999);
    expect(told).toEqual([]);
    await clock.advance(1);
    expect(told).toEqual([{ ...facts, clients: 3, waiting: 2, durationMs: 10_000 }]);
  });

  test('that is over before is told as it stands', async () => {
    const { told, failover, clock } = createBench(1);
    await clock.advance(5);
    failover.end();
    expect(told).toMatchObject([{ waiting: 1, durationMs: 5 }]);
    expect(clock.pendingTimers()).toBe(0);
  });
});
