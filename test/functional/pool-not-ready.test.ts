import { expect, test } from 'vitest';
import type { HygieneError, Pool } from '../../src/index.js';
import { eventually } from '../support/eventually.js';
import { useFactory } from '../support/use-factory.js';
import { useRedis } from '../support/use-redis.js';

const redis = useRedis({
  args: [
    ...['--enable-debug-command', 'yes'],
    ...['--loading-process-events-interval-bytes', '1024'], // without it the server answers no client until it has loaded
  ],
});
const orders = useFactory(redis);

async function acquireInVain(pool: Pool): Promise<HygieneError> {
  const error = (await pool.acquire().catch((reason: unknown) => reason)) as HygieneError;
  expect(error).toMatchObject({ code: 'HYG_ACQUIRE_TIMEOUT' });
  return error;
}

test('while the server loads its data, a pool says so', async () => {
  await redis.admin.call('DEBUG', 'POPULATE', '3000');
  await redis.admin.config('SET', 'key-load-delay', '1000'); // microseconds per key
  const loaded = redis.admin.call('DEBUG', 'RELOAD');
  const pool = orders.open().pool({ max: 1, acquireTimeoutMs: 1_000 });
  const error = await acquireInVain(pool);
  expect(error.cause).toMatchObject({ code: 'HYG_SERVER_LOADING' });
  expect(orders.errors.map(({ code }) => code)).toEqual(['HYG_SERVER_LOADING']);
  await redis.admin.config('SET', 'key-load-delay', '0');
  await loaded;
  await eventually(async () => expect(await pool.use((client) => client.dbsize())).toBe(3_000), 15_000);
});

test('while the server is stopped, a pool says how long its connections have waited', async () => {
  const pool = orders.open().pool({ max: 1, acquireTimeoutMs: 500 });
  await redis.server.pause();
  const error = await acquireInVain(pool).finally(() => redis.server.resume());
  expect(error.cause).toMatchObject({ code: 'HYG_CONNECT_FAILED', details: { reason: 'connected' } });
  expect(String(error.cause)).toMatch(
    /connected to redis:\S+ for \d+ ms, but the server has not finished the handshake/,
  );
});

test('a use() within a use() that finds no connection is hinted at', async () => {
  const pool = orders.open().pool({ max: 2, acquireTimeoutMs: 300 });
  const nested = () => pool.use(() => pool.use((client) => client.ping()));
  const [error] = await Promise.allSettled([nested(), nested()]);
  expect(error).toMatchObject({
    status: 'rejected',
    reason: { code: 'HYG_ACQUIRE_TIMEOUT', details: { idleLeases: 2 } },
  });
  expect(String((error as PromiseRejectedResult).reason)).toContain('a use() within a use()');
});

test('leases that are at work are no hint of a use() within a use()', async () => {
  const pool = orders.open().pool({ max: 2, acquireTimeoutMs: 300 });
  const first = pool.use((client) => client.blpop('nothing', 1));
  const idle = await pool.acquire();
  const error = await acquireInVain(pool);
  expect(error.details).toMatchObject({ idleLeases: 1 });
  expect(error.message).not.toContain('use() within');
  await idle.release();
  await first;
});
