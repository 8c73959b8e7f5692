import { createServer } from 'node:net';
import { describe, expect, test } from 'vitest';
import { checkHookOptions, type ShutdownHookOptions } from '../../../src/shutdown/shutdown-hook-options.js';
import { thrown } from '../../support/unit/thrown.js';

/** Options as JavaScript callers give them, over a factory whose shutdown takes 3 s. */
function check(options: unknown): ReturnType<typeof checkHookOptions> {
  return checkHookOptions(options as ShutdownHookOptions, 3_000);
}

class Worker {
  close(): undefined {
    return undefined;
  }
}

describe('the time of the hooks', () => {
  test('is that of the factory where nothing is to be stopped before', () => {
    expect(check({})).toMatchObject({ timeoutMs: 3_000 });
  });

  test('is five seconds longer where something is, and those are for it', () => {
    expect(check({ before: () => undefined })).toMatchObject({ timeoutMs: 8_000, beforeMs: 5_000 });
  });

  test('is what was asked for, and half of it may be taken before', () => {
    expect(check({ timeoutMs: 900, before: () => undefined })).toMatchObject({
      timeoutMs: 900,
      beforeMs: 450,
    });
  });
});

describe('the signals of the hooks', () => {
  const errors = ['uncaughtException', 'unhandledRejection', 'beforeExit'] as const;

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
    const { skip } = check({ signals: [signal] });
    expect(skip).not.toContain(signal);
    expect(skip).toHaveLength(13);
    expect(skip).toEqual(expect.arrayContaining([...errors]));
  });

  test('are SIGTERM and SIGINT where nothing is said', () => {
    const { skip } = check({});
    expect(skip).toHaveLength(12);
    expect(skip).not.toContain('SIGTERM');
    expect(skip).not.toContain('SIGINT');
  });

  test('may be none, for the message of PM2 and close() alone', () => {
    expect(check({ signals: [] }).skip).toHaveLength(14);
  });

  test('that are refused are told with those that are known', () => {
    const { message } = thrown('HYG_OPTION_TYPE', () => check({ signals: ['TERM'] }));
    expect(message).toContain('Option "signals" is a string, expected signals such as SIGTERM: ');
    expect(message).toContain('SIGHUP, SIGINT, ');
    const { details } = thrown('HYG_OPTION_TYPE', () => check({ signals: 'SIGTERM' }));
    expect(details).toEqual({ option: 'signals', expected: 'an array of signals' });
  });
});

describe('what is stopped before', () => {
  test.each<[string, unknown]>([
    ['a function', () => undefined],
    ['an object with close()', { close: () => undefined }],
    ['an instance whose class has close()', new Worker()],
    ['a server', createServer()],
    ['nothing', undefined],
    ['a list that is empty yet', []],
    ['a list of those', [() => undefined, createServer()]],
  ])('may be %s', (_what, before) => {
    expect(() => check({ before })).not.toThrow();
  });

  test('has its time where it is a list that is empty yet', () => {
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

describe('who hears the report', () => {
  test('may be a function or nobody', () => {
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

test('a name that nothing reads is refused with the name of the function', () => {
  const { message } = thrown('HYG_OPTION_UNKNOWN', () => check({ delay: 1 }));
  expect(message).toContain('Unknown option "delay" of installShutdownHooks');
});
