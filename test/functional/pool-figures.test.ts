import { describe, expect, test } from 'vitest';
import { processFactories } from '../../src/factory/process-factories.js';
import { useFactory } from '../support/use-factory.js';
import { useRedis } from '../support/use-redis.js';

const redis = useRedis();
const the = useFactory(redis);

describe('role and target of a pool', () => {
  test.each([{}, { role: 'jobs' }, { role: 'a role@web#1' }])(
    'are those of its connections, with %j',
    async (given) => {
      const factory = the.open();
      const pool = factory.pool({ max: 1, ...given });
      await pool.use((client) => client.ping());
      const { name, role, target } = pool;
      expect(factory.connections()).toMatchObject([{ name, role, target }]);
    },
  );

  test.each([
    ['rediss://user:secret@db.example:6380/2', 'rediss://db.example:6380'],
    ['unix:///run/redis.sock', 'unix:///run/redis.sock'],
    [{ sentinels: [{ host: 'a' }], name: 'orders', password: 'secret' }, 'sentinel://orders'],
  ])('are known before the first connection, without credentials', (connection, target) => {
    expect(the.open({ connection }).pool()).toMatchObject({ role: 'pool', target });
    expect(the.factory.blocking(1)).toMatchObject({ role: 'blocking', target });
  });
});

test('who observes the process sees the histograms and current leases of open pools', async () => {
  const pool = the.open().pool({ max: 2 });
  const observed = () =>
    processFactories.all().flatMap(({ pools }) => pools().filter((managed) => managed.pool === pool));
  await using lease = await pool.acquire();
  await lease.client.ping();
  const [managed] = observed();
  expect(managed?.leases()).toMatchObject([
    { pool: 'orders@web-1#pool', lastCommand: 'ping', stack: expect.stringContaining('pool-figures') },
  ]);
  await lease.release();
  expect(managed?.leases()).toEqual([]);
  expect(managed?.histograms.use.read()).toEqual(pool.statistics().use);
  expect(managed?.histograms.create.read()).toMatchObject({ count: 1 });
  await pool.close();
  expect(observed()).toEqual([]);
});
