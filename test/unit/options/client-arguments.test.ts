import type { RedisOptions } from 'ioredis';
import { createRequire } from 'node:module';
import { describe, expect, test } from 'vitest';
import { type ClientArguments, readClientArguments } from '../../../src/options/client-arguments.js';
import { thrown } from '../../support/unit/thrown.js';
import { majors } from '../../support/unit/options/real-ioredis.js';

const ca = 'a certificate';

/** Options with values that the types forbid, but JavaScript callers pass. */
function withUnset(options: object): RedisOptions {
  return options;
}

const forms: ClientArguments[] = [
  [],
  [undefined],
  [null],
  [null, undefined, null],
  [6380],
  [6380, undefined],
  [6380, undefined, { db: 1 }],
  [undefined, { host: 'h' }],
  [6380, 'h'],
  [6380, 'h', undefined],
  [6380, { host: 'h', db: 1 }],
  [6380, { port: 1, db: 1 }],
  [6380, 'h', { db: 1, keyPrefix: 'a' }],
  [6380, 'h', { host: 'other', port: 1 }],
  [6380, '/tmp/x.sock'],
  ['6380', 'h'],
  ['h', 6380],
  [{ port: 1 }, 6380],
  ['redis://h:1/2', 6380],
  [6380, 'redis://u:p@h:1/2'],
  ['redis://u:p@h:1/2'],
  ['redis://h:1/2', { db: 5, port: 9, keyPrefix: 'a' }],
  ['redis://h', { username: 'u', password: 'p' }],
  ['redis://u:p@h', withUnset({ password: 'q', host: undefined })],
  [withUnset({ host: 'h', port: undefined })],
  [withUnset({ port: undefined }), { port: 7 }],
  [{ host: 'h', password: 'p' }],
  [{ host: 'h', family: 6, tls: { ca } }],
  [withUnset({ port: null, host: null })],
  [{ path: '/tmp/x.sock', db: 2 }],
  ['/tmp/x.sock?db=2', { db: 3 }],
  [{ sentinels: [{ host: 's', port: 1 }], name: 'm' }],
  ['rediss://h'],
  ['rediss://h', { tls: { ca } }],
  [{ tls: { ca } }, 'rediss://h'],
  ['rediss://h', withUnset({ tls: undefined })],
  ['rediss://h', withUnset({ tls: null })],
  ['rediss://h?tls=RedisCloudFixed'],
  [6380, 'rediss://h', { tls: { ca } }],
];

const connections = forms.flatMap(([first, ...others]) =>
  others.length === 0 && first != null && typeof first !== 'number' ? [first] : [],
);

describe.each(majors)('readClientArguments agrees with $name', ({ read }) => {
  test.each(forms.map((args) => ({ args })))('about the arguments $args', ({ args }) => {
    expect(read(readClientArguments(undefined, args))).toEqual(read(...args));
  });

  test.each(connections.map((connection) => ({ connection })))(
    'about the connection $connection of a factory',
    ({ connection }) => {
      expect(read(readClientArguments(connection, []))).toEqual(read(connection));
    },
  );
});

describe('an argument', () => {
  test.each([true, Symbol('x'), 5n, () => undefined])('of another type is refused', (argument) => {
    const args = [argument] as unknown as ClientArguments;
    const { message } = thrown('HYG_OPTION_TYPE', () => readClientArguments(undefined, args));
    expect(message).toContain('"the argument of client()"');
    expect(message).toContain('expected a URL, a port, a host, a path or ioredis options.');
  });

  test('is not changed', () => {
    const given = { host: 'h', port: undefined };
    const base = { db: 1, password: 'p' };
    readClientArguments(base, [withUnset(given)]);
    expect(given).toStrictEqual({ host: 'h', port: undefined });
    expect(base).toStrictEqual({ db: 1, password: 'p' });
  });

  test('in upper case enables TLS too, although ioredis ignores it then', () => {
    expect(readClientArguments('REDISS://h', [])).toEqual({ host: 'h', tls: {} });
  });
});

/** A connection with every option that must not be sent to another server. */
const connection: RedisOptions = {
  host: 'prod',
  port: 7000,
  family: 6,
  name: 'master',
  username: 'u',
  password: 'p',
  tls: { ca },
  sentinelUsername: 'su',
  sentinelPassword: 'sp',
  sentinelTLS: { ca },
  db: 3,
  keyPrefix: 'app:',
};

describe('arguments merged with the connection of the factory', () => {
  test('are added to it if they name no address', () => {
    expect(readClientArguments(connection, [{ db: 5, lazyConnect: true }])).toEqual({
      ...connection,
      db: 5,
      lazyConnect: true,
    });
    expect(readClientArguments(connection, [])).toEqual(connection);
  });

  test.each<[unknown, ClientArguments]>([
    [{ host: 'other' }, [{ host: 'other' }]],
    [{ host: 'other', port: 1 }, [1, 'other']],
    [{ path: '/tmp/x.sock' }, [{ path: '/tmp/x.sock' }]],
    [{ path: '/tmp/x.sock' }, ['/tmp/x.sock']],
    [{ sentinels: [{ host: 's' }], name: 'm' }, [{ sentinels: [{ host: 's' }], name: 'm' }]],
    [{ host: 'other' }, ['redis://other']],
    [{}, ['redis://']],
    [{ host: 'other', tls: {} }, ['rediss://other']],
    [{ host: 'other', username: 'v', password: 'q' }, ['redis://v:q@other']],
    [{ host: 'other', password: 'q' }, [{ host: 'other', password: 'q' }]],
  ])('set the address and credentials to %j only, and keep the other options', (expected, args) => {
    expect(readClientArguments(connection, args)).toEqual({
      ...(expected as object),
      db: 3,
      keyPrefix: 'app:',
    });
  });

  test.each<RedisOptions>([
    { path: '/tmp/x.sock', password: 'p' },
    { sentinels: [{ host: 's' }], name: 'm', password: 'p' },
  ])('drop the address and credentials of %j if they name a host', (other) => {
    expect(readClientArguments(other, ['h'])).toEqual({ host: 'h' });
  });

  test('do not inherit the secrets of a URL for another address', () => {
    const url = 'rediss://u:p@prod:7000/3?sentinelPassword=sp&keyPrefix=a';
    expect(readClientArguments(url, ['redis://other'])).toEqual({ host: 'other', db: '3', keyPrefix: 'a' });
  });

  test.each<[string, ClientArguments]>([
    ['a number', [7001]],
    ['a number and options', [7001, { db: 3 }]],
    ['an option', [{ port: 7001 }]],
    ['text', ['7001']],
  ])('keep the host, but no credentials, if they name only another port, as %s', (_form, args) => {
    const { host, family, name, db, keyPrefix } = connection;
    expect(readClientArguments(connection, args)).toEqual({ host, family, name, db, keyPrefix, port: 7001 });
  });

  test('keep the credentials if they name the same address', () => {
    const { host, port } = connection;
    expect(readClientArguments(connection, [{ host, db: 1 }])).toEqual({ ...connection, db: 1 });
    expect(readClientArguments(connection, [{ port }])).toEqual(connection);
  });

  test('keep options that the connection inherits from its prototype, as ioredis does', () => {
    expect(readClientArguments(Object.create({ host: 'h', port: 1 }) as RedisOptions, [{ db: 2 }])).toEqual({
      host: 'h',
      port: 1,
      db: 2,
    });
  });

  test('keep host and credentials if the address options are undefined', () => {
    const given = withUnset({ host: undefined, path: undefined, sentinels: undefined });
    expect(readClientArguments(connection, [given])).toEqual(connection);
    expect(readClientArguments(connection, [null, undefined])).toEqual(connection);
  });
});

describe('what is refused, because ioredis would dial localhost:6379', () => {
  const require = createRequire(import.meta.url);
  const clients = ['ioredis', 'ioredis5'].map((name) => {
    const { Redis } = require(name) as { Redis: new (options: object) => object };
    return [`a client of ${name}`, new Redis({ lazyConnect: true })] as const;
  });

  test.each<readonly [string, unknown]>([
    ...clients,
    ['a Cluster', { nodes: () => [], connect: () => undefined, options: {} }],
    ['a client of node-redis', { sendCommand: () => undefined, isOpen: false }],
    ['a client of GLIDE', { customCommand: () => undefined }],
    ['a factory', { client: () => undefined }],
    ['an array', [{ host: 'h' }]],
  ])('%s', (_what, argument) => {
    const { message } = thrown('HYG_OPTION_TYPE', () =>
      readClientArguments({ host: 'h' }, [argument as never]),
    );
    expect(message).toContain('expected a URL or ioredis options');
  });

  test.each([[['']], [[' ']], [[6380, '']], [['', { db: 1 }]]] as ClientArguments[][])('%j', (args) => {
    expect(thrown('HYG_URL_INVALID', () => readClientArguments(undefined, args)).message).toContain(
      'is empty',
    );
  });
});

test('an empty text beside another address is nothing, as in ioredis', () => {
  expect(readClientArguments(undefined, ['', { host: 'h' }])).toEqual({ host: 'h' });
});

test('a URL object is the URL that it holds', () => {
  const url = new URL('rediss://u:p@h:1/2') as unknown as string;
  expect(readClientArguments('redis://:secret@other', [url])).toEqual(
    readClientArguments('redis://:secret@other', ['rediss://u:p@h:1/2']),
  );
});
