import { afterEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import type { ShutdownHookOptions } from '../../../src/shutdown/shutdown-hook-options.js';
import { installShutdownHooks, type ShutdownHooks } from '../../../src/shutdown/shutdown-hooks.js';
import { thrown } from '../../support/unit/thrown.js';

/** Events for which hooks could install a handler. */
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

/** Installs hooks with options of any type, as JavaScript callers may pass them. */
function install(options?: unknown): ShutdownHooks {
  const hooks = installShutdownHooks(
    { shutdown, settings: { shutdownTimeoutMs: 5_000 } },
    options as ShutdownHookOptions,
  );
  installed.push(hooks);
  return hooks;
}

function countListeners(): Record<string, number> {
  return Object.fromEntries(EVENTS.map((event) => [event, process.listenerCount(event)]));
}

/** A signal has two: one that is called before the handlers of the program, and that of close-with-grace. */
const LISTENERS = 2;

describe('shutdown hooks', () => {
  test('listen for SIGTERM, SIGINT and PM2’s message only', () => {
    const before = countListeners();
    install();
    const { SIGTERM = 0, SIGINT = 0, message = 0 } = before;
    expect(countListeners()).toEqual({
      ...before,
      SIGTERM: SIGTERM + LISTENERS,
      SIGINT: SIGINT + LISTENERS,
      message: message + 1,
    });
  });

  test('listen for the given signals instead of the default ones', () => {
    const before = countListeners();
    install({ signals: ['SIGHUP'] });
    const { SIGHUP = 0, message = 0 } = before;
    expect(countListeners()).toEqual({ ...before, SIGHUP: SIGHUP + LISTENERS, message: message + 1 });
  });

  test('of many factories share the handlers for each signal, until the last ones are uninstalled', () => {
    const before = countListeners();
    const { SIGTERM = 0, SIGINT = 0, SIGHUP = 0, message = 0 } = before;
    const all = Array.from({ length: 14 }, () => install());
    const last = install({ signals: ['SIGHUP'] });
    const shared = { SIGTERM: SIGTERM + LISTENERS, SIGINT: SIGINT + LISTENERS, message: message + 1 };
    expect(countListeners()).toEqual({ ...before, ...shared, SIGHUP: SIGHUP + LISTENERS });
    last.uninstall();
    expect(countListeners()).toEqual({ ...before, ...shared });
    all.forEach((hooks) => hooks.uninstall());
    expect(countListeners()).toEqual(before);
  });

  test('are removed by uninstall(), and a second call changes nothing', () => {
    const before = countListeners();
    const other = vi.fn();
    process.on('SIGTERM', other);
    onTestFinished(() => void process.off('SIGTERM', other));
    const hooks = install();
    hooks.uninstall();
    hooks.uninstall();
    expect(countListeners()).toEqual({ ...before, SIGTERM: (before['SIGTERM'] ?? 0) + 1 });
    expect(process.listeners('SIGTERM')).toContain(other);
  });
});

test.each([undefined, null, 5, {}, { ping: () => 'PONG', options: {} }])(
  'what is no factory (%j) is refused',
  (target) => {
    const before = countListeners();
    const { message } = thrown('HYG_OPTION_TYPE', () => installShutdownHooks(target as never));
    expect(message).toContain('createRedisFactory()');
    expect(countListeners()).toEqual(before);
  },
);

describe('options are refused before any handler is installed if they', () => {
  function messageOf(code: Parameters<typeof thrown>[0], options: unknown): string {
    const before = countListeners();
    const { message } = thrown(code, () => install(options));
    expect(countListeners()).toEqual(before);
    return message;
  }

  test('have an unknown name', () => {
    expect(messageOf('HYG_OPTION_UNKNOWN', { timeout: 5_000 })).toContain('did you mean "timeoutMs"?');
    expect(messageOf('HYG_OPTION_UNKNOWN', { signal: 'SIGTERM' })).toContain('did you mean "signals"?');
  });

  test.each(['SIGKILL', 'sigterm', 'TERM', '', 15, undefined])('have %j among the signals', (signal) => {
    expect(messageOf('HYG_OPTION_TYPE', { signals: ['SIGTERM', signal] })).toContain('Option "signals" is');
  });

  test.each(['uncaughtException', 'unhandledRejection', 'beforeExit'])(
    'have the event %s among the signals',
    (event) => {
      messageOf('HYG_OPTION_TYPE', { signals: [event] });
    },
  );

  test.each([5, null, {}, 'SIGTERM'])('have %j as the list of signals', (signals) => {
    messageOf('HYG_OPTION_TYPE', { signals });
  });

  test.each([99, 600_001, 1_000.5, -1, Infinity])('have a timeout of %d ms', (timeoutMs) => {
    expect(messageOf('HYG_OPTION_RANGE', { timeoutMs })).toContain('from 100 to 600000 ms.');
  });

  test.each(['5000', null, NaN])('have %j as the timeout', (timeoutMs) => {
    messageOf('HYG_OPTION_TYPE', { timeoutMs });
  });

  test.each([
    ['before', 5],
    ['before', {}],
    ['onReport', 'log'],
  ])('have a %s that cannot be called', (option, value) => {
    messageOf('HYG_OPTION_TYPE', { [option]: value });
  });
});

test.each([100, 600_000])('a timeout of %d ms, which is a bound, is accepted', (timeoutMs) => {
  expect(() => install({ timeoutMs })).not.toThrow();
});
