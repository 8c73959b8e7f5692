import { describe, expect, test } from 'vitest';
import { idle } from '../../support/unit/ledger/fake-handle.js';
import { createDrainBench } from '../../support/unit/shutdown/drain-harness.js';

describe('commands that auto-pipelining holds back', () => {
  test('are sent before QUIT', async () => {
    const { clock, open, drain } = createDrainBench();
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

  test('do not hold the drain past its deadline', async () => {
    const { clock, open, drain } = createDrainBench();
    const { handle, close } = open({ pending: 2, unsent: 2 });
    handle.destroy.mockImplementation(() => close());
    const running = drain(1_000);
    await clock.advance(1_000);
    expect(handle.destroy).toHaveBeenCalledOnce();
    expect(running.report).toMatchObject({ forced: 1, durationMs: 900 });
  });

  test('and those of the same turn are in the plan: it is made one turn later', async () => {
    const { clock, open, drain } = createDrainBench();
    const { handle, close } = open();
    const running = drain(1_000);
    handle.current.work = { ...idle, pending: 1 };
    await clock.advance(0);
    close();
    await clock.advance(0);
    expect(running.report?.connections[0]?.why).toMatch(/^1 repl/);
  });
});

describe('a drain', () => {
  test('of nothing ends at once', async () => {
    const { clock, drain } = createDrainBench();
    const running = drain(1_000);
    await clock.advance(0);
    expect(running.report).toMatchObject({ durationMs: 0, closed: 0, forced: 0, connections: [] });
    expect(clock.pendingTimers()).toBe(0);
  });

  test('closes all connections at the same time, and reports each of them in the order of the ledger', async () => {
    const { clock, open, drain } = createDrainBench();
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

  test('destroys what does not quit while others do', async () => {
    const { clock, open, drain } = createDrainBench();
    const [quick, stuck] = [open({ name: 'quick' }), open({ name: 'stuck' })];
    const running = drain(1_000);
    await clock.advance(10);
    quick.close();
    await clock.advance(990);
    expect(stuck.handle.destroy).toHaveBeenCalledOnce();
    expect(running.report?.connections.map(({ outcome }) => outcome)).toEqual(['closed', 'forced']);
  });

  test.each([100, 1_000, 5_000, 300_000])(
    'of %i ms ends by then, whatever its connections do',
    async (timeoutMs) => {
      const { clock, open, drain } = createDrainBench();
      for (const state of ['connecting', 'connected', 'ready', 'reconnecting'] as const)
        open({ state, pending: 1 });
      open({ pending: 1, blocked: true });
      const running = drain(timeoutMs);
      await clock.advance(timeoutMs - 1);
      expect(running.report).toBeUndefined();
      await clock.advance(1);
      expect(running.report).toMatchObject({ durationMs: timeoutMs, forced: 5 });
      expect(clock.pendingTimers()).toBe(0);
    },
  );
});
