import { afterEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import {
  installShutdownHooks,
  onShutdownMessage,
  type ShutdownHooks,
} from '../../../src/shutdown/shutdown-hooks.js';
import type { ShutdownHookOptions } from '../../../src/shutdown/shutdown-hook-options.js';
import { thrown } from '../../support/unit/thrown.js';

/** Everything that a handler could be installed for. */
const EVENTS = [
  'SIGTERM',
  'SIGINT',
  'SIGHUP',
  'SIGUSR2',
  'message',
  'uncaughtException',
  'unhandledRejection',
  'beforeExit',
];

const shutdown = vi.fn<Parameters<typeof installShutdownHooks>[0]['shutdown']>();
const installed: ShutdownHooks[] = [];

afterEach(() => {
  installed.splice(0).forEach((hooks) => hooks.uninstall());
  expect(shutdown).not.toHaveBeenCalled();
});

/** Options as JavaScript callers give them. */
function install(options?: unknown): ShutdownHooks {
  const hooks = installShutdownHooks(
    { shutdown, settings: { shutdownTimeoutMs: 5_000 } },
    options as ShutdownHookOptions,
  );
  installed.push(hooks);
  return hooks;
}

function listeners(): Record<string, number> {
  return Object.fromEntries(EVENTS.map((event) => [event, process.listenerCount(event)]));
}

describe('the hooks', () => {
  test('listen for SIGTERM, SIGINT and the message of PM2, and for nothing else', () => {
    const before = listeners();
    install();
    const { SIGTERM = 0, SIGINT = 0, message = 0 } = before;
    expect(listeners()).toEqual({
      ...before,
      SIGTERM: SIGTERM + 1,
      SIGINT: SIGINT + 1,
      message: message + 1,
    });
  });

  test('listen for the signals that were asked for instead', () => {
    const before = listeners();
    install({ signals: ['SIGHUP'] });
    const { SIGHUP = 0, message = 0 } = before;
    expect(listeners()).toEqual({ ...before, SIGHUP: SIGHUP + 1, message: message + 1 });
  });

  test('are gone after uninstall(), and a second one changes nothing', () => {
    const before = listeners();
    const other = vi.fn();
    process.on('SIGTERM', other);
    onTestFinished(() => void process.off('SIGTERM', other));
    const hooks = install();
    hooks.uninstall();
    hooks.uninstall();
    expect(listeners()).toEqual({ ...before, SIGTERM: (before['SIGTERM'] ?? 0) + 1 });
    expect(process.listeners('SIGTERM')).toContain(other);
  });
});

describe('options that are refused, before any handler is installed', () => {
  function refused(code: Parameters<typeof thrown>[0], options: unknown): string {
    const before = listeners();
    const { message } = thrown(code, () => install(options));
    expect(listeners()).toEqual(before);
    return message;
  }

  test('have a name that nothing reads', () => {
    expect(refused('HYG_OPTION_UNKNOWN', { timeout: 5_000 })).toContain('did you mean "timeoutMs"?');
    expect(refused('HYG_OPTION_UNKNOWN', { signal: 'SIGTERM' })).toContain('did you mean "signals"?');
  });

  test.each(['SIGKILL', 'sigterm', 'TERM', '', 15, undefined])('have %j among the signals', (signal) => {
    expect(refused('HYG_OPTION_TYPE', { signals: ['SIGTERM', signal] })).toContain('Option "signals" is');
  });

  test.each(['uncaughtException', 'unhandledRejection', 'beforeExit'])('take %s for a signal', (event) => {
    refused('HYG_OPTION_TYPE', { signals: [event] });
  });

  test.each([5, null, {}, 'SIGTERM'])('have %j for the list of signals', (signals) => {
    refused('HYG_OPTION_TYPE', { signals });
  });

  test.each([99, 600_001, 1_000.5, -1, Infinity])('have a timeout of %d ms', (timeoutMs) => {
    expect(refused('HYG_OPTION_RANGE', { timeoutMs })).toContain('from 100 to 600000 ms.');
  });

  test.each(['5000', null, NaN])('have %j for the timeout', (timeoutMs) => {
    refused('HYG_OPTION_TYPE', { timeoutMs });
  });

  test.each([
    ['before', 5],
    ['before', {}],
    ['onReport', 'log'],
  ])('have a %s that cannot be called', (option, value) => {
    refused('HYG_OPTION_TYPE', { [option]: value });
  });

  test.each([100, 600_000])('do not include a timeout of %d ms, which is a bound', (timeoutMs) => {
    expect(() => install({ timeoutMs })).not.toThrow();
  });
});

describe('the message of PM2', () => {
  /** A channel to the parent that counts what keeps the process alive. */
  function fakeChannel(): { held: number } {
    const original = Object.getOwnPropertyDescriptor(process, 'channel');
    const channel = {
      held: 0,
      refCounted: () => void (channel.held += 1),
      unrefCounted: () => void (channel.held -= 1),
    };
    Object.defineProperty(process, 'channel', { value: channel, configurable: true });
    onTestFinished(() => {
      if (original) Object.defineProperty(process, 'channel', original);
      else Reflect.deleteProperty(process, 'channel');
    });
    return channel;
  }

  /** Our listener alone: that of the test runner must not hear the test’s messages. */
  function listening(begin: () => void): { hear: (message: unknown) => void; remove: () => void } {
    const remove = onShutdownMessage(begin);
    const listener = process.listeners('message').at(-1);
    return { hear: (message) => listener?.call(process, message, undefined), remove };
  }

  test('begins the shutdown', () => {
    const begin = vi.fn();
    const { hear, remove } = listening(begin);
    hear('shutdown');
    remove();
    expect(begin).toHaveBeenCalledOnce();
  });

  test.each(['Shutdown', '', undefined, { type: 'shutdown' }])('is not %j', (message) => {
    const begin = vi.fn();
    const { hear, remove } = listening(begin);
    hear(message);
    remove();
    expect(begin).not.toHaveBeenCalled();
  });

  test('does not keep the process alive by being listened for, nor by not being listened for any more', () => {
    const channel = fakeChannel();
    const remove = onShutdownMessage(() => undefined);
    expect(channel.held).toBe(-1);
    remove();
    expect(channel.held).toBe(0);
    remove();
    expect(channel.held).toBe(0);
  });
});
