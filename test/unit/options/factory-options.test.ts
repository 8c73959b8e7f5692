import { describe, expect, test } from 'vitest';
import { type LimitName, limitTable, type SettingName, settingTable } from '../../../src/options/settings.js';
import { checkFactoryOptions, type FactoryOptions } from '../../../src/options/factory-options.js';
import { thrown } from '../../support/unit/thrown.js';

const settings = Object.entries(settingTable).map(([name, setting]) => ({
  name: name as SettingName,
  ...setting,
}));

/** Checks options of any type, as JavaScript callers may pass them. */
function check(options: unknown): ReturnType<typeof checkFactoryOptions> {
  return checkFactoryOptions(options as FactoryOptions);
}

describe('the options of a factory', () => {
  test('are all optional', () => {
    expect(check({})).toEqual({
      service: undefined,
      host: undefined,
      connection: undefined,
      mode: 'enforce',
      settings: {
        keepAliveMs: 15_000,
        connectTimeoutMs: 10_000,
        handshakeTimeoutMs: 10_000,
        heartbeatIntervalMs: 15_000,
        heartbeatDeadlineMs: 5_000,
        stallLimitMs: 60_000,
        sentinelTimeoutMs: 1_500,
        reconnectBaseMs: 100,
        reconnectCapMs: 2_000,
        shutdownTimeoutMs: 5_000,
        callSiteFrames: 3,
        profile: 'long-lived',
        limits: { connections: 100, connecting: 4, perCallSite: 10 },
      },
    });
  });

  test.each([
    ['HYG_URL_INVALID', ''],
    ['HYG_URL_INVALID', '"redis://h"'],
    ['HYG_URL_SCHEME', 'http://h'],
    ['HYG_OPTION_TYPE', { sendCommand: () => undefined }],
  ] as const)('are refused with %s if the connection is %j', (code, connection) => {
    expect(thrown(code, () => check({ connection }))).toBeDefined();
  });

  test('are returned, completed with defaults', () => {
    const connection = { host: 'h' };
    const checked = check({
      service: 'orders',
      host: 'web-1',
      connection,
      keepAliveMs: 20_000,
      callSiteFrames: undefined,
    });
    expect(checked).toMatchObject({
      service: 'orders',
      host: 'web-1',
      settings: { keepAliveMs: 20_000, callSiteFrames: 3 },
    });
    expect(checked.connection).toBe(connection);
    expect(check({ connection: 'redis://h' }).connection).toBe('redis://h');
  });

  test.each([null, undefined, 'redis://h', 5])('are refused if they are %j', (options) => {
    expect(thrown('HYG_OPTION_TYPE', () => check(options)).message).toMatch(
      /^Option "options" is .*, expected an object\./,
    );
  });

  test.each([
    ['serviceName', 'did you mean "service"?'],
    ['keepAlive', 'did you mean "keepAliveMs"?'],
    [
      'url',
      'Unknown option "url" of createRedisFactory, expected one of: service, host, connection, mode, profile, limits, keepAliveMs',
    ],
  ])('are refused if they contain the unknown name %s', (name, hint) => {
    expect(thrown('HYG_OPTION_UNKNOWN', () => check({ [name]: 'x' })).message).toContain(hint);
  });

  test.each(['service', 'host'])('are refused if %s is not a string', (name) => {
    for (const value of [null, 5, {}, true]) {
      expect(thrown('HYG_OPTION_TYPE', () => check({ [name]: value })).details).toEqual({
        option: name,
        expected: 'a string',
      });
    }
  });

  test.each([null, 6379, true, () => undefined])('are refused if the connection is %s', (connection) => {
    expect(thrown('HYG_OPTION_TYPE', () => check({ connection })).details).toEqual({
      option: 'connection',
      expected: 'a URL or ioredis options',
    });
  });
});

describe('the deadline of the heartbeat', () => {
  test('must not exceed the interval', () => {
    const error = thrown('HYG_OPTION_RANGE', () =>
      check({ heartbeatIntervalMs: 2_000, heartbeatDeadlineMs: 2_001 }),
    );
    expect(error.message).toContain(
      '"heartbeatDeadlineMs" is 2001, expected a whole number from 300 to 2000 ms',
    );
    expect(check({ heartbeatIntervalMs: 2_000, heartbeatDeadlineMs: 2_000 }).settings).toMatchObject({
      heartbeatDeadlineMs: 2_000,
    });
  });

  test('defaults to the interval if that is shorter', () => {
    expect(check({ heartbeatIntervalMs: 2_000 }).settings.heartbeatDeadlineMs).toBe(2_000);
    expect(check({ heartbeatIntervalMs: 20_000 }).settings.heartbeatDeadlineMs).toBe(5_000);
  });
});

describe.each(settings)('the setting $name', ({ name, min, max, default: defaultValue }) => {
  test('has a default within its bounds', () => {
    expect(check({ [name]: defaultValue }).settings[name]).toBe(check({}).settings[name]);
  });

  test('may equal its bounds', () => {
    const longestInterval = { heartbeatIntervalMs: 60_000 }; // the upper bound of heartbeatDeadlineMs
    expect(check({ ...longestInterval, [name]: min }).settings[name]).toBe(min);
    expect(check({ ...longestInterval, [name]: max }).settings[name]).toBe(max);
  });

  test('must be within its bounds, and a whole number', () => {
    for (const value of [min - 1, max + 1, min + 0.5, 0, -1, Infinity]) {
      if (value === min) continue; // callSiteFrames may be 0
      expect(thrown('HYG_OPTION_RANGE', () => check({ [name]: value })).details).toMatchObject({
        option: name,
        min,
        max,
      });
    }
  });

  test('must not be a string from the environment', () => {
    expect(thrown('HYG_OPTION_TYPE', () => check({ [name]: String(defaultValue) })).message).toContain(
      'Number(…)',
    );
  });
});

test('only a number as a text is to be converted', () => {
  for (const value of ['abc', '', true, {}]) {
    expect(thrown('HYG_OPTION_TYPE', () => check({ keepAliveMs: value })).message).not.toContain('Number(…)');
  }
  expect(thrown('HYG_OPTION_TYPE', () => check({ connection: 6379 })).message).not.toContain('Number(…)');
});

const limits = Object.entries(limitTable).map(([name, limit]) => ({ name: name as LimitName, ...limit }));

describe.each(limits)('limits.$name', ({ name, min, max, default: defaultValue }) => {
  const limitsWith = (value: unknown) => check({ limits: { [name]: value } }).settings.limits;

  test('has a default within its bounds, even if another limit is given', () => {
    const [other] = limits.filter((limit) => limit.name !== name);
    expect(limitsWith(undefined)[name]).toBe(defaultValue);
    expect(check({ limits: { [other?.name ?? '']: 2 } }).settings.limits[name]).toBe(defaultValue);
    expect(limitsWith(defaultValue)[name]).toBe(defaultValue);
  });

  test('may equal its bounds, and must be a whole number within them', () => {
    expect([limitsWith(min)[name], limitsWith(max)[name]]).toEqual([min, max]);
    for (const value of [min - 1, max + 1, min + 0.5, -1, Infinity]) {
      const { message, details } = thrown('HYG_OPTION_RANGE', () => limitsWith(value));
      expect(details).toMatchObject({ option: `limits.${name}`, min, max });
      expect(message).toContain(`Option "limits.${name}" is ${value}, expected`);
    }
    expect(thrown('HYG_OPTION_TYPE', () => limitsWith('5')).details).toMatchObject({
      option: `limits.${name}`,
    });
  });
});

describe('the limits', () => {
  test.each([null, 5, true, 'many', [], () => undefined])('are refused if they are %j', (given) => {
    expect(thrown('HYG_OPTION_TYPE', () => check({ limits: given })).message).toMatch(
      /^Option "limits" is .*, expected an object such as { connections, connecting, perCallSite }\./,
    );
  });

  test('are refused if they contain an unknown name', () => {
    const { message } = thrown('HYG_OPTION_UNKNOWN', () => check({ limits: { perCallsite: 5 } }));
    expect(message).toContain('Unknown option "perCallsite" of limits, did you mean "perCallSite"?');
  });

  test('are frozen', () => {
    expect(Object.isFrozen(check({ limits: { connections: 5 } }).settings.limits)).toBe(true);
  });
});
