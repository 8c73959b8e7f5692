import { createServer } from 'node:net';
import { describe, expect, test } from 'vitest';
import { checkHookOptions, type ShutdownHookOptions } from '../../../src/shutdown/shutdown-hook-options.js';
import { thrown } from '../../support/unit/thrown.js';

/** Checks options of any type, as JavaScript callers may pass them. The factory's timeout is 3 s. */
function check(options: unknown): ReturnType<typeof checkHookOptions> {
  return checkHookOptions(options as ShutdownHookOptions, 3_000);
}

class Worker {
  close(): undefined {
    return undefined;
  }
}

describe('the timeout of the hooks', () => {
  test('is that of the factory without a before step', () => {
    expect(check({})).toMatchObject({ timeoutMs: 3_000 });
  });

  test('is five seconds longer with a before step, for which they are', () => {
    expect(check({ before: () => undefined })).toMatchObject({ timeoutMs: 8_000, beforeMs: 5_000 });
  });

  test('is the given one, of which a before step may take half', () => {
    expect(check({ timeoutMs: 900, before: () => undefined })).toMatchObject({
      timeoutMs: 900,
      beforeMs: 450,
    });
  });
});

describe('the delay of the hooks', () => {
  test('is none by default', () => {
    expect(check({})).toMatchObject({ shutdownDelayMs: 0 });
  });

  test('is added to the default timeout, so that all else keeps its time', () => {
    const before = () => undefined;
    expect(check({ shutdownDelayMs: 120_000 })).toMatchObject({ timeoutMs: 123_000 });
    expect(check({ shutdownDelayMs: 700, before })).toMatchObject({ timeoutMs: 8_700, beforeMs: 5_000 });
  });

  test('is part of a given timeout, of whose rest a before step may take half', () => {
    const options = { timeoutMs: 900, shutdownDelayMs: 400, before: () => undefined };
    expect(check(options)).toMatchObject({ timeoutMs: 900, beforeMs: 250 });
    expect(check({ timeoutMs: 900, shutdownDelayMs: 800 })).toMatchObject({ shutdownDelayMs: 800 });
  });

  test('may not use up a given timeout', () => {
    const options = { timeoutMs: 900, shutdownDelayMs: 801 };
    const { message } = thrown('HYG_OPTION_RANGE', () => check(options));
    expect(message).toContain('set timeoutMs to 901 or more');
  });

  test.each([-1, 120_001, 0.5])('may not be %d', (shutdownDelayMs) => {
    expect(thrown('HYG_OPTION_RANGE', () => check({ shutdownDelayMs })).message).toContain(
      'from 0 to 120000',
    );
  });

  test('may not be a text', () => {
    thrown('HYG_OPTION_TYPE', () => check({ shutdownDelayMs: '5000' }));
  });
});

describe('the signals of the hooks', () => {
  test.each([
    'SIGHUP',
    'SIGINT',
    'SIGQUIT',
    'SIGILL',
    'SIGTRAP',
    'SIGABRT',
    'SIGBUS',
    'SIGFPE',
    'SIGSEGV',
    'SIGUSR2',
    'SIGTERM',
  ] as const)('may be %s alone', (signal) => {
    expect(check({ signals: [signal] }).signals).toEqual([signal]);
  });

  test('are SIGTERM and SIGINT by default', () => {
    expect(check({}).signals).toEqual(['SIGTERM', 'SIGINT']);
  });

  test('may be an empty list, so that only PM2’s message and close() begin the shutdown', () => {
    expect(check({ signals: [] }).signals).toEqual([]);
  });

  test('that are unknown are refused, and the error lists the known ones', () => {
    const { message } = thrown('HYG_OPTION_TYPE', () => check({ signals: ['TERM'] }));
    expect(message).toContain('Option "signals" is a string, expected signals such as SIGTERM: ');
    expect(message).toContain('SIGHUP, SIGINT, ');
    const { details } = thrown('HYG_OPTION_TYPE', () => check({ signals: 'SIGTERM' }));
    expect(details).toEqual({ option: 'signals', expected: 'an array of signals' });
  });
});

describe('the option before', () => {
  test.each<[string, unknown]>([
    ['a function', () => undefined],
    ['an object with close()', { close: () => undefined }],
    ['an instance whose class has close()', new Worker()],
    ['a server', createServer()],
    ['nothing', undefined],
    ['an empty list', []],
    ['a list of those', [() => undefined, createServer()]],
  ])('may be %s', (_what, before) => {
    expect(() => check({ before })).not.toThrow();
  });

  test('has its time even if it is an empty list', () => {
    expect(check({ before: [] })).toMatchObject({ timeoutMs: 8_000, beforeMs: 5_000 });
  });

  test.each([null, 5, '', 'server', {}, { close: true }, [null], [() => undefined, {}]])(
    'may not be %j',
    (before) => {
      expect(thrown('HYG_OPTION_TYPE', () => check({ before })).details).toEqual({
        option: 'before',
        expected: 'a function, something with close(), or a list of those',
      });
    },
  );
});

describe('the option onReport', () => {
  test('may be a function or undefined', () => {
    expect(() => check({ onReport: () => undefined })).not.toThrow();
    expect(() => check({ onReport: undefined })).not.toThrow();
  });

  test.each([null, 5, 'log', { log: () => undefined }])('may not be %j', (onReport) => {
    expect(thrown('HYG_OPTION_TYPE', () => check({ onReport })).details).toEqual({
      option: 'onReport',
      expected: 'a function',
    });
  });
});

test('an unknown option is refused, and the error contains the name of the function', () => {
  const { message } = thrown('HYG_OPTION_UNKNOWN', () => check({ delay: 1 }));
  expect(message).toContain('Unknown option "delay" of installShutdownHooks');
});
