import { Command } from 'commander';
import { resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import {
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

  test('connects with the given credentials', () => {
    const { options } = parse('--sentinel s --user ann');
    const [endpoint] = resolveSentinelEndpoints(options, { REDISCLI_AUTH: 'env' });
    expect(endpoint).toMatchObject({ username: 'ann', password: 'env', tls: false });
  });
});

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
