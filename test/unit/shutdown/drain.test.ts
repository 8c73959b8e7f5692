import { describe, expect, test } from 'vitest';
import { idle } from '../../support/unit/ledger/fake-handle.js';
import { createDrainHarness, type OpenOptions } from '../../support/unit/shutdown/drain-harness.js';

describe('a connection that quits in time', () => {
  test('is closed, and the drain then ends', async () => {
    const { clock, open, drain } = createDrainHarness();
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
          why: 'The connection is idle.',
          abandonedCommands: 0,
        },
      ],
    });
    expect(clock.pendingTimers()).toBe(0);
  });

  test('is closed for the reason of the shutdown', async () => {
    const { clock, open, drain } = createDrainHarness();
    const { entry, close } = open();
    drain(1_000);
    await clock.advance(0);
    close();
    expect(entry.state).toEqual({ kind: 'closed', reason: 'shutdown' });
  });

  test('is reported with the number of replies that were missing when it closed', async () => {
    const { clock, open, drain } = createDrainHarness();
    const { close } = open({ pending: 3 });
    const running = drain(1_000);
    await clock.advance(10);
    close({ pending: 2 });
    await clock.advance(0);
    expect(running.report).toMatchObject({ closed: 1, forced: 0, abandonedCommands: 2 });
    expect(running.report?.connections[0]?.why).toBe('The connection closed before all replies had arrived.');
  });

  test('whose dial fails in the meantime abandons the commands that waited for it', async () => {
    const { clock, open, drain } = createDrainHarness();
    const { handle, close } = open({ state: 'connecting', pending: 2 });
    const running = drain(1_000);
    await clock.advance(10);
    expect(handle.quit).toHaveBeenCalledOnce();
    close();
    await clock.advance(0);
    expect(running.report).toMatchObject({ closed: 0, forced: 1, abandonedCommands: 2 });
  });

  test('whose dial succeeds in the meantime abandons no commands', async () => {
    const { clock, open, drain } = createDrainHarness();
    const { entry, close } = open({ state: 'connecting', pending: 2 });
    const running = drain(1_000);
    await clock.advance(10);
    entry.move({ kind: 'connected' });
    close();
    await clock.advance(0);
    expect(running.report).toMatchObject({ closed: 1, forced: 0, abandonedCommands: 0 });
  });

  test('is destroyed as soon as a blocking command is its first pending one', async () => {
    const { clock, open, drain } = createDrainHarness();
    const { handle, close } = open({ pending: 2 });
    const running = drain(1_000);
    handle.destroy.mockImplementation(() => close());
    await clock.advance(15);
    handle.current.work = { ...idle, pending: 1, isBlocked: true };
    await clock.advance(20);
    expect(running.report).toMatchObject({ forced: 1, abandonedCommands: 1 });
    expect(running.report?.durationMs).toBeLessThan(50);
  });
});

describe('a connection that does not quit in time', () => {
  test('is destroyed when the time for QUIT is over, and not earlier', async () => {
    const { clock, open, drain } = createDrainHarness();
    const { handle, close } = open({ pending: 2 });
    const running = drain(1_000);
    handle.quit.mockImplementation(() => void (handle.current.work = { ...idle, pending: 2 }));
    handle.destroy.mockImplementation(() => close());
    await clock.advance(899);
    expect(handle.destroy).not.toHaveBeenCalled();
    await clock.advance(1);
    expect(handle.destroy).toHaveBeenCalledOnce();
    expect(running.report).toMatchObject({ durationMs: 900, closed: 0, forced: 1, abandonedCommands: 2 });
    expect(running.report?.connections[0]?.why).toBe('The connection did not quit in time.');
  });

  test('of a library, whose commands are unknown, abandons no commands', async () => {
    const { clock, open, drain } = createDrainHarness();
    open();
    const running = drain(1_000);
    await clock.advance(1_000);
    expect(running.report).toMatchObject({ forced: 1, abandonedCommands: 0 });
  });

  test('and does not close when destroyed does not delay the drain beyond its deadline', async () => {
    const { clock, open, drain } = createDrainHarness();
    const { entry } = open();
    const running = drain(1_000);
    await clock.advance(999);
    expect(running.report).toBeUndefined();
    await clock.advance(1);
    expect(running.report).toMatchObject({ durationMs: 1_000, forced: 1 });
    expect(entry.state.kind).toBe('ready');
  });
});

describe('a connection that cannot be closed with QUIT', () => {
  test.each<[string, OpenOptions, string, RegExp]>([
    ['is reconnecting', { state: 'reconnecting' }, 'closed', /no socket/],
    ['is connecting without pending commands', { state: 'connecting' }, 'closed', /no command waits/],
    ['is in MONITOR mode', { role: 'monitor' }, 'closed', /MONITOR/],
    ['is reconnecting with pending commands', { state: 'reconnecting', pending: 2 }, 'forced', /no socket/],
    ['is blocked by a command', { isBlocked: true, pending: 1 }, 'forced', /blocking command/],
  ])('because it %s is destroyed at once', async (_what, given, outcome, why) => {
    const { clock, open, drain } = createDrainHarness();
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

  test('is awaited until it has closed', async () => {
    const { clock, open, drain } = createDrainHarness();
    const { close } = open({ state: 'reconnecting' });
    const running = drain(1_000);
    await clock.advance(500);
    expect(running.report).toBeUndefined();
    close();
    await clock.advance(0);
    expect(running.report).toMatchObject({ durationMs: 500, closed: 1 });
  });
});
