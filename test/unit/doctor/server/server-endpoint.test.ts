import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { endpointLabel, parseServerEndpoint } from '../../../../src/doctor/server/server-endpoint.js';
import { MARK, rawSecrets, shownBy } from '../../../support/unit/secret.js';
import { thrown } from '../../../support/unit/thrown.js';

const at = (host: string, port: number) => ({ address: { host, port }, tls: false });
const credentials = { username: 'ann', password: 's3cret' };

describe('parses', () => {
  test.each([
    ['10.0.0.1', at('10.0.0.1', 6379)],
    ['redis-1:7000', at('redis-1', 7000)],
    ['[::1]', at('::1', 6379)],
    ['[::1]:1', at('::1', 1)],
    ['redis://', at('127.0.0.1', 6379)],
    ['redis://h', at('h', 6379)],
    ['redis://h:7000/3', at('h', 7000)],
    ['redis://[fe80::1]:7000', at('fe80::1', 7000)],
    ['[fe80::1%eth0]', at('fe80::1%eth0', 6379)],
    ['redis://ann:s3cret@[fe80::1%25eth0.7]:7000', { ...at('fe80::1%eth0.7', 7000), ...credentials }],
    ['VALKEY://h', at('h', 6379)],
    ['valkey://h', at('h', 6379)],
    ['rediss://h', { ...at('h', 6379), tls: true }],
    ['valkeys://h:1', { ...at('h', 1), tls: true }],
    ['redis://ann:s3cret@h', { ...at('h', 6379), ...credentials }],
    ['ann:s3cret@h:7000', { ...at('h', 7000), ...credentials }],
    ['redis://ann@h', { ...at('h', 6379), username: 'ann' }],
    ['redis://:s3cret@h', { ...at('h', 6379), password: 's3cret' }],
    ['redis://a%2Fb:%25%40%3A@h', { ...at('h', 6379), username: 'a/b', password: '%@:' }],
    ['/tmp/redis 1.sock', { address: { path: '/tmp/redis 1.sock' }, tls: false }],
    ['/tmp/100%.sock', { address: { path: '/tmp/100%.sock' }, tls: false }],
    ['unix:///tmp/a%20b.sock', { address: { path: '/tmp/a b.sock' }, tls: false }],
    ['unix:/tmp/a%20b.sock', { address: { path: '/tmp/a b.sock' }, tls: false }],
    ['unix:7000', at('unix', 7000)],
    ['unix:///tmp/r.sock?db=2', { address: { path: '/tmp/r.sock' }, tls: false }],
    ['unix://ann:s3cret@/tmp/r.sock', { address: { path: '/tmp/r.sock' }, tls: false, ...credentials }],
    ['unix://:s3cret@/tmp/r@1', { address: { path: '/tmp/r@1' }, tls: false, password: 's3cret' }],
  ])('%s', (text, endpoint) => {
    expect(parseServerEndpoint(text)).toEqual(endpoint);
  });

  test('an address without a port with the default port', () => {
    for (const text of ['h', '[::1]', 'redis://h', 'valkeys://h'])
      expect(parseServerEndpoint(text, 26_379).address).toMatchObject({ port: 26_379 });
    expect(parseServerEndpoint('h:1', 26_379).address).toMatchObject({ port: 1 });
  });
});

describe('rejects', () => {
  test.each([
    ['', 'it is empty'],
    [' ', 'it is empty'],
    ['"redis://h"', 'it is in quotes'],
    ['redis:/h', 'expected two slashes'],
  ])('%j, because %s', (text, why) => {
    expect(thrown('HYG_CLI_USAGE', () => parseServerEndpoint(text)).message).toContain(why);
  });

  test.each([
    ['http://h', /expected redis:\/\/, rediss:\/\/, valkey:\/\/, valkeys:\/\/, unix:\/\//],
    ['::1', /expected host\[:port\], or a URL such as redis:\/\/host:6379\./],
    ['h:70000', /expected host/],
    ['redis://:6379', /expected host/],
    ['two words', /expected host/],
    ['redis://ann:s3%zz@h', /percent sign.*%25/],
    ['unix:///tmp/a%zz', /percent sign.*%25/],
    ['redis://ann:12/s3cret@h', /written %2F/],
    ['redis://ann:12?s3cret@h', /written %2F/],
  ])('%s', (text, message) => {
    expect(thrown('HYG_CLI_USAGE', () => parseServerEndpoint(text)).message).toMatch(message);
  });
});

describe('a password', () => {
  test.each([
    'redis://h:6379',
    'rediss://ann:s3cret@h',
    'unix://ann:s3cret@/tmp/r.sock',
    'unix://ann:s3cret@h/tmp/r.sock',
  ])('is not in the label of %s', (text) => {
    expect(endpointLabel(parseServerEndpoint(text))).toMatch(/^(h:6379|\/tmp\/r\.sock)$/);
  });

  test('is in no error message', () => {
    const schemes = fc.constantFrom(
      'redis://',
      'rediss://',
      'valkey://',
      'http://',
      'unix://',
      'unix:///',
      '',
    );
    const ends = fc.constantFrom('@h:70000', '@h', '@', '@/tmp/r.sock', '@/tmp/%zz', '@h:1:2', '@[::1');
    const users = fc.constantFrom('', 'ann', '1', 'a%zz');
    fc.assert(
      fc.property(schemes, users, rawSecrets, ends, (scheme, user, secret, end) => {
        const text = `${scheme}${user}:${secret}${end}`;
        let shown: string;
        try {
          shown = endpointLabel(parseServerEndpoint(text));
        } catch (error) {
          shown = shownBy(error as never);
        }
        if (scheme !== 'unix:///') expect(shown).not.toContain(MARK);
      }),
      { numRuns: 2_000 },
    );
  });
});

test('parsing a label gives an endpoint with the same label', () => {
  for (const label of ['h:1', '[fe80::1]:7000', '/tmp/r.sock'])
    expect(endpointLabel(parseServerEndpoint(label))).toBe(label);
});
