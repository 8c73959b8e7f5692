import { readFileSync } from 'node:fs';
import { beforeEach, describe, expect, test } from 'vitest';
import { checkFactoryOptions } from '../../../src/options/factory-options.js';
import { limitTable, settingTable } from '../../../src/options/settings.js';
import { readEnvironment, variableOf } from '../../../src/options/environment.js';

let warnings: string[];

beforeEach(() => void (warnings = []));

const read = (env: NodeJS.ProcessEnv) => readEnvironment(env, (message) => warnings.push(message));

test('each number of a factory has a variable', () => {
  expect(Object.keys(settingTable).map(variableOf)).toContain('REDIS_HYGIENE_KEEP_ALIVE_MS');
  expect(variableOf('heartbeatDeadlineMs')).toBe('REDIS_HYGIENE_HEARTBEAT_DEADLINE_MS');
  const env = Object.fromEntries(
    Object.entries(settingTable).map(([name, { max }]) => [variableOf(name), String(max)]),
  );
  const { limits, numbers } = read(env);
  expect(numbers).toEqual(
    Object.fromEntries(Object.entries(settingTable).map(([name, { max }]) => [name, max])),
  );
  expect(limits).toEqual({});
  expect(warnings).toEqual([]);
});

test('docs/preload.md names the variables of the limits', () => {
  const page = readFileSync(new URL('../../../docs/preload.md', import.meta.url), 'utf8');
  for (const name of Object.keys(limitTable)) {
    expect(page).toContain(variableOf(`limits_${name}`).replace('REDIS_HYGIENE_', ''));
  }
  expect(read({ REDIS_HYGIENE_LIMITS_PER_CALL_SITE: ' 20 ' }).limits).toEqual({ perCallSite: 20 });
});

test('missing and empty variables cause no warning', () => {
  expect(read({ REDIS_HYGIENE_KEEP_ALIVE_MS: '', REDIS_HYGIENE_MODE: ' ' })).toEqual({
    isOff: false,
    mode: undefined,
    profile: undefined,
    budgetPolicy: undefined,
    numbers: {},
    limits: {},
  });
  expect(warnings).toEqual([]);
});

describe('an invalid value is replaced by the default, with a warning', () => {
  test.for(['15s', '-1', '999', '300001', '0x4000', '1e4', '15000.5', 'Infinity', 'NaN'])(
    'REDIS_HYGIENE_KEEP_ALIVE_MS=%s',
    (text) => {
      expect(read({ REDIS_HYGIENE_KEEP_ALIVE_MS: text }).numbers).toEqual({});
      expect(warnings).toEqual([
        `REDIS_HYGIENE_KEEP_ALIVE_MS is "${text}", expected a whole number of ms from 1000 to 300000. The default 15000 is used.`,
      ]);
    },
  );

  test('a heartbeat deadline longer than the interval', () => {
    const env = {
      REDIS_HYGIENE_HEARTBEAT_INTERVAL_MS: '2000',
      REDIS_HYGIENE_HEARTBEAT_DEADLINE_MS: '4000',
    };
    expect(read(env).numbers).toMatchObject({
      heartbeatDeadlineMs: 2000,
      heartbeatIntervalMs: 2000,
    });
    expect(warnings).toEqual([
      expect.stringContaining(
        'is 4000, expected at most the heartbeat interval of 2000 ms. The interval is used.',
      ),
    ]);
  });
});

describe('options of a factory', () => {
  const env = {
    REDIS_HYGIENE_MODE: 'Observe',
    REDIS_HYGIENE_KEEP_ALIVE_MS: '2000',
    REDIS_HYGIENE_HEARTBEAT_DEADLINE_MS: '4000',
    REDIS_HYGIENE_LIMITS_CONNECTIONS: '7',
  };

  test('are completed from the environment', () => {
    const { mode, settings } = checkFactoryOptions({}, read(env));
    expect(mode).toBe('observe');
    expect(settings).toMatchObject({
      keepAliveMs: 2_000,
      heartbeatDeadlineMs: 4_000,
      limits: { connections: 7 },
    });
  });

  test('take precedence over it, but for the mode', () => {
    const options = {
      mode: 'enforce',
      keepAliveMs: 3_000,
      heartbeatIntervalMs: 1_000,
      limits: { connections: 8 },
    } as const;
    const { mode, settings } = checkFactoryOptions(options, read(env));
    expect(mode).toBe('observe');
    expect(settings).toMatchObject({
      keepAliveMs: 3_000,
      heartbeatDeadlineMs: 1_000,
      limits: { connections: 8 },
    });
  });
});
