import { describe, expect, test } from 'vitest';
import { idle } from '../../support/unit/ledger/fake-handle.js';
import { createDrainBench, type Opening } from '../../support/unit/shutdown/drain-harness.js';

describe('a connection that quits in time', () => {
  test('is closed, and the drain ends with it', async () => {
    const { clock, open, drain } = createDrainBench();
    const { entry, handle, close } = open();
    const running = drain(1_000);
    await clock.advance(300);
    expect(handle.quit).toHaveBeenCalledOnce();
    expect(running.report).toBeUndefined();
    close();
    await clock.advance(0);
    expect(handle.destroy).not.toHaveBeenCalled();
    expect(running.report).toEqual({
      timeoutMs: 1_000,
      durationMs: 300,
      closed: 1,
      forced: 0,
      abandonedCommands: 0,
      connections: [
        {
          id: entry.id,
          name: 'orders@web-1#pool',
          role: 'pool',
          target: 'redis://h:6379',
          outcome: 'closed',
          why: 'It is idle.',
          abandonedCommands: 0,
        },
      ],
    });
    expect(clock.pendingTimers()).toBe(0);
  });

  test('is closed for the reason of the shutdown', async () => {
    const { clock, open, drain } = createDrainBench();
    const { entry, close } = open();
    drain(1_000);
    await clock.advance(0);
    close();
    expect(entry.state).toEqual({ kind: 'closed', reason: 'shutdown' });
  });

  test('says how many replies were missing when it closed', async () => {
    const { clock, open, drain } = createDrainBench();
    const { close } = open({ pending: 3 });
    const running = drain(1_000);
    await clock.advance(10);
    close({ pending: 2 });
    await clock.advance(0);
    expect(running.report).toMatchObject({ closed: 1, forced: 0, abandonedCommands: 2 });
    expect(running.report?.connections[0]?.why).toBe('It closed before all replies were in.');
  });

  test('whose dial fails meanwhile abandons what waited for it', async () => {
    const { clock, open, drain } = createDrainBench();
    const { handle, close } = open({ state: 'connecting', pending: 2 });
    const running = drain(1_000);
    await clock.advance(10);
    expect(handle.quit).toHaveBeenCalledOnce();
    close();
    await clock.advance(0);
    expect(running.report).toMatchObject({ closed: 0, forced: 1, abandonedCommands: 2 });
  });

  test('whose dial succeeds meanwhile has abandoned nothing', async () => {
    const { clock, open, drain } = createDrainBench();
    const { entry, close } = open({ state: 'connecting', pending: 2 });
    const running = drain(1_000);
    await clock.advance(10);
    entry.move({ kind: 'connected' });
    close();
    await clock.advance(0);
    expect(running.report).toMatchObject({ closed: 1, forced: 0, abandonedCommands: 0 });
  });

  test('is destroyed as soon as a blocking command comes to the head of its queue', async () => {
    const { clock, open, drain } = createDrainBench();
    const { handle, close } = open({ pending: 2 });
    const running = drain(1_000);
    handle.destroy.mockImplementation(() => close());
    await clock.advance(15);
    handle.current.work = { ...idle, pending: 1, blocked: true };
    await clock.advance(20);
    expect(running.report).toMatchObject({ forced: 1, abandonedCommands: 1 });
    expect(running.report?.durationMs).toBeLessThan(50);
  });
});

describe('a connection that does not quit in time', () => {
  test('is destroyed when the time for quits is over, not before', async () => {
    const { clock, open, drain } = createDrainBench();
    const { handle, close } = open({ pending: 2 });
    const running = drain(1_000);
    handle.quit.mockImplementation(() => void (handle.current.work = { ...idle, pending: 2 }));
    handle.destroy.mockImplementation(() => close());
    await clock.advance(899);
    expect(handle.destroy).not.toHaveBeenCalled();
    await clock.advance(1);
    expect(handle.destroy).toHaveBeenCalledOnce();
    expect(running.report).toMatchObject({ durationMs: 900, closed: 0, forced: 1, abandonedCommands: 2 });
    expect(running.report?.connections[0]?.why).toBe('It did not quit in time.');
  });

  test('of a library, whose commands are unknown, abandons none', async () => {
    const { clock, open, drain } = createDrainBench();
    open();
    const running = drain(1_000);
    await clock.advance(1_000);
    expect(running.report).toMatchObject({ forced: 1, abandonedCommands: 0 });
  });

  test('even by destruction does not hold the drain past its deadline', async () => {
    const { clock, open, drain } = createDrainBench();
    const { entry } = open();
    const running = drain(1_000);
    await clock.advance(999);
    expect(running.report).toBeUndefined();
    await clock.advance(1);
    expect(running.report).toMatchObject({ durationMs: 1_000, forced: 1 });
    expect(entry.state.kind).toBe('ready');
  });
});

describe('a connection that takes no QUIT', () => {
  test.each<[string, Opening, string, RegExp]>([
    ['waits to be dialled again', { state: 'reconnecting' }, 'closed', /no socket/],
    ['is being dialled for nobody', { state: 'connecting' }, 'closed', /Nobody waits/],
    ['is a monitor', { role: 'monitor' }, 'closed', /monitor/],
    ['waits to be dialled again for commands', { state: 'reconnecting', pending: 2 }, 'forced', /no socket/],
    ['is held by a blocking command', { blocked: true, pending: 1 }, 'forced', /blocking command/],
  ])('because it %s is destroyed at once', async (_what, given, outcome, why) => {
    const { clock, open, drain } = createDrainBench();
    const { handle, close } = open(given);
    handle.destroy.mockImplementation(() => close());
    const running = drain(1_000);
    await clock.advance(0);
    expect(handle.quit).not.toHaveBeenCalled();
    expect(running.report).toMatchObject({
      durationMs: 0,
      [outcome]: 1,
      abandonedCommands: given.pending ?? 0,
      connections: [{ outcome, why: expect.stringMatching(why) as string }],
    });
  });

  test('is waited for until it has really closed', async () => {
    const { clock, open, drain } = createDrainBench();
    const { close } = open({ state: 'reconnecting' });
    const running = drain(1_000);
    await clock.advance(500);
    expect(running.report).toBeUndefined();
    close();
    await clock.advance(0);
    expect(running.report).toMatchObject({ durationMs: 500, closed: 1 });
  });
});
