import { afterEach, describe, expect, test } from 'vitest';
import { createRedisFactory, type RedisFactory } from '../../src/index.js';

let factory: RedisFactory;
afterEach(() => factory.shutdown());

function open(): RedisFactory {
  factory = createRedisFactory({ service: 'orders', host: 'web-1' });
  return factory;
}

describe('before anything is dialled, an error is thrown for', () => {
  const errorWith = (code: string) => expect.objectContaining({ code, name: 'HygieneError' }) as Error;

  test.for([
    ['an unknown scheme', () => open().client('http://localhost'), 'HYG_URL_SCHEME'],
    ['an empty URL', () => open().client(''), 'HYG_URL_INVALID'],
    ['a client', () => open().client(open().client({ lazyConnect: true }) as never), 'HYG_OPTION_TYPE'],
    ['a broken URL', () => open().client('redis://:secret@host:port'), 'HYG_URL_INVALID'],
    ['a port that is not a number', () => open().client({ port: 'http' as never }), 'HYG_OPTION_TYPE'],
    ['a port out of bounds', () => open().client(70_000), 'HYG_OPTION_RANGE'],
    ['a database that is not a number', () => open().client('redis://localhost/orders'), 'HYG_OPTION_TYPE'],
    [
      'a timeout that is not a number',
      () => open().client({ connectTimeout: '5s' as never }),
      'HYG_OPTION_TYPE',
    ],
    ['an argument of another type', () => open().client(true as never), 'HYG_OPTION_TYPE'],
    [
      'an unknown option of the factory',
      () => createRedisFactory({ service: 'a', conection: '' } as never),
      'HYG_OPTION_UNKNOWN',
    ],
    [
      'a string instead of a number',
      () => createRedisFactory({ service: 'a', shutdownTimeoutMs: '5000' } as never),
      'HYG_OPTION_TYPE',
    ],
    [
      'a number out of bounds',
      () => createRedisFactory({ service: 'a', keepAliveMs: 10 }),
      'HYG_OPTION_RANGE',
    ],
  ] as const)('%s', ([, attempt, code]) => {
    open();
    expect(attempt).toThrow(errorWith(code));
    expect(factory.connections()).toEqual([]);
  });

  test('a broken URL, without its password', () => {
    let text = '';
    try {
      open().client('redis://:secret@host:port');
    } catch (error) {
      text = `${String(error)}${(error as Error).stack ?? ''}${JSON.stringify(error)}`;
    }
    expect(text).toContain('HYG_URL_INVALID');
    expect(text).not.toContain('secret');
  });
});
