import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join, parse, resolve } from 'node:path';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import {
  detectIdentity,
  type IdentitySources,
  readProcessSources,
} from '../../../src/identity/detect-identity.js';
import { thrown } from '../../support/unit/thrown.js';

/** A folder without a package.json in it or above. */
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

/** Creates nested folders, outermost first, each with a package.json of the given text. Returns the innermost. */
function createFolders(...packages: (string | undefined)[]): string {
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

const allSources = {
  service: 'from-option',
  env: {
    REDIS_HYGIENE_SERVICE: 'from-hygiene',
    OTEL_SERVICE_NAME: 'from-otel',
    npm_package_name: 'from-npm',
  },
};
const { OTEL_SERVICE_NAME, npm_package_name } = allSources.env;

describe('the service', () => {
  test.each<[string, Partial<IdentitySources>]>([
    ['from-option', allSources],
    ['from-hygiene', { env: allSources.env }],
    ['from-otel', { env: { OTEL_SERVICE_NAME, npm_package_name } }],
    ['from-npm', { env: { npm_package_name } }],
    ['from-file', {}],
  ])('is %s, from the first source that has a name', (service, given) => {
    const directory = createFolders('{"name":"from-file"}');
    expect(detectIdentity(sources({ directory, ...given })).service).toBe(service);
  });

  test.each<[string, Partial<IdentitySources>]>([
    ['from-hygiene', { ...allSources, service: '' }],
    ['from-hygiene', { ...allSources, service: ' \n' }],
    ['from-otel', { env: { ...allSources.env, REDIS_HYGIENE_SERVICE: '  ' } }],
    ['from-npm', { env: { REDIS_HYGIENE_SERVICE: '', OTEL_SERVICE_NAME: '\t', npm_package_name } }],
    ['from-file', { env: { npm_package_name: ' ' } }],
    ['from-file', { env: { npm_package_name: '@' } }],
  ])('is %s if the sources before it are blank', (service, given) => {
    const directory = createFolders('{"name":"from-file"}');
    expect(detectIdentity(sources({ directory, ...given })).service).toBe(service);
  });

  test('is trimmed', () => {
    expect(detectIdentity(sources({ service: ' orders\n' })).service).toBe('orders');
  });

  test('of a scoped package has no leading at-sign, which would separate service and host', () => {
    const serviceOf = (npm_package_name: string) =>
      detectIdentity(sources({ env: { npm_package_name } })).service;
    expect(serviceOf('@acme/orders')).toBe('acme/orders');
    expect(serviceOf('orders@2')).toBe('orders@2');
    const directory = createFolders('{"name":"@acme/billing"}');
    expect(detectIdentity(sources({ directory })).service).toBe('acme/billing');
  });

  test('given by the caller keeps its at-sign, because sanitising reports the change', () => {
    expect(detectIdentity(sources({ service: '@acme/orders' })).service).toBe('@acme/orders');
  });

  test('comes from the nearest package.json', () => {
    const directory = createFolders('{"name":"outer"}', '{"name":"inner"}', undefined, undefined);
    expect(detectIdentity(sources({ directory })).service).toBe('inner');
  });

  test.each([
    ['is not JSON', '{"name":'],
    ['has no name', '{"type":"module"}'],
    ['has an empty name', '{"name":""}'],
    ['has a blank name', '{"name":"  "}'],
    ['has a name that is not a string', '{"name":5}'],
    ['is null', 'null'],
  ])('comes from the next package.json further up if the nearest one %s', (_what, text) => {
    const directory = createFolders('{"name":"outer"}', text);
    expect(detectIdentity(sources({ directory })).service).toBe('outer');
  });

  test('comes from the next package.json further up if the nearest one cannot be read', () => {
    const directory = createFolders('{"name":"outer"}', undefined);
    mkdirSync(join(directory, 'package.json'));
    expect(detectIdentity(sources({ directory })).service).toBe('outer');
  });

  test('is required: an error is thrown if no source has one', () => {
    const error = thrown('HYG_SERVICE_MISSING', () =>
      detectIdentity(sources({ env: { OTEL_SERVICE_NAME: ' ' } })),
    );
    expect(error.message).toMatch(/^No service name was found/);
    expect(error.details).toEqual({ searchedFrom: ROOT });
  });
});

describe('the host', () => {
  test.each<[string, Partial<IdentitySources>]>([
    ['from-option', { host: ' from-option ', env: { HOSTNAME: 'from-env' } }],
    ['from-env', { host: ' ', env: { HOSTNAME: 'from-env' } }],
    ['os-host', { env: { HOSTNAME: '' } }],
    ['localhost', { hostname: () => '' }],
  ])('is %s, from the first source that has a name', (host, given) => {
    expect(detectIdentity(sources({ service: 'orders', ...given }))).toEqual({ service: 'orders', host });
  });

  test('is not read from the operating system if another source has one', () => {
    const osHostname = vi.fn(() => 'os-host');
    detectIdentity(sources({ service: 'orders', host: 'web-1', hostname: osHostname }));
    expect(osHostname).not.toHaveBeenCalled();
  });
});

describe('the sources of this process', () => {
  function directoryWithScript(script: string | undefined): string {
    const { argv } = process;
    onTestFinished(() => void (process.argv = argv));
    process.argv = script === undefined ? ['node'] : ['node', script];
    return readProcessSources().directory;
  }

  test('are its environment and its host name', () => {
    vi.stubEnv('OTEL_SERVICE_NAME', 'stubbed');
    onTestFinished(() => void vi.unstubAllEnvs());
    expect(readProcessSources()).toMatchObject({ env: { OTEL_SERVICE_NAME: 'stubbed' }, hostname });
  });

  test('start at the folder of the main script, even if its path is relative', () => {
    expect(directoryWithScript('/srv/orders/dist/main.js')).toBe('/srv/orders/dist');
    expect(directoryWithScript('dist/main.js')).toBe(resolve('dist'));
  });

  test('start at the working directory if there is no main script', () => {
    expect(directoryWithScript(undefined)).toBe(process.cwd());
  });
});
