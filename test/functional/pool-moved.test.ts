import { expect, test } from 'vitest';
import { createRedisFactory, type Pool } from '../../src/index.js';
import { eventually } from '../support/eventually.js';
import { watchersSubscribed } from '../support/sentinels/watchers.js';
import { useSentinels } from '../support/use-sentinels.js';
import { useFactory } from '../support/use-factory.js';
import { useRedis } from '../support/use-redis.js';

const redis = useRedis();
const the = useFactory(redis);
const sentinels = useSentinels();

/** Opens three connections at the same time. Returns their ids. */
async function openThree(pool: Pool): Promise<number[]> {
  const leases = await Promise.all([1, 2, 3].map(() => pool.acquire()));
  const ids = await Promise.all(leases.map(({ client }) => client.client('ID')));
  await Promise.all(leases.map((lease) => lease.release()));
  return ids;
}

test('clear() closes idle connections at once, and those in use when they are released', async () => {
  const pool = the.open().pool({ max: 3 });
  const ids = await openThree(pool);
  const lease = await pool.acquire();
  pool.clear();
  await eventually(async () => expect(await redis.rows()).toHaveLength(1));
  expect(await lease.client.ping()).toBe('PONG');
  await eventually(() =>
    expect(pool.statistics()).toMatchObject({ size: 1, used: 1, idle: 0, closed: { moved: 2 } }),
  );
  await lease.release();
  await eventually(async () => expect(await redis.rows()).toHaveLength(0));
  expect(ids).not.toContain(await pool.use((client) => client.client('ID')));
  expect(pool.statistics()).toMatchObject({ size: 1, created: 4, closed: { moved: 3 } });
});

test('a READONLY reply replaces all connections', async () => {
  const pool = the.open().pool({ max: 3 });
  await openThree(pool);
  await redis.admin.replicaof('127.0.0.1', 1);
  try {
    await expect(pool.use((client) => client.set('k', 1))).rejects.toThrow('READONLY');
    await eventually(() => expect(pool.statistics()).toMatchObject({ size: 0, closed: { moved: 3 } }));
  } finally {
    await redis.admin.replicaof('NO', 'ONE');
  }
  expect(await pool.use((client) => client.set('k', 1))).toBe('OK');
});

test('writes to a server that stays a replica cause no dial each', async () => {
  const pool = the.open().pool({ max: 3 });
  await redis.admin.replicaof('127.0.0.1', 1);
  try {
    for (let i = 0; i < 50; i += 1) {
      await expect(pool.use((client) => client.set('k', 1))).rejects.toThrow('READONLY');
    }
    // The first reply replaces the connections. The new ones stay for 1 s at least.
    expect(pool.statistics().created).toBeLessThanOrEqual(4);
    expect(await pool.use((client) => client.exists('none'))).toBe(0);
  } finally {
    await redis.admin.replicaof('NO', 'ONE');
  }
});

test('after a failover the pool uses the new master', { timeout: 90_000 }, async () => {
  await using factory = createRedisFactory({
    service: 'orders',
    host: 'web-1',
    connection: sentinels().connection,
  });
  factory.on('error', () => undefined);
  const pool = factory.pool({ max: 3, acquireTimeoutMs: 20_000 });
  await openThree(pool);
  await watchersSubscribed(sentinels().sentinels, 'orders@web-1#sentinel');
  const held = await pool.acquire();
  const old = await sentinels().master();
  const since = Date.now();
  await sentinels().failover();
  const { to } = await sentinels().switched(since);
  await eventually(async () => {
    const port = await pool.use(async (client) => {
      await client.set('k', 'after');
      return (client.stream as unknown as { readonly remotePort: number }).remotePort;
    });
    expect(port).toBe(to);
  });
  expect(to).not.toBe(old.port);
  await held.release();
  await Promise.all([1, 2, 3].map(() => pool.use((client) => client.set('k', 'after'))));
  const { size, closed } = pool.statistics();
  expect(size).toBeLessThanOrEqual(3);
  expect(closed.moved + closed.lost).toBe(3);
  expect(await pool.close()).toMatchObject({ forced: 0, leases: [] });
  const left = await Promise.all(sentinels().servers.map((server) => server.rows()));
  expect(left.flat().filter(({ name }) => name === pool.name)).toEqual([]);
});
