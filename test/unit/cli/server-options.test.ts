import { Command } from 'commander';
import { resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import {
  resolveDataAccess,
  resolveServerEndpoints,
  addServerOptions,
  resolveSentinelEndpoints,
  type ServerOptions,
  readTlsOptions,
} from '../../../src/cli/server-options.js';
import { endpointLabel } from '../../../src/doctor/server/server-endpoint.js';
import { thrown } from '../../support/unit/thrown.js';

type Env = Readonly<Record<string, string>>;

function parse(commandLine: string): { readonly urls: string[]; readonly options: ServerOptions } {
  const command = addServerOptions(new Command().argument('[url...]').helpOption('--help').exitOverride());
  command.parse(commandLine.split(' ').filter(Boolean), { from: 'user' });
  return { urls: command.args, options: command.opts() };
}

function endpointsOf(commandLine: string, env: Env = {}) {
  const { urls, options } = parse(commandLine);
  return resolveServerEndpoints(urls, options, env);
}

const REDIS_URL = 'redis://env:1';

describe('the server named by', () => {
  test.each<[string, Env, string[]]>([
    ['', {}, ['127.0.0.1:6379']],
    ['', { REDIS_URL }, ['env:1']],
    ['-h h', { REDIS_URL }, ['h:6379']],
    ['-p 7000', { REDIS_URL }, ['127.0.0.1:7000']],
    ['-h ::1 -p 7000', {}, ['[::1]:7000']],
    ['-h fe80::1%eth0', {}, ['[fe80::1%eth0]:6379']],
    ['-s /tmp/r.sock -h h', { REDIS_URL }, ['/tmp/r.sock']],
    ['-s r.sock', {}, [resolve('r.sock')]],
    ['redis://u:2 -h h -s /tmp/r.sock', { REDIS_URL }, ['u:2']],
    ['-u redis://u:2 -h h', { REDIS_URL }, ['u:2']],
    ['a b:2 -u c', {}, ['a:6379', 'b:2', 'c:6379']],
  ])('"%s" and %j is %j', (commandLine, env, labels) => {
    expect(endpointsOf(commandLine, env).map(endpointLabel)).toEqual(labels);
  });
});

describe('credentials and TLS of', () => {
  const REDISCLI_AUTH = 'env';

  test.each<[string, Env, object]>([
    ['h', {}, {}],
    ['h', { REDISCLI_AUTH }, { password: 'env' }],
    ['h -a opt', { REDISCLI_AUTH }, { password: 'opt' }],
    ['redis://:url@h -a opt', { REDISCLI_AUTH }, { password: 'url' }],
    ['h --user ann', { REDISCLI_AUTH }, { username: 'ann', password: 'env' }],
    ['redis://bob:url@h --user ann', {}, { username: 'bob', password: 'url' }],
    ['h --tls', {}, { tls: true }],
    ['rediss://h', {}, { tls: true }],
  ])('"%s" and %j are %j', (commandLine, env, expected) => {
    const address = { host: 'h', port: 6379 };
    expect(endpointsOf(commandLine, env)).toEqual([{ address, tls: false, ...expected }]);
  });
});

describe('--sentinel', () => {
  test.each([
    ['s', 's:26379'],
    ['s:1', 's:1'],
    ['[::1]', '[::1]:26379'],
    ['[::1]:1', '[::1]:1'],
    ['redis://s', 's:26379'],
    ['rediss://:s3cret@s:1', 's:1'],
    ['/tmp/s.sock', '/tmp/s.sock'],
  ])('%s names %s', (text, label) => {
    const { options } = parse(`--sentinel ${text} --sentinel other`);
    expect(resolveSentinelEndpoints(options, {}).map(endpointLabel)).toEqual([label, 'other:26379']);
  });

  test.each(['-h h', '-p 7000', '-s /tmp/r.sock', '-u redis://u'])('excludes %s', (option) => {
    const { options } = parse(`--sentinel s ${option}`);
    expect(thrown('HYG_CLI_USAGE', () => resolveSentinelEndpoints(options, {})).message).toMatch(
      /^--(host|port|socket|uri) and --sentinel exclude each other/,
    );
    expect(resolveSentinelEndpoints(parse(option).options, {})).toEqual([]);
  });

  test.each<[string, Env, object]>([
    ['--sentinel s', {}, {}],
    ['--sentinel s --user ann -a data', { REDISCLI_AUTH: 'data' }, {}],
    ['--sentinel s', { REDIS_SENTINEL_AUTH: 'env' }, { password: 'env' }],
    ['--sentinel s --sentinel-pass opt', { REDIS_SENTINEL_AUTH: 'env' }, { password: 'opt' }],
    [
      '--sentinel s --sentinel-user ann',
      { REDIS_SENTINEL_AUTH: 'env' },
      { username: 'ann', password: 'env' },
    ],
    ['--sentinel redis://bob:url@s --sentinel-user ann', {}, { username: 'bob', password: 'url' }],
    ['--sentinel rediss://s', {}, { tls: true }],
    ['--sentinel s --tls', {}, { tls: true }],
    ['--sentinel rediss://s --no-tls', {}, { tls: true }],
  ])('"%s" and %j connect with credentials of sentinels only: %j', (commandLine, env, expected) => {
    const { options } = parse(commandLine);
    const address = { host: 's', port: 26_379 };
    expect(resolveSentinelEndpoints(options, env)).toEqual([{ address, tls: false, ...expected }]);
  });

  test.each<[string, Env, object]>([
    ['--sentinel redis://bob:url@s', { REDIS_SENTINEL_AUTH: 'env' }, {}],
    ['--sentinel rediss://bob:url@s', {}, {}],
    ['--sentinel s --user ann -a data', {}, { username: 'ann', password: 'data' }],
    ['--sentinel s --tls', { REDISCLI_AUTH: 'data' }, { tls: true, password: 'data' }],
    ['--sentinel rediss://s --tls -a data', {}, { tls: true, password: 'data' }],
    ['--sentinel rediss://s --no-tls -a data', {}, { password: 'data' }],
  ])(
    '"%s" and %j lead to data nodes with credentials of data nodes only: %j',
    (commandLine, env, expected) => {
      expect(dataAccessOf(commandLine, env)).toEqual({ tls: false, ...expected });
    },
  );

  test.each<[string, Env]>([
    ['--sentinel rediss://s -a data', {}],
    ['--sentinel a --sentinel rediss://s', { REDISCLI_AUTH: 'data' }],
  ])('"%s" and %j are refused: a password might go out in plain text', (commandLine, env) => {
    const { message } = thrown('HYG_CLI_USAGE', () => dataAccessOf(commandLine, env));
    expect(message).toMatch(/Add --tls, or --no-tls/);
  });

  test.each(['--sentinel-user ann', '--sentinel-pass x'])('is needed for %s', (commandLine) => {
    thrown('HYG_CLI_USAGE', () => resolveSentinelEndpoints(parse(commandLine).options, {}));
  });
});

function dataAccessOf(commandLine: string, env: Env) {
  const { options } = parse(commandLine);
  return resolveDataAccess(resolveSentinelEndpoints(options, env), options, env);
}

describe('tlsOptions()', () => {
  test('names a missing file in its error', () => {
    const { options } = parse('--cacert /nonexistent/ca.pem');
    expect(thrown('HYG_CLI_FILE', () => readTlsOptions(options)).message).toContain('/nonexistent/ca.pem');
  });

  test('verifies certificates unless --insecure is given', () => {
    expect(readTlsOptions(parse('--tls').options)).toEqual({});
    const insecure = parse('--tls --insecure --sni redis').options;
    expect(readTlsOptions(insecure)).toEqual({ servername: 'redis', rejectUnauthorized: false });
  });
});
