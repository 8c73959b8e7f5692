import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join, parse, resolve } from 'node:path';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import {
  detectIdentity,
  type IdentitySources,
  processSources,
} from '../../../src/identity/detect-identity.js';
import { thrown } from '../../support/unit/thrown.js';

/** No package.json is to be found here or above. */
const ROOT = parse(tmpdir()).root;

function sources(given: Partial<IdentitySources> = {}): IdentitySources {
  return {
    service: undefined,
    host: undefined,
    env: {},
    directory: ROOT,
    hostname: () => 'os-host',
    ...given,
  };
}

/** A folder with folders in it, each with a package.json of that text, outermost first. Gives the innermost. */
function folders(...packages: (string | undefined)[]): string {
  let folder = mkdtempSync(join(tmpdir(), 'redis-hygiene-'));
  const outermost = folder;
  onTestFinished(() => rmSync(outermost, { recursive: true, force: true }));
  for (const text of packages) {
    folder = join(folder, 'inner');
    mkdirSync(folder);
    if (text !== undefined) writeFileSync(join(folder, 'package.json'), text);
  }
  return folder;
}

const everywhere = {
  service: 'from-option',
  env: {
    REDIS_HYGIENE_SERVICE: 'from-hygiene',
    OTEL_SERVICE_NAME: 'from-otel',
    npm_package_name: 'from-npm',
  },
};
const { OTEL_SERVICE_NAME, npm_package_name } = everywhere.env;

describe('the service', () => {
  test.each<[string, Partial<IdentitySources>]>([
    ['from-option', everywhere],
    ['from-hygiene', { env: everywhere.env }],
    ['from-otel', { env: { OTEL_SERVICE_NAME, npm_package_name } }],
    ['from-npm', { env: { npm_package_name } }],
    ['from-file', {}],
  ])('is %s, the first source that has a name', (service, given) => {
    const directory = folders('{"name":"from-file"}');
    expect(detectIdentity(sources({ directory, ...given })).service).toBe(service);
  });

  test.each<[string, Partial<IdentitySources>]>([
    ['from-hygiene', { ...everywhere, service: '' }],
    ['from-hygiene', { ...everywhere, service: ' \n' }],
    ['from-otel', { env: { ...everywhere.env, REDIS_HYGIENE_SERVICE: '  ' } }],
    ['from-npm', { env: { REDIS_HYGIENE_SERVICE: '', OTEL_SERVICE_NAME: '\t', npm_package_name } }],
    ['from-file', { env: { npm_package_name: ' ' } }],
    ['from-file', { env: { npm_package_name: '@' } }],
  ])('is %s where the sources before it are blank', (service, given) => {
    const directory = folders('{"name":"from-file"}');
    expect(detectIdentity(sources({ directory, ...given })).service).toBe(service);
  });

  test('is trimmed', () => {
    expect(detectIdentity(sources({ service: ' orders\n' })).service).toBe('orders');
  });

  test('of a scoped package loses the scope sign, which would separate service and host', () => {
    const named = (npm_package_name: string) =>
      detectIdentity(sources({ env: { npm_package_name } })).service;
    expect(named('@acme/orders')).toBe('acme/orders');
    expect(named('orders@2')).toBe('orders@2');
    const directory = folders('{"name":"@acme/billing"}');
    expect(detectIdentity(sources({ directory })).service).toBe('acme/billing');
  });

  test('that the caller gave keeps its at-sign: it is reported when it is sanitised', () => {
    expect(detectIdentity(sources({ service: '@acme/orders' })).service).toBe('@acme/orders');
  });

  test('comes from the nearest package.json', () => {
    const directory = folders('{"name":"outer"}', '{"name":"inner"}', undefined, undefined);
    expect(detectIdentity(sources({ directory })).service).toBe('inner');
  });

  test.each([
    ['is no JSON', '{"name":'],
    ['has no name', '{"type":"module"}'],
    ['has an empty name', '{"name":""}'],
    ['has a blank name', '{"name":"  "}'],
    ['has a name that is no text', '{"name":5}'],
    ['is null', 'null'],
  ])('comes from the next package.json further up where the nearest %s', (_what, text) => {
    const directory = folders('{"name":"outer"}', text);
    expect(detectIdentity(sources({ directory })).service).toBe('outer');
  });

  test('comes from the next package.json further up where the nearest cannot be read', () => {
    const directory = folders('{"name":"outer"}', undefined);
    mkdirSync(join(directory, 'package.json'));
    expect(detectIdentity(sources({ directory })).service).toBe('outer');
  });

  test('is asked for where no source has one', () => {
    const error = thrown('HYG_SERVICE_MISSING', () =>
      detectIdentity(sources({ env: { OTEL_SERVICE_NAME: ' ' } })),
    );
    expect(error.message).toMatch(/^This service has no name/);
    expect(error.details).toEqual({ searchedFrom: ROOT });
  });
});

describe('the host', () => {
  test.each<[string, Partial<IdentitySources>]>([
    ['from-option', { host: ' from-option ', env: { HOSTNAME: 'from-env' } }],
    ['from-env', { host: ' ', env: { HOSTNAME: 'from-env' } }],
    ['os-host', { env: { HOSTNAME: '' } }],
    ['localhost', { hostname: () => '' }],
  ])('is %s, the first source that has a name', (host, given) => {
    expect(detectIdentity(sources({ service: 'orders', ...given }))).toEqual({ service: 'orders', host });
  });

  test('of the operating system is not asked for where another is given', () => {
    const asked = vi.fn(() => 'os-host');
    detectIdentity(sources({ service: 'orders', host: 'web-1', hostname: asked }));
    expect(asked).not.toHaveBeenCalled();
  });
});

describe('the sources of this process', () => {
  function withScript(script: string | undefined): string {
    const { argv } = process;
    onTestFinished(() => void (process.argv = argv));
    process.argv = script === undefined ? ['node'] : ['node', script];
    return processSources().directory;
  }

  test('are its environment and its host name', () => {
    vi.stubEnv('OTEL_SERVICE_NAME', 'stubbed');
    onTestFinished(() => void vi.unstubAllEnvs());
    expect(processSources()).toMatchObject({ env: { OTEL_SERVICE_NAME: 'stubbed' }, hostname });
  });

  test('begin at the folder of the main script, also where that was given relatively', () => {
    expect(withScript('/srv/orders/dist/main.js')).toBe('/srv/orders/dist');
    expect(withScript('dist/main.js')).toBe(resolve('dist'));
  });

  test('begin at the working folder where there is no main script', () => {
    expect(withScript(undefined)).toBe(process.cwd());
  });
});
