import { describe, expect, test } from 'vitest';
import { processHealthChecks } from '../../../src/liveness/health-check-scheduler.js';
import type { SendQueueState } from '../../../src/liveness/tcp-state.js';
import { turn } from '../../support/unit/fake-clock.js';
import {
  acknowledged,
  createHealthCheckHarness,
  unacknowledged,
  resentOnce,
  type HealthCheckHarness,
} from '../../support/unit/liveness/health-check-harness.js';

/** Delays the states from the kernel until the returned function is called. */
function delayTcpStates({ readTcpStates }: HealthCheckHarness): (state: SendQueueState) => Promise<void> {
  const waiting: ((state: SendQueueState) => void)[] = [];
  readTcpStates.mockImplementation(async (flows) => {
    const state = await new Promise<SendQueueState>((resolve) => waiting.push(resolve));
    return flows.map(() => state);
  });
  return async (state) => {
    waiting.splice(0).forEach((answer) => answer(state));
    await turn();
  };
}

describe('the timer', () => {
  test('is a single one for all connections, whatever their settings, and stops once all are unwatched', async () => {
    const { clock, healthChecks, watch } = createHealthCheckHarness();
    expect(clock.pendingTimers()).toBe(0);
    const fast = { heartbeatIntervalMs: 1_000, heartbeatDeadlineMs: 500 };
    const watched = [{}, fast, {}, fast].map((own) => watch(own));
    expect(clock.pendingTimers()).toBe(1);
    await clock.advance(777);
    expect(clock.pendingTimers()).toBe(1);
    watched.forEach(({ healthCheck }) => healthChecks.unwatch(healthCheck));
    expect(clock.pendingTimers()).toBe(0);
  });

  test('belongs to a scheduler that the process shares', () => {
    expect(Object.keys(processHealthChecks)).toEqual([
      'extendTo',
      'watch',
      'unwatch',
      'read',
      'earliestArrival',
    ]);
  });

  test('keeps running for the other connection when one of two is unwatched twice', async () => {
    const { clock, healthChecks, watch } = createHealthCheckHarness();
    const [one, other] = [watch(), watch()];
    healthChecks.unwatch(one.healthCheck);
    healthChecks.unwatch(one.healthCheck);
    await clock.advance(14_500);
    expect(other.log).toEqual(['14500 ping']);
    expect(one.log).toEqual([]);
  });
});

test('connections of two factories are each checked with their own settings', async () => {
  const { clock, watch } = createHealthCheckHarness();
  const [slow, fast] = [watch(), watch({ heartbeatIntervalMs: 1_000, heartbeatDeadlineMs: 500 })];
  await clock.advance(60_000);
  expect(fast.log).toEqual([
    expect.stringMatching(/^9\d\d ping$/),
    expect.stringMatching(/^14\d\d stale kernel/),
  ]);
  expect(slow.log[0]).toMatch(/^14[2-5]\d\d ping$/);
  expect(slow.log[1]).toMatch(/^19[2-7]\d\d stale kernel/);
});

describe('the state from the kernel', () => {
  test('is read once for all connections that missed their deadline in one round, and applied in their order', async () => {
    const { clock, watch, readTcpStates } = createHealthCheckHarness();
    const watched = [50_001, 50_002, 50_003, 50_004].map((localPort) => {
      const one = watch();
      one.target.ends = { localAddress: 'a', localPort, remoteAddress: 'b', remotePort: 6_379 };
      return one;
    });
    readTcpStates.mockImplementationOnce((flows) =>
      Promise.resolve(
        flows.map((flow) => (flow !== 'local' && flow.localPort === 50_003 ? unacknowledged : acknowledged)),
      ),
    );
    await clock.advance(19_500);
    expect(readTcpStates).toHaveBeenCalledOnce();
    expect(readTcpStates.mock.calls[0]?.[0]).toEqual(watched.map(({ target }) => target.ends));
    expect(watched.map(({ log }) => log.at(-1))).toEqual([
      '19500 stalled 19500',
      '19500 stalled 19500',
      '19500 stale kernel 19500',
      '19500 stalled 19500',
    ]);
  });

  test('is not read for connections that are in time', async () => {
    const { clock, watch, readTcpStates } = createHealthCheckHarness();
    const [silent, busy] = [watch(), watch()];
    await clock.advance(15_000);
    busy.target.receive();
    await clock.advance(4_500);
    expect(readTcpStates.mock.calls).toEqual([[[silent.target.ends]]]);
    expect(busy.target.flow).not.toHaveBeenCalled();
  });

  test('is not read again for a connection whose state is being read, while other connections are checked', async () => {
    const harness = createHealthCheckHarness();
    const answer = delayTcpStates(harness);
    const { log } = harness.watch();
    await harness.clock.advance(2_000);
    const later = harness.watch();
    await harness.clock.advance(20_000);
    expect(harness.readTcpStates.mock.calls.map(([flows]) => flows.length)).toEqual([1, 1]);
    expect(log).toEqual(['14500 ping']);
    await answer(unacknowledged);
    expect(log.at(-1)).toContain('stale kernel');
    expect(later.log.at(-1)).toContain('stale kernel');
  });

  test.each([unacknowledged, acknowledged, resentOnce, { kind: 'unreadable', why: 'EIO' } as const])(
    'is ignored where an answer came while it was being read: %j',
    async (state) => {
      const harness = createHealthCheckHarness();
      const answer = delayTcpStates(harness);
      const { log, target } = harness.watch();
      await harness.clock.advance(19_600);
      target.receive();
      await answer(state);
      await harness.clock.advance(10_000);
      expect(log).toEqual(['14500 ping']);
    },
  );

  test('may be read again after it has been read', async () => {
    const harness = createHealthCheckHarness();
    const answer = delayTcpStates(harness);
    const { log } = harness.watch();
    await harness.clock.advance(19_500);
    await answer(acknowledged);
    await harness.clock.advance(5_000);
    await answer(unacknowledged);
    expect(log.slice(1)).toEqual(['19500 stalled 19500', '24500 stale kernel 24500']);
  });

  test('is ignored for a connection that was unwatched while it was being read', async () => {
    const harness = createHealthCheckHarness();
    const answer = delayTcpStates(harness);
    const [unwatched, other] = [harness.watch(), harness.watch()];
    await harness.clock.advance(19_500);
    harness.healthChecks.unwatch(unwatched.healthCheck);
    await answer(unacknowledged);
    expect(unwatched.log).toEqual(['14500 ping']);
    expect(other.log.at(-1)).toContain('stale kernel');
  });
});

describe('an event loop that was blocked for 10 s', () => {
  test('does not make a connection stale whose answer waits in its socket', async () => {
    const { clock, watch, readTcpStates } = createHealthCheckHarness();
    const { log, target } = watch();
    await clock.advance(14_700);
    clock.block(10_000);
    await clock.advance(300); // the late round comes before the sockets are read
    target.receive();
    await clock.advance(10_000);
    expect(log).toEqual(['14500 ping']);
    expect(readTcpStates).not.toHaveBeenCalled();
  });

  test('is followed by a PING at once, because the server saw a silent connection meanwhile', async () => {
    const { clock, watch } = createHealthCheckHarness();
    const { log, target } = watch();
    await clock.advance(10_000);
    clock.block(10_000);
    await clock.advance(500);
    expect(log).toEqual(['20500 ping']);
    target.receive();
    await clock.advance(10_000);
    expect(log).toHaveLength(1);
  });

  test('does not hide a peer that is gone: half of the deadline is left after the block', async () => {
    const { clock, watch } = createHealthCheckHarness();
    const { log } = watch();
    await clock.advance(14_700);
    clock.block(10_000);
    await clock.advance(5_300);
    expect(log).toEqual(['14500 ping', '27500 stale kernel 27500']);
  });
});

describe.each([2_700, 10_000, 600_000])(
  'an event loop that is blocked for %i ms in each round',
  (blockMs) => {
    test('pings, and keeps a connection whose answers are read between two blocks', async () => {
      const { clock, watch, readTcpStates } = createHealthCheckHarness();
      const { log, target } = watch();
      for (let round = 0; round < 50; round += 1) {
        clock.block(blockMs);
        const isAsked = target.expected === 'answer';
        await clock.advance(500); // the late round comes before the sockets are read
        if (isAsked) target.receive();
      }
      expect(log.length).toBeGreaterThan(5);
      expect(log.every((entry) => entry.endsWith('ping'))).toBe(true);
      expect(readTcpStates).not.toHaveBeenCalled();
    });

    test('finds a peer that is gone', async () => {
      const { clock, watch } = createHealthCheckHarness();
      const { log } = watch();
      for (let round = 0; round < 8; round += 1) {
        clock.block(blockMs);
        await clock.advance(500);
      }
      expect(log[0]).toContain('ping');
      expect(log[1]).toContain('stale kernel');
    });

    test('gives a handshake at least two rounds', async () => {
      const { clock, watch } = createHealthCheckHarness();
      const { log, target } = watch({ handshakeTimeoutMs: 3_000 }, 'handshake');
      target.send('answer');
      clock.block(blockMs);
      await clock.advance(500);
      target.receive();
      target.send('answer');
      clock.block(blockMs);
      await clock.advance(500);
      expect(log).toEqual([]);
      clock.block(blockMs);
      await clock.advance(1_000);
      expect(log).toEqual([expect.stringContaining('stale')]);
    });
  },
);

test('the shorter deadline of another connection does not slow down the check of a blocked process', async () => {
  const { clock, watch } = createHealthCheckHarness();
  const { log } = watch();
  const { target } = watch({ heartbeatIntervalMs: 1_000, heartbeatDeadlineMs: 100 });
  for (let round = 0; round < 10; round += 1) {
    clock.block(2_700);
    target.read += 1;
    await clock.advance(10);
  }
  expect(log.at(-1)).toContain('stale kernel');
});
