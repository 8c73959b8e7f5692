import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { readFileSync } from 'node:fs';
import { limitTable, settingTable } from '../../../src/options/settings.js';
import { readSettings, readWord, readWords, variableOf } from '../../../src/register/preload-settings.js';

let warnings: string[];

beforeEach(() => {
  warnings = [];
  vi.spyOn(process, 'emitWarning').mockImplementation((text) => void warnings.push(String(text)));
});
afterEach(() => vi.restoreAllMocks());

test('each number of a factory has a variable', () => {
  expect(Object.keys(settingTable).map(variableOf)).toContain('REDIS_HYGIENE_KEEP_ALIVE_MS');
  expect(variableOf('heartbeatDeadlineMs')).toBe('REDIS_HYGIENE_HEARTBEAT_DEADLINE_MS');
  const env = Object.fromEntries(
    Object.entries(settingTable).map(([name, { max }]) => [variableOf(name), String(max)]),
  );
  const { limits, ...numbers } = readSettings(env).numericOptions;
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
  expect(readSettings({ REDIS_HYGIENE_LIMITS_PER_CALL_SITE: ' 20 ' }).numericOptions).toEqual({
    limits: { perCallSite: 20 },
  });
});

test('missing and empty variables cause no warning', () => {
  expect(readSettings({ REDIS_HYGIENE_KEEP_ALIVE_MS: '' })).toEqual({
    numericOptions: { limits: {} },
    budgetPolicy: 'warn',
  });
  expect(warnings).toEqual([]);
});

describe('an invalid value is replaced by the default, with a warning', () => {
  test.for(['15s', '-1', '999', '300001', '0x4000', '1e4', '15000.5', 'Infinity', 'NaN'])(
    'REDIS_HYGIENE_KEEP_ALIVE_MS=%s',
    (text) => {
      expect(readSettings({ REDIS_HYGIENE_KEEP_ALIVE_MS: text }).numericOptions).toEqual({ limits: {} });
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
    expect(readSettings(env).numericOptions).toMatchObject({
      heartbeatDeadlineMs: 2000,
      heartbeatIntervalMs: 2000,
    });
    expect(warnings).toEqual([
      expect.stringContaining(
        'is 4000, expected at most the heartbeat interval of 2000 ms. The interval is used.',
      ),
    ]);
  });

  test('one of some words', () => {
    expect(readWord({ A: 'Refuse ' }, 'A', ['warn', 'refuse'])).toBe('refuse');
    expect(readWord({ A: 'stop' }, 'A', ['warn', 'refuse'])).toBe('warn');
    expect(warnings).toEqual(['A is "stop", expected warn or refuse. The default warn is used.']);
  });

  test('several words', () => {
    expect(readWords({ B: 'sigusr2, exit,never' }, 'B', ['exit', 'SIGUSR2'])).toEqual(['exit', 'SIGUSR2']);
    expect(readWords({}, 'B', ['exit'])).toEqual([]);
    expect(warnings).toEqual(['B contains "never", expected one or more of exit, SIGUSR2. It is ignored.']);
  });
});
