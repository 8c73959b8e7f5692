import { describe, expect, test } from 'vitest';
import { readEnvironment } from '../../../src/options/environment.js';
import { checkFactoryOptions, type FactoryOptions } from '../../../src/options/factory-options.js';
import { profileTable } from '../../../src/options/profile.js';
import { limitTable, type Setting, settingTable } from '../../../src/options/settings.js';
import { thrown } from '../../support/unit/thrown.js';

const shortLived = profileTable['short-lived'];

test.each([
  ['settings', shortLived.settings, settingTable],
  ['limits', shortLived.limits, limitTable],
] as const)('the %s of a profile are known numbers within their bounds', (_, differences, table) => {
  const known: Readonly<Record<string, Setting>> = table;
  for (const [name, { default: value }] of Object.entries(differences)) {
    const { min, max, default: usual } = known[name] ?? expect.fail(`${name} is no option`);
    expect(value).toBeGreaterThanOrEqual(min);
    expect(value).toBeLessThanOrEqual(max);
    expect(value).not.toBe(usual);
  }
});

describe('a profile', () => {
  const env = (variables: NodeJS.ProcessEnv) => readEnvironment(variables, (message) => expect.fail(message));

  test('decides about the defaults', () => {
    const { settings } = checkFactoryOptions({ profile: 'short-lived' });
    expect(settings).toMatchObject({ profile: 'short-lived', shutdownTimeoutMs: 400, keepAliveMs: 15_000 });
    expect(settings.limits).toEqual({ connections: 10, connecting: 2, perCallSite: 2 });
    expect(checkFactoryOptions({}).settings.shutdownTimeoutMs).toBe(5_000);
  });

  test('gives way to an option and to a variable', () => {
    const given = { profile: 'short-lived', shutdownTimeoutMs: 900, limits: { connecting: 3 } } as const;
    const variables = { REDIS_HYGIENE_CONNECT_TIMEOUT_MS: '1500', REDIS_HYGIENE_LIMITS_CONNECTIONS: '7' };
    const { settings } = checkFactoryOptions(given, env(variables));
    expect(settings).toMatchObject({ shutdownTimeoutMs: 900, connectTimeoutMs: 1_500 });
    expect(settings.limits).toEqual({ connections: 7, connecting: 3, perCallSite: 2 });
  });

  test('may be set by a variable, before which an option takes precedence', () => {
    const variable = env({ REDIS_HYGIENE_PROFILE: 'short-lived' });
    expect(checkFactoryOptions({}, variable).settings.profile).toBe('short-lived');
    expect(checkFactoryOptions({ profile: 'long-lived' }, variable).settings.limits.connections).toBe(100);
  });

  test('that is unknown is refused', () => {
    const options = { profile: 'lambda' } as unknown as FactoryOptions;
    expect(thrown('HYG_OPTION_TYPE', () => checkFactoryOptions(options)).message).toMatch(
      /^Option "profile" is .*, expected "long-lived" or "short-lived"/,
    );
  });
});
