import { describe, expect, test } from 'vitest';
import { processHealthChecks } from '../../../src/liveness/health-check-scheduler.js';
import type { SendQueueState } from '../../../src/liveness/tcp-state.js';
import { turn } from '../../support/unit/fake-clock.js';
import {
  acknowledged,
  createHeartbeatBench,
  unacknowledged,
  resentOnce,
  type HeartbeatBench,
} from '../../support/unit/liveness/health-check-harness.js';

/** A kernel that answers when the test says. */
function slowKernel({ kernel }: HeartbeatBench): (testimony: SendQueueState) => Promise<void> {
  const waiting: ((testimony: SendQueueState) => void)[] = [];
  kernel.mockImplementation(async (flows) => {
    const testimony = await new Promise<SendQueueState>((resolve) => waiting.push(resolve));
    return flows.map(() => testimony);
  });
  return async (testimony) => {
    waiting.splice(0).forEach((answer) => answer(testimony));
    await turn();
  };
}

describe('the timer', () => {
  test('is one for all connections, at whatever pace, and none once all are forgotten', async () => {
    const { clock, heartbeat, watch } = createHeartbeatBench();
    expect(clock.pendingTimers()).toBe(0);
    const fast = { heartbeatIntervalMs: 1_000, heartbeatDeadlineMs: 500 };
    const watched = [{}, fast, {}, fast].map((own) => watch(own));
    expect(clock.pendingTimers()).toBe(1);
    await clock.advance(777);
    expect(clock.pendingTimers()).toBe(1);
    watched.forEach(({ pulse }) => heartbeat.forget(pulse));
    expect(clock.pendingTimers()).toBe(0);
  });

  test('of the process does not exist while nothing is watched', () => {
    expect(Object.keys(processHealthChecks)).toEqual(['watch', 'forget']);
  });

  test('goes on where one of two is forgotten twice', async () => {
    const { clock, heartbeat, watch } = createHeartbeatBench();
    const [one, other] = [watch(), watch()];
    heartbeat.forget(one.pulse);
    heartbeat.forget(one.pulse);
    await clock.advance(14_500);
    expect(other.story).toEqual(['14500 ping']);
    expect(one.story).toEqual([]);
  });
});

test('connections of two factories are each judged at their own pace', async () => {
  const { clock, watch } = createHeartbeatBench();
  const [slow, fast] = [watch(), watch({ heartbeatIntervalMs: 1_000, heartbeatDeadlineMs: 500 })];
  await clock.advance(60_000);
  expect(fast.story).toEqual([
    expect.stringMatching(/^9\d\d ping$/),
    expect.stringMatching(/^14\d\d stale kernel/),
  ]);
  expect(slow.story[0]).toMatch(/^14[2-5]\d\d ping$/);
  expect(slow.story[1]).toMatch(/^19[2-7]\d\d stale kernel/);
});

describe('the kernel', () => {
  test('is asked once for all that missed their deadline in one round, and answers in their order', async () => {
    const { clock, watch, kernel } = createHeartbeatBench();
    const watched = [50_001, 50_002, 50_003, 50_004].map((localPort) => {
      const one = watch();
      one.patient.at = { localAddress: 'a', localPort, remoteAddress: 'b', remotePort: 6_379 };
      return one;
    });
    kernel.mockImplementationOnce((flows) =>
      Promise.resolve(
        flows.map((flow) => (flow !== 'local' && flow.localPort === 50_003 ? unacknowledged : acknowledged)),
      ),
    );
    await clock.advance(19_500);
    expect(kernel).toHaveBeenCalledOnce();
    expect(kernel.mock.calls[0]?.[0]).toEqual(watched.map(({ patient }) => patient.at));
    expect(watched.map(({ story }) => story.at(-1))).toEqual([
      '19500 stalled 19500',
      '19500 stalled 19500',
      '19500 stale kernel 19500',
      '19500 stalled 19500',
    ]);
  });

  test('is not asked about those that are in time', async () => {
    const { clock, watch, kernel } = createHeartbeatBench();
    const [silent, busy] = [watch(), watch()];
    await clock.advance(15_000);
    busy.patient.speaks();
    await clock.advance(4_500);
    expect(kernel.mock.calls).toEqual([[[silent.patient.at]]]);
    expect(busy.patient.flow).not.toHaveBeenCalled();
  });

  test('is not asked again while it is being asked, and the others go on', async () => {
    const bench = createHeartbeatBench();
    const answer = slowKernel(bench);
    const { story } = bench.watch();
    await bench.clock.advance(2_000);
    const later = bench.watch();
    await bench.clock.advance(20_000);
    expect(bench.kernel.mock.calls.map(([flows]) => flows.length)).toEqual([1, 1]);
    expect(story).toEqual(['14500 ping']);
    await answer(unacknowledged);
    expect(story.at(-1)).toContain('stale kernel');
    expect(later.story.at(-1)).toContain('stale kernel');
  });

  test.each([unacknowledged, acknowledged, resentOnce, { kind: 'unreadable', why: 'EIO' } as const])(
    'is not listened to where an answer came while it was read: %j',
    async (testimony) => {
      const bench = createHeartbeatBench();
      const answer = slowKernel(bench);
      const { story, patient } = bench.watch();
      await bench.clock.advance(19_600);
      patient.speaks();
      await answer(testimony);
      await bench.clock.advance(10_000);
      expect(story).toEqual(['14500 ping']);
    },
  );

  test('may be asked again after it has answered', async () => {
    const bench = createHeartbeatBench();
    const answer = slowKernel(bench);
    const { story } = bench.watch();
    await bench.clock.advance(19_500);
    await answer(acknowledged);
    await bench.clock.advance(5_000);
    await answer(unacknowledged);
    expect(story.slice(1)).toEqual(['19500 stalled 19500', '24500 stale kernel 24500']);
  });

  test('says nothing of a connection that is forgotten meanwhile', async () => {
    const bench = createHeartbeatBench();
    const answer = slowKernel(bench);
    const [forgotten, other] = [bench.watch(), bench.watch()];
    await bench.clock.advance(19_500);
    bench.heartbeat.forget(forgotten.pulse);
    await answer(unacknowledged);
    expect(forgotten.story).toEqual(['14500 ping']);
    expect(other.story.at(-1)).toContain('stale kernel');
  });
});

describe('an event loop that was blocked for 10 s', () => {
  test('makes no connection stale whose answer waits in its socket', async () => {
    const { clock, watch, kernel } = createHeartbeatBench();
    const { story, patient } = watch();
    await clock.advance(14_700);
    clock.block(10_000);
    await clock.advance(300); // the late round comes before the sockets are read
    patient.speaks();
    await clock.advance(10_000);
    expect(story).toEqual(['14500 ping']);
    expect(kernel).not.toHaveBeenCalled();
  });

  test('does not count as silence: no PING of all connections at once after it', async () => {
    const { clock, watch } = createHeartbeatBench();
    const { story } = watch();
    await clock.advance(10_000);
    clock.block(10_000);
    await clock.advance(4_000);
    expect(story).toEqual([]);
    await clock.advance(1_000);
    expect(story).toHaveLength(1);
  });

  test('does not hide a peer that is gone: it is found after its full time', async () => {
    const { clock, watch } = createHeartbeatBench();
    const { story } = watch();
    await clock.advance(14_700);
    clock.block(10_000);
    await clock.advance(5_300);
    expect(story).toEqual(['14500 ping', '30000 stale kernel 19500']);
  });

  test('again and again, is never a reason to judge', async () => {
    const { clock, watch } = createHeartbeatBench();
    const { story } = watch();
    for (let each = 0; each < 50; each += 1) {
      clock.block(10_000);
      await clock.advance(500);
    }
    expect(story).toEqual([]);
  });
});
