import { expect, test } from 'vitest';
import { processPoolTotals } from '../../src/factory/pool-totals.js';
import { useFactory } from '../support/use-factory.js';
import { useRedis } from '../support/use-redis.js';

const redis = useRedis();
const orders = useFactory(redis);

test('a lease that outlives its pool is counted in the totals when it ends, as in statistics()', async () => {
  const pool = orders.open({ service: 'long-leases' }).pool({ max: 1 });
  const uses = () =>
    processPoolTotals
      .read()
      .filter(({ labels }) => labels['service'] === 'long-leases')
      .map(({ use }) => use.read().count);
  const lease = await pool.acquire();
  await pool.close({ timeoutMs: 10 });
  expect(uses()).toEqual([0]);
  await lease.release();
  expect([uses(), pool.statistics().use.count]).toEqual([[1], 1]);
});
