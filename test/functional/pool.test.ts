import type { Redis } from 'ioredis';
import { expect, test } from 'vitest';
import { useFactory } from '../support/use-factory.js';
import { useRedis } from '../support/use-redis.js';

const redis = useRedis();
const the = useFactory(redis);

test('many callers share a few connections, which bear the name of the pool', async () => {
  const pool = the.open().pool({ max: 3 });
  const results = await Promise.all(
    Array.from({ length: 20 }, (_, i) =>
      pool.use(async (client) => {
        await client.set(`k${i}`, i);
        return client.get(`k${i}`);
      }),
    ),
  );
  expect(results).toEqual(Array.from({ length: 20 }, (_, i) => String(i)));
  expect(pool.name).toBe('orders@web-1#pool');
  expect(await redis.names()).toEqual(Array.from({ length: 3 }, () => pool.name));
  expect(pool.statistics()).toMatchObject({ size: 3, idle: 3, lent: 0, created: 3, use: { count: 20 } });
  expect(await pool.close()).toEqual({ closed: 3, forced: 0, leases: [] });
  expect(await redis.names()).toEqual([]);
});

test('a warm pool sends what its borrower sends, and nothing else', async () => {
  const pool = the.open().pool({ max: 2 });
  await pool.use((client) => client.ping());
  await redis.admin.config('RESETSTAT');
  for (let i = 0; i < 5; i += 1) await pool.use((client) => client.get('k'));
  await pool.use((client) => client.multi().set('k', 1).exec());
  const stats = await redis.admin.info('commandstats');
  const seen = [...stats.matchAll(/^cmdstat_([^:]+):calls=(\d+)/gm)].map(
    ([, name, calls]) => `${name} ${calls}`,
  );
  expect(seen.filter((line) => !/^(config|info)/.test(line)).sort()).toEqual([
    'exec 1',
    'get 5',
    'multi 1',
    'set 1',
  ]);
});

test('callers are served in the order in which they came', async () => {
  const pool = the.open().pool({ max: 1 });
  const order: number[] = [];
  await Promise.all(
    Array.from({ length: 10 }, (_, i) =>
      pool.use(async (client) => {
        await client.ping();
        order.push(i);
      }),
    ),
  );
  expect(order).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
});

test.for([
  [
    'throws',
    () => {
      throw new Error('my own');
    },
  ],
  ['rejects', () => Promise.reject(new Error('my own'))],
] as const)('a callback that %s loses no connection', async ([, work]) => {
  const pool = the.open().pool({ max: 1 });
  for (let i = 0; i < 3; i += 1) await expect(pool.use(work)).rejects.toThrow('my own');
  expect(pool.statistics()).toMatchObject({ size: 1, idle: 1, created: 1 });
});

test.for<readonly [string, (client: Redis) => unknown]>([
  ['quit()', (client) => client.quit()],
  ['quit() that nobody awaits', (client) => void client.quit()],
  ['disconnect()', (client) => client.disconnect()],
  ['quit() in a pipeline', (client) => client.pipeline().get('k').quit().exec()],
])('a borrower that calls %s closes its own connection only', async ([, close]) => {
  const pool = the.open().pool({ max: 1 });
  await pool.use(close);
  for (let i = 0; i < 3; i += 1) expect(await pool.use((client) => client.ping())).toBe('PONG');
  expect(pool.statistics().closed).toMatchObject({ borrower: 1, lost: 0 });
  expect(the.errors).toEqual([]);
});

test('a client that was closed does not come back to life beside the pool', async () => {
  const pool = the.open().pool({ max: 1 });
  await pool.use(async (client) => {
    const ended = new Promise((resolve) => client.once('end', resolve));
    await client.quit();
    await ended;
    await expect(client.connect()).rejects.toThrow('Connection is closed.');
  });
  await pool.use((client) => client.ping());
  expect(await redis.names()).toEqual([pool.name]);
});

test('blocking() takes a number, and leases that last', async () => {
  const factory = the.open();
  const pool = factory.blocking(2);
  expect(pool.name).toBe('orders@web-1#blocking');
  const popped = pool.use((client) => client.blpop('list', 0));
  await pool.use((client) => client.rpush('list', 'a'));
  expect(await popped).toEqual(['list', 'a']);
  expect(factory.blocking({ max: 3, role: 'queue' }).name).toBe('orders@web-1#queue');
});
