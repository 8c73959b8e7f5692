import { expect, test } from 'vitest';
import { useFactory } from '../support/use-factory.js';
import { useRedis } from '../support/use-redis.js';

const redis = useRedis();
const the = useFactory(redis);

test('lends and takes back', async () => {
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
  const lease = await pool.acquire();
  await lease.client.watch('a');
  await lease.client.select(3);
  await lease.release();
  await expect(lease.client.get('a')).rejects.toMatchObject({ code: 'HYG_LEASE_ENDED' });
  const again = lease.release();
  await expect(again).rejects.toMatchObject({ code: 'HYG_LEASE_ENDED' });
  expect(await pool.close()).toEqual({ closed: 3, forced: 0, leases: [] });
});
