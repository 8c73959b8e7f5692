import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { onShutdownMessage } from '../../../src/shutdown/process-hooks.js';

describe('PM2’s message shutdown', () => {
  /** Replaces the IPC channel by one that counts the references which keep the process alive. */
  function fakeChannel(): { refs: number } {
    const original = Object.getOwnPropertyDescriptor(process, 'channel');
    const channel = {
      refs: 0,
      refCounted: () => void (channel.refs += 1),
      unrefCounted: () => void (channel.refs -= 1),
    };
    Object.defineProperty(process, 'channel', { value: channel, configurable: true });
    onTestFinished(() => {
      if (original) Object.defineProperty(process, 'channel', original);
      else Reflect.deleteProperty(process, 'channel');
    });
    return channel;
  }

  /** Calls only the listener of the hooks, because the test runner must not receive the test’s messages. */
  function listen(begin: () => void): { send: (message: unknown) => void; remove: () => void } {
    const remove = onShutdownMessage(begin);
    const listener = process.listeners('message').at(-1);
    return { send: (message) => listener?.call(process, message, undefined), remove };
  }

  test('begins the shutdown', () => {
    const begin = vi.fn();
    const { send, remove } = listen(begin);
    send('shutdown');
    remove();
    expect(begin).toHaveBeenCalledOnce();
  });

  test.each(['Shutdown', '', undefined, { type: 'shutdown' }])('is not confused with %j', (message) => {
    const begin = vi.fn();
    const { send, remove } = listen(begin);
    send(message);
    remove();
    expect(begin).not.toHaveBeenCalled();
  });

  test('does not change what keeps the process alive, neither with a listener nor after removing it', () => {
    const channel = fakeChannel();
    const remove = onShutdownMessage(() => undefined);
    expect(channel.refs).toBe(-1);
    remove();
    expect(channel.refs).toBe(0);
    remove();
    expect(channel.refs).toBe(0);
  });
});
