import { describe, expect, test } from 'vitest';
import type { HealthCheckSettings } from '../../../src/liveness/health-check-target.js';
import {
  createHealthCheckHarness,
  defaultSettings,
} from '../../support/unit/liveness/health-check-harness.js';

/** Settings of the factory that calls `extendTo()`. */
const quick: HealthCheckSettings = { ...defaultSettings, heartbeatDeadlineMs: 1_000 };

/** Calls `extendTo()`, and tells whether its promise has resolved. */
function extend(
  { healthChecks }: ReturnType<typeof createHealthCheckHarness>,
  ms: number,
  settings: HealthCheckSettings = quick,
) {
  const state = { isDone: false };
  void healthChecks.extendTo(ms, settings).then(() => (state.isDone = true));
  return state;
}

describe('on a host that may freeze the process', () => {
  const createHarness = () => createHealthCheckHarness(undefined, { mayFreeze: true });

  test('checks run as always until the host has said how long the process runs', async () => {
    const { clock, watch } = createHarness();
    const { log } = watch();
    await clock.advance(15_000);
    expect(log).toEqual(['14500 ping']);
  });

  test('no timer runs after the time that the host has given, and a new connection starts none', async () => {
    const harness = createHarness();
    harness.watch(quick);
    expect(extend(harness, 3_000)).toBeDefined();
    await harness.clock.advance(2_900);
    expect(harness.clock.pendingTimers()).toBe(1);
    await harness.clock.advance(200);
    expect(harness.clock.pendingTimers()).toBe(0);
    harness.watch(quick);
    expect(harness.clock.pendingTimers()).toBe(0);
  });

  test('a second call does not shorten the time of the first', async () => {
    const harness = createHarness();
    const { target } = harness.watch(quick);
    extend(harness, 3_000);
    extend(harness, 100);
    await harness.clock.advance(2_500);
    expect(harness.clock.pendingTimers()).toBe(1);
    target.receive();
    extend(harness, 3_000);
    await harness.clock.advance(2_500);
    expect(harness.clock.pendingTimers()).toBe(1);
  });

  test.each(['a rest', 'a freeze'])('a connection that lives is asked after %s, and kept', async (kind) => {
    const harness = createHarness();
    const { target, log } = harness.watch(quick);
    extend(harness, 1_000);
    target.receive(); // the last answer of the call comes just before the freeze
    if (kind === 'a rest') await harness.clock.advance(1_100);
    harness.clock.block(600_000);
    const state = extend(harness, 1_000);
    expect(log).toEqual([expect.stringContaining('ping')]);
    await harness.clock.advance(10);
    expect(state.isDone).toBe(false);
    target.receive();
    await harness.clock.advance(10);
    expect(state.isDone).toBe(true);
    await harness.clock.advance(20_000);
    expect(log).toHaveLength(1);
  });

  test('a connection that is gone is given up within two deadlines', async () => {
    const harness = createHarness();
    const { log } = harness.watch(quick);
    extend(harness, 1_000);
    await harness.clock.advance(1_100);
    harness.clock.block(600_000);
    const state = extend(harness, 5_000);
    await harness.clock.advance(2_000);
    expect(log).toEqual([expect.stringContaining('ping'), expect.stringContaining('stale kernel')]);
    expect(state.isDone).toBe(true);
  });

  test('a promise resolves even if the checks rest before an answer', async () => {
    const harness = createHarness();
    harness.watch(quick);
    extend(harness, 1_000);
    await harness.clock.advance(1_100);
    const state = extend(harness, 100);
    await harness.clock.advance(2_100);
    expect(state.isDone).toBe(true);
    expect(harness.clock.pendingTimers()).toBe(0);
  });
});

describe('while the process is awake', () => {
  test('only a connection that was silent for a second is asked', async () => {
    const harness = createHealthCheckHarness();
    const [silent, busy] = [harness.watch(quick), harness.watch(quick)];
    await harness.clock.advance(2_000);
    busy.target.receive();
    const state = extend(harness, 0);
    expect([silent.log, busy.log]).toEqual([['2000 ping'], []]);
    silent.target.receive();
    await harness.clock.advance(10);
    expect(state.isDone).toBe(true);
  });

  test('a connection in a blocking command is not asked, and nobody waits for it', async () => {
    const harness = createHealthCheckHarness();
    const { target } = harness.watch(quick);
    target.send('data');
    await harness.clock.advance(2_000);
    const state = extend(harness, 1_000);
    await harness.clock.advance(10);
    expect(state.isDone).toBe(true);
    expect(target.ping).not.toHaveBeenCalled();
  });

  test('connections of another factory are asked, and not waited for', async () => {
    const harness = createHealthCheckHarness();
    const [own, other] = [harness.watch(quick), harness.watch({ heartbeatDeadlineMs: 4_000 })];
    await harness.clock.advance(2_000);
    const state = extend(harness, 1_000);
    own.target.receive();
    await harness.clock.advance(10);
    expect(other.target.ping).toHaveBeenCalledOnce();
    expect(state.isDone).toBe(true);
  });
});
