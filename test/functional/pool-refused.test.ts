import { expect, test } from 'vitest';
import { createRedisFactory, type PoolOptions, type RedisFactory } from '../../src/index.js';
import { useFactory } from '../support/use-factory.js';
import { useRedis } from '../support/use-redis.js';

const redis = useRedis();
const the = useFactory(redis);
const refused = (code: string) => expect.objectContaining({ code, name: 'HygieneError' }) as Error;

test.for<readonly [string, object, string]>([
  ['a max of 0', { max: 0 }, 'HYG_OPTION_RANGE'],
  ['a negative max', { max: -1 }, 'HYG_OPTION_RANGE'],
  ['a fractional max', { max: 1.5 }, 'HYG_OPTION_RANGE'],
  ['a max that is text', { max: '10' }, 'HYG_OPTION_TYPE'],
  ['a max of NaN', { max: NaN }, 'HYG_OPTION_TYPE'],
  ['an infinite max', { max: Infinity }, 'HYG_OPTION_RANGE'],
  ['a max above the budget', { max: 10_000 }, 'HYG_LIMIT_CONNECTIONS'],
  ['a min above max', { max: 2, min: 3 }, 'HYG_OPTION_RANGE'],
  ['a negative min', { min: -1 }, 'HYG_OPTION_RANGE'],
  ['an unknown option', { maxx: 1 }, 'HYG_OPTION_UNKNOWN'],
  ['a role that is a number', { role: 1 }, 'HYG_OPTION_TYPE'],
  ['an empty role', { role: '' }, 'HYG_OPTION_TYPE'],
  ['a broken connection', { connection: 'http://localhost' }, 'HYG_URL_SCHEME'],
  ['an acquireTimeoutMs of 0', { acquireTimeoutMs: 0 }, 'HYG_OPTION_RANGE'],
])('%s is refused at once, and reserves nothing in the budget', ([, options, code]) => {
  const factory = the.open();
  expect(() => factory.pool(options as PoolOptions)).toThrow(refused(code));
  expect(factory.connections()).toEqual([]);
});

test.for([null, 10, 'ten', [], () => 1])('%s is refused as options', (options) => {
  const factory = the.open();
  expect(() => factory.pool(options as PoolOptions)).toThrow(refused('HYG_OPTION_TYPE'));
  if (options !== 10) expect(() => factory.blocking(options as number)).toThrow(refused('HYG_OPTION_TYPE'));
});

test('a pool reserves max connections of the budget until it is closed', async () => {
  const factory = the.open({ limits: { connections: 5 } });
  const pool = factory.pool({ max: 4 });
  expect(() => factory.pool({ max: 2 })).toThrow(refused('HYG_LIMIT_CONNECTIONS'));
  const client = factory.client();
  expect(() => factory.client()).toThrow(refused('HYG_LIMIT_CONNECTIONS'));
  // The pool's connections need no more than what it has reserved.
  await Promise.all([1, 2, 3, 4].map(() => pool.use((one) => one.ping())));
  await client.quit();
  await pool.close();
  await factory.pool({ max: 5 }).close();
});

test.for([undefined, null, 'get', 1, {}])('use() refuses %s as its callback', async (work) => {
  const pool = the.open().pool({ max: 1 });
  await expect(pool.use(work as never)).rejects.toMatchObject({ code: 'HYG_OPTION_TYPE' });
  expect(pool.statistics()).toMatchObject({ used: 0, size: 0 });
});

test('close() refuses wrong options, and the pool stays open', async () => {
  const pool = the.open().pool({ max: 1 });
  expect(() => pool.close({ timeoutMs: -1 })).toThrow(refused('HYG_OPTION_RANGE'));
  expect(() => pool.close(null as never)).toThrow(refused('HYG_OPTION_TYPE'));
  expect(() => pool.close({ timeout: 1 } as never)).toThrow(refused('HYG_OPTION_UNKNOWN'));
  expect(await pool.use((client) => client.ping())).toBe('PONG');
});

test('after shutdown no pool can be created or used', async () => {
  const factory: RedisFactory = createRedisFactory({ service: 'orders', connection: redis.server.url });
  const pool = factory.pool({ max: 1 });
  const blocking = factory.blocking(1);
  await factory.shutdown();
  expect(() => factory.pool()).toThrow(refused('HYG_SHUT_DOWN'));
  expect(() => factory.blocking(1)).toThrow(refused('HYG_SHUT_DOWN'));
  for (const one of [pool, blocking]) {
    await expect(one.use((client) => client.ping())).rejects.toMatchObject({ code: 'HYG_POOL_CLOSED' });
    await expect(one.acquire()).rejects.toMatchObject({ code: 'HYG_POOL_CLOSED' });
  }
});
