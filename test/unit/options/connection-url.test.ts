import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { impliesTls, parseConnectionString } from '../../../src/options/connection-url.js';
import { MARK, secrets, shownBy } from '../../support/unit/secret.js';
import { thrown } from '../../support/unit/thrown.js';
import { majors } from '../../support/unit/options/real-ioredis.js';

const forms = [
  'redis://h',
  'redis://h:6379',
  'redis://h:0',
  'redis://h/',
  'redis://h:1/2',
  'redis://h/a/b',
  'redis:///2',
  'redis://',
  'REDIS://H:1/2',
  'redis://h/1#fragment',
  'redis://u@h',
  'redis://u:p@h',
  'redis://:p@h',
  'redis://:p%40ss@h',
  'redis://us%3Aer:p%2Fss%20%C3%A9@h:1',
  'redis://u:p w@h',
  'rediss://h',
  'rediss://u:p@h:1/3?family=6',
  'redis://[::1]',
  'redis://[::1]:6379/1',
  '[::1]:6',
  'redis://h?keyPrefix=a',
  'redis://h?keyPrefix=a%3A&name=x&enableReadyCheck=false',
  'redis://h?a=1&a=2',
  'redis://h?port=7',
  'redis://h?db=2',
  'redis://h:1/1?db=2&host=z&port=7',
  'redis://u:p@h?password=q&username=v',
  'redis://h?password=q',
  'redis://h?tls=RedisCloudFixed',
  'rediss://h?tls=RedisCloudFixed',
  'redis://h?family=4',
  'redis://h?family=6x',
  'redis://h?family=any',
  'redis://h?family=',
  '//h:1/2',
  '//u:p@h:1/2?family=4',
  'h',
  '',
  'localhost:6380',
  '127.0.0.1:6380?db=1',
  'redis-1.example.com:6380',
  'u:p@127.0.0.1:1',
  'h/dir/x.sock',
  'h?from=http://other',
  '/tmp/x.sock?from=http://other',
  '127.0.0.1:1/x/y?db=3',
  '6380',
  '01',
  ' 6380',
  '6380\n',
  ' ',
  '/',
  '/tmp/x.sock',
  '/tmp/x.sock?db=2',
  '/tmp/x.sock?db=2&keyPrefix=a&family=6',
  '/tmp/x.sock?path=/tmp/y.sock',
  '/tmp/x.sock?password=p?w',
  '/tmp/x%20y.sock',
];

describe.each(majors)('parseConnectionString agrees with $name', ({ read }) => {
  test.each(forms)('about %j', (text) => {
    const options = { ...(impliesTls(text) ? { tls: {} } : {}), ...parseConnectionString(text) };
    expect(read(options)).toEqual(read(text));
  });

  test('about any user name, password, host, port and database', () => {
    const name = fc.string({ unit: 'grapheme', minLength: 1 });
    const address = fc.tuple(fc.domain(), fc.integer({ min: 1, max: 65_535 }), fc.nat(15));
    fc.assert(
      fc.property(name, fc.string({ unit: 'grapheme' }), address, (username, password, [host, port, db]) => {
        const user = `${encodeURIComponent(username)}:${encodeURIComponent(password)}`;
        const text = `redis://${user}@${host}:${port}/${db}`;
        expect(parseConnectionString(text)).toMatchObject({ username, password, host, port, db: String(db) });
        expect(read(parseConnectionString(text))).toEqual(read(text));
      }),
    );
  });
});

describe('a connection string', () => {
  test('has its port as a number, and omits options that it does not contain', () => {
    expect(parseConnectionString('redis://h:6380')).toStrictEqual({ host: 'h', port: 6380 });
    expect(parseConnectionString('6380')).toStrictEqual({ port: 6380 });
    expect(parseConnectionString('redis://')).toStrictEqual({});
  });

  test.each([
    ['unix:///tmp/x.sock', { path: '/tmp/x.sock' }],
    ['UNIX:///tmp/x.sock', { path: '/tmp/x.sock' }],
    ['unix:///tmp/x.sock?db=2&family=6', { path: '/tmp/x.sock', db: '2', family: 6 }],
  ])('%s is the path of a socket, although ioredis would read it as a host', (text, options) => {
    expect(parseConnectionString(text)).toStrictEqual(options);
  });

  test.each([
    ['valkey://u:p@h:1/2', 'redis://u:p@h:1/2'],
    ['VALKEYS://h', 'rediss://h'],
    [' redis://h:1\n', 'redis://h:1'],
  ])('like %j is the same as %j', (text, same) => {
    expect(parseConnectionString(text)).toEqual(parseConnectionString(same));
    expect(impliesTls(text)).toBe(impliesTls(same));
  });

  test.each([
    [`"redis://u:${MARK}@h:1"`, 'The connection URL is in quotes.'],
    [`'redis://u:${MARK}@h:1'`, 'The connection URL is in quotes.'],
    [`redis:/u:${MARK}@h`, 'has one slash after its scheme'],
    [`valkeys:/u:${MARK}@h`, 'has one slash after its scheme'],
  ])('like %j is refused, because ioredis would dial another server or a socket', (text, message) => {
    const error = thrown('HYG_URL_INVALID', () => parseConnectionString(text));
    expect(error.message).toContain(message);
    expect(shownBy(error)).not.toContain(MARK);
  });

  test.each(['http', 'https', 'HTTP', 'tcp', 'redis+sentinel', 'ftp'])(
    'with the scheme %s is refused, because ioredis would dial a host of that name',
    (scheme) => {
      const error = thrown('HYG_URL_SCHEME', () => parseConnectionString(`${scheme}://u:${MARK}@h:1`));
      expect(error.details).toEqual({ scheme: scheme.toLowerCase() });
      expect(error.message).toContain(`begins with "${scheme.toLowerCase()}://", expected redis://.`);
      expect(shownBy(error)).not.toContain(MARK);
    },
  );

  test.each([
    'redis://u:%zz@h',
    'redis://%zz:p@h',
    'redis://h:99999',
    'redis://[::1',
    'redis://h:port',
    'a b:c',
  ])('%s is refused', (text) => {
    const { message } = thrown('HYG_URL_INVALID', () => parseConnectionString(text));
    expect(message).toMatch(/^The .*connection URL .*\. Write redis:/);
  });

  test('that is refused never appears with its password in the error', () => {
    fc.assert(
      fc.property(secrets, fc.constantFrom('h:99999', 'h:x', '[::1'), (secret, address) => {
        for (const password of [secret, encodeURIComponent(secret), `%zz${secret}`]) {
          const text = `redis://user:${password}@${address}`;
          expect(shownBy(thrown('HYG_URL_INVALID', () => parseConnectionString(text)))).not.toContain(MARK);
        }
      }),
    );
  });
});

describe('TLS', () => {
  test.each(['rediss://h', 'REDISS://h', 'Rediss://h'])('is enabled by %s', (text) => {
    expect(impliesTls(text)).toBe(true);
  });

  test.each([
    'redis://h',
    'rediss',
    'rediss:h',
    'h?x=rediss://y',
    '/rediss://',
    6380,
    undefined,
    { host: 'rediss://h' },
  ])('is not enabled by %j', (argument) => void expect(impliesTls(argument)).toBe(false));
});

test.each(['0x10', '0b11', '1e3', ' 0x10 '])(
  'the port %j is refused, because it is not a decimal number',
  (text) => {
    const { message } = thrown('HYG_URL_INVALID', () => parseConnectionString(text));
    expect(message).toContain('is not a decimal number');
  },
);

test.each(['7', ' 7 ', '+7', '007'])('%j is port 7', (text) => {
  expect(parseConnectionString(text)).toEqual({ port: 7 });
});
