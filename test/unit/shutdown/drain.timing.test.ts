import { describe, expect, test } from 'vitest';
import { idle } from '../../support/unit/ledger/fake-handle.js';
import { createDrainHarness } from '../../support/unit/shutdown/drain-harness.js';

describe('commands that auto-pipelining has not written yet', () => {
  test('are sent before QUIT', async () => {
    const { clock, open, drain } = createDrainHarness();
    const { handle } = open({ pending: 2, unsent: 2 });
    drain(1_000);
    await clock.advance(20);
    expect(handle.quit).not.toHaveBeenCalled();
    handle.current.work = { ...idle, pending: 2, unsent: 1 };
    await clock.advance(20);
    expect(handle.quit).not.toHaveBeenCalled();
    handle.current.work = { ...idle, pending: 2 };
    await clock.advance(2);
    expect(handle.quit).toHaveBeenCalledOnce();
  });

  test('do not delay the drain beyond its deadline', async () => {
    const { clock, open, drain } = createDrainHarness();
    const { handle, close } = open({ pending: 2, unsent: 2 });
    handle.destroy.mockImplementation(() => close());
    const running = drain(1_000);
    await clock.advance(1_000);
    expect(handle.destroy).toHaveBeenCalledOnce();
    expect(running.report).toMatchObject({ forced: 1, durationMs: 900 });
  });

  test('and those of the same turn of the event loop are part of the plan', async () => {
    const { clock, open, drain } = createDrainHarness();
    const { handle, close } = open();
    const running = drain(1_000);
    handle.current.work = { ...idle, pending: 1 };
    await clock.advance(0);
    close();
    await clock.advance(0);
    expect(running.report?.connections[0]?.why).toBe(
      'The server answers the pending commands (1) before QUIT.',
    );
  });
});

describe('a drain', () => {
  test('without connections ends at once', async () => {
    const { clock, drain } = createDrainHarness();
    const running = drain(1_000);
    await clock.advance(0);
    expect(running.report).toMatchObject({ durationMs: 0, closed: 0, forced: 0, connections: [] });
    expect(clock.pendingTimers()).toBe(0);
  });

  test('closes all connections in parallel, and reports them in the order of the ledger', async () => {
    const { clock, open, drain } = createDrainHarness();
    const all = [
      open({ name: 'a' }),
      open({ name: 'b', state: 'reconnecting' }),
      open({ name: 'c' }),
      open({ name: 'd' }),
    ];
    const running = drain(1_000);
    await clock.advance(0);
    expect(all.map(({ handle }) => handle.quit.mock.calls.length)).toEqual([1, 0, 1, 1]);
    all.reverse().forEach(({ close }) => close());
    await clock.advance(0);
    expect(running.report?.connections.map(({ name }) => name)).toEqual(['a', 'b', 'c', 'd']);
  });

  test('counts the commands of a connection a few times only, however long it waits', async () => {
    const { clock, open, drain } = createDrainHarness();
    const { handle } = open({ pending: 500_000 });
    drain(5_000);
    await clock.advance(5_000);
    expect(handle.destroy).toHaveBeenCalledOnce();
    expect(handle.work.mock.calls.length).toBeLessThan(5);
  });

  test('destroys a connection that does not quit, and not those that do', async () => {
    const { clock, open, drain } = createDrainHarness();
    const [quick, stuck] = [open({ name: 'quick' }), open({ name: 'stuck' })];
    const running = drain(1_000);
    await clock.advance(10);
    quick.close();
    await clock.advance(990);
    expect(stuck.handle.destroy).toHaveBeenCalledOnce();
    expect(running.report?.connections.map(({ outcome }) => outcome)).toEqual(['closed', 'forced']);
  });

  test.each([100, 1_000, 5_000, 300_000])(
    'of %i ms ends in time, whatever state its connections are in',
    async (timeoutMs) => {
      const { clock, open, drain } = createDrainHarness();
      for (const state of ['connecting', 'connected', 'ready', 'reconnecting'] as const)
        open({ state, pending: 1 });
      open({ pending: 1, isBlocked: true });
      const running = drain(timeoutMs);
      await clock.advance(timeoutMs - 1);
      expect(running.report).toBeUndefined();
      await clock.advance(1);
      expect(running.report).toMatchObject({ durationMs: timeoutMs, forced: 5 });
      expect(clock.pendingTimers()).toBe(0);
    },
  );
});
