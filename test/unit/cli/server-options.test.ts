import { Command } from 'commander';
import { resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import {
  addresses,
  addServerOptions,
  sentinelAddresses,
  type ServerOptions,
  tlsOptions,
} from '../../../src/cli/server-options.js';
import { labelOf } from '../../../src/doctor/server/server-endpoint.js';
import { thrown } from '../../support/unit/thrown.js';

type Env = Readonly<Record<string, string>>;

function parsed(words: string): { readonly urls: string[]; readonly options: ServerOptions } {
  const command = addServerOptions(new Command().argument('[url...]').helpOption('--help').exitOverride());
  command.parse(words.split(' ').filter(Boolean), { from: 'user' });
  return { urls: command.args, options: command.opts() };
}

function named(words: string, env: Env = {}) {
  const { urls, options } = parsed(words);
  return addresses(urls, options, env);
}

const REDIS_URL = 'redis://env:1';

describe('the server', () => {
  test.each<[string, Env, string[]]>([
    ['', {}, ['127.0.0.1:6379']],
    ['', { REDIS_URL }, ['env:1']],
    ['', { REDIS_URL: '' }, ['127.0.0.1:6379']],
    ['-h h', { REDIS_URL }, ['h:6379']],
    ['-p 7000', { REDIS_URL }, ['127.0.0.1:7000']],
    ['-h ::1 -p 7000', {}, ['[::1]:7000']],
    ['-s /tmp/r.sock -h h', { REDIS_URL }, ['/tmp/r.sock']],
    ['-s r.sock', {}, [resolve('r.sock')]],
    ['redis://u:2 -h h -s /tmp/r.sock', { REDIS_URL }, ['u:2']],
    ['-u redis://u:2 -h h', { REDIS_URL }, ['u:2']],
    ['a b:2 -u c', {}, ['a:6379', 'b:2', 'c:6379']],
  ])('of "%s" and %j', (words, env, labels) => {
    expect(named(words, env).map(labelOf)).toEqual(labels);
  });
});

describe('how it is spoken to', () => {
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
  ])('"%s" and %j', (words, env, expected) => {
    const place = { host: 'h', port: 6379 };
    expect(named(words, env)).toEqual([{ place, tls: false, ...expected }]);
  });
});

describe('a sentinel', () => {
  test.each([
    ['s', 's:26379'],
    ['s:1', 's:1'],
    ['[::1]', '[::1]:26379'],
    ['[::1]:1', '[::1]:1'],
    ['redis://s', 's:26379'],
    ['rediss://:s3cret@s:1', 's:1'],
    ['/tmp/s.sock', '/tmp/s.sock'],
  ])('%s', (text, label) => {
    const { options } = parsed(`--sentinel ${text} --sentinel other`);
    expect(sentinelAddresses(options, {}).map(labelOf)).toEqual([label, 'other:26379']);
  });

  test.each(['-h h', '-p 7000', '-s /tmp/r.sock', '-u redis://u'])('does not go with %s', (words) => {
    const { options } = parsed(`--sentinel s ${words}`);
    expect(thrown('HYG_CLI_USAGE', () => sentinelAddresses(options, {})).message).toMatch(
      /^--(host|port|socket|uri) and --sentinel exclude each other/,
    );
    expect(sentinelAddresses(parsed(words).options, {})).toEqual([]);
  });

  test('has the credentials that are given', () => {
    const { options } = parsed('--sentinel s --user ann');
    const [address] = sentinelAddresses(options, { REDISCLI_AUTH: 'env' });
    expect(address).toMatchObject({ username: 'ann', password: 'env', tls: false });
  });
});

describe('TLS', () => {
  test('a file that is not there is said', () => {
    const { options } = parsed('--cacert /nonexistent/ca.pem');
    expect(thrown('HYG_CLI_FILE', () => tlsOptions(options)).message).toContain('/nonexistent/ca.pem');
  });

  test('nothing is weakened unless it is asked for', () => {
    expect(tlsOptions(parsed('--tls').options)).toEqual({});
    const weak = parsed('--tls --insecure --sni redis').options;
    expect(tlsOptions(weak)).toEqual({ servername: 'redis', rejectUnauthorized: false });
  });
});
