import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { quietNow } from '../support/quiet-clock.js';
import { useFactory } from '../support/use-factory.js';
import { useRedis } from '../support/use-redis.js';

const redis = useRedis();
const the = useFactory(redis);
const CLOSED = { code: 'HYG_POOL_CLOSED' };
const REFUSED = { host: '127.0.0.1', port: 1 };

async function durationOf(work: Promise<unknown>): Promise<number> {
  const start = quietNow();
  await work;
  return quietNow() - start;
}

describe('closing a pool', () => {
  test('refuses waiting callers at once, and waits for leases', async () => {
    const factory = the.open();
    const pool = factory.pool({ max: 1 });
    const lease = await pool.acquire();
    const waiting = Promise.allSettled([pool.acquire(), pool.use((client) => client.ping())]);
    const closing = pool.close();
    expect(pool.close({ timeoutMs: 5_000 })).toBe(closing);
    expect(await waiting).toMatchObject([{ reason: CLOSED }, { reason: CLOSED }]);
    await expect(pool.acquire()).rejects.toMatchObject(CLOSED);
    expect(await lease.client.ping()).toBe('PONG');
    await lease.client.select(3);
    await lease.release();
    expect(await closing).toEqual({ closed: 1, forced: 0, leases: [] });
    expect(factory.connections()).toEqual([]);
    expect(await redis.names()).toEqual([]);
    expect(pool.statistics()).toMatchObject({ size: 0, used: 0, closed: { closed: 1 } });
  });

  test('reports the leases that were not released, and ends them', async () => {
    const factory = the.open();
    const pool = factory.pool({ max: 3 });
    async function leaky(): Promise<unknown> {
      return pool.acquire();
    }
    await leaky();
    const hanging = pool.use(function stuck(client) {
      return client.blpop('nothing', 0);
    });
    const rejected = expect(hanging).rejects.toThrow('Connection is closed.');
    await pool.use((client) => client.ping());
    const report = await pool.close({ timeoutMs: 100 });
    expect(report).toMatchObject({ closed: 1, forced: 2, leases: [{ name: 'leaky' }, { name: 'stuck' }] });
    for (const { location, heldMs } of report.leases) {
      expect(location).toMatch(/pool-close\.test\.ts:\d+:\d+$/);
      expect(heldMs).toBeGreaterThanOrEqual(99);
    }
    await rejected;
    expect(factory.connections()).toEqual([]);
    expect(await redis.names()).toEqual([]);
  });

  test('reports a lease whose connection broke, and does not wait for it beyond the timeout', async () => {
    const pool = the.open().pool({ max: 1 });
    const lease = await pool.acquire();
    await redis.admin.client('KILL', 'ID', await lease.client.client('ID'));
    await sleep(50);
    expect(pool.statistics()).toMatchObject({ size: 0, used: 0, closed: { lost: 1 } });
    expect(await pool.close({ timeoutMs: 50 })).toMatchObject({ closed: 0, forced: 0, leases: [{}] });
    await lease.release();
  });

  test.for<readonly [string, object]>([
    ['the port is refused', REFUSED],
    ['the host does not answer', { host: '203.0.113.1', connectTimeout: 5_000 }],
  ])('ends dials when %s', async ([, connection]) => {
    const factory = the.open();
    const pool = factory.pool({ max: 2, min: 1, connection });
    const waiting = Promise.allSettled([pool.acquire(), pool.acquire(), pool.acquire()]);
    await sleep(100);
    expect(await durationOf(pool.close())).toBeLessThan(1_000);
    expect(await waiting).toMatchObject([{ reason: CLOSED }, { reason: CLOSED }, { reason: CLOSED }]);
    expect(factory.connections()).toEqual([]);
    await factory.pool({ max: 10 }).close();
  });

  test('ends at once while the first connection is being opened', async () => {
    const pool = the.open().pool({ max: 1 });
    const waiting = pool.acquire().catch((error: unknown) => error);
    expect(await pool.close()).toMatchObject({ forced: 0, leases: [] });
    expect(await waiting).toMatchObject(CLOSED);
    expect(await redis.names()).toEqual([]);
  });

  test('waits for a connection that is being reset', async () => {
    const pool = the.open().pool({ max: 1 });
    await pool.use((client) => client.select(3));
    expect(pool.statistics()).toMatchObject({ size: 1, idle: 0, used: 0, resetting: 1 });
    expect(await pool.close()).toEqual({ closed: 1, forced: 0, leases: [] });
    expect(await redis.names()).toEqual([]);
  });

  test('ends by its timeout when called within use()', async () => {
    const pool = the.open().pool({ max: 1 });
    const report = await pool.use(() => pool.close({ timeoutMs: 50 }));
    expect(report).toMatchObject({ forced: 1, leases: [{ name: '(anonymous)' }] });
  });

  test('does not wait for a backoff', async () => {
    const pool = the.open().pool({ max: 1 });
    for (let i = 0; i < 7; i += 1) {
      // The connection is lost before it has answered anything.
      const kill = () => redis.admin.call('CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'yes');
      await pool.use(async () => void (await kill()));
      await sleep(20);
    }
    const waiting = pool.acquire().catch((error: unknown) => error);
    await sleep(10);
    expect(await durationOf(pool.close())).toBeLessThan(1_000);
    expect(await waiting).toMatchObject(CLOSED);
  });
});

describe('shutdown', () => {
  test('waits for leases, whose connections work meanwhile', async () => {
    const factory = the.open();
    const pool = factory.pool({ max: 2 });
    await pool.use((client) => client.ping());
    const work = pool.use(async (client) => {
      await sleep(100);
      return client.get('k');
    });
    const report = await factory.shutdown({ timeoutMs: 2_000 });
    expect(await work).toBeNull();
    expect(report).toMatchObject({ leases: [], forced: 0 });
    expect(await redis.names()).toEqual([]);
  });

  test.for([200, 1_000, 3_000])('of %i ms reports leaked leases within its deadline', async (timeoutMs) => {
    const factory = the.open();
    const pool = factory.pool({ max: 2 });
    async function leaky(): Promise<void> {
      const lease = await pool.acquire();
      void lease.client.blpop('nothing', 0).catch(() => undefined);
    }
    await leaky();
    const ms = await durationOf(factory.shutdown({ timeoutMs }));
    expect(ms).toBeLessThan(timeoutMs + 150);
    const { leases } = await factory.shutdown();
    expect(leases).toMatchObject([{ name: 'leaky', lastCommand: 'blpop', pool: pool.name }]);
    expect(await redis.names()).toEqual([]);
  });

  test('shortens the wait of a pool that is closing already, and reports its leases', async () => {
    const factory = the.open();
    const pool = factory.pool({ max: 1 });
    async function leaky(): Promise<void> {
      await pool.acquire();
    }
    await leaky();
    const closing = pool.close({ timeoutMs: 60_000 });
    const { leases } = await factory.shutdown({ timeoutMs: 500 });
    expect(leases).toMatchObject([{ name: 'leaky' }]);
    expect(await closing).toMatchObject({ leases });
  });

  test('ends in time with a paused server, a borrower that hangs, and a pool that is closing already', async () => {
    const factory = the.open();
    const [pool, other] = [factory.pool({ max: 2 }), factory.pool({ max: 1, role: 'other' })];
    await pool.acquire();
    await pool.use((client) => client.select(2));
    await other.acquire();
    void other.close({ timeoutMs: 60_000 });
    await redis.server.pause();
    try {
      const ms = await durationOf(factory.shutdown({ timeoutMs: 1_000 }));
      expect(ms).toBeLessThan(1_150);
      expect(factory.connections()).toEqual([]);
    } finally {
      await redis.server.resume();
    }
  });
});
