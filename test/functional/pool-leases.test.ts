import type { Redis } from 'ioredis';
import { expect, test } from 'vitest';
import type { HygieneError } from '../../src/index.js';
import { useFactory } from '../support/use-factory.js';
import { useRedis } from '../support/use-redis.js';

const redis = useRedis();
const the = useFactory(redis);
const ENDED = { code: 'HYG_LEASE_ENDED' };
const THIS_FILE = 'pool-leases.test.ts';

test('after its lease a client refuses all work, and names its borrower', async () => {
  const pool = the.open().pool({ max: 1 });
  const lease = await pool.acquire();
  const { client } = lease;
  const pipeline = client.pipeline().set('late', 1);
  const multi = client.multi().set('late', 1);
  const scan = client.scanStream();
  client.defineCommand('late', { numberOfKeys: 0, lua: "return redis.call('set', 'late', 1)" });
  await lease.release();

  await expect(client.set('late', 1)).rejects.toMatchObject(ENDED);
  await expect(client.call('set', 'late', '1')).rejects.toMatchObject(ENDED);
  await expect((client as Redis & { late(): Promise<unknown> }).late()).rejects.toMatchObject(ENDED);
  await expect(multi.exec()).rejects.toMatchObject(ENDED);
  expect(await pipeline.exec()).toMatchObject([[ENDED]]);
  expect(await client.pipeline().set('late', 1).exec()).toMatchObject([[ENDED]]);
  await expect(scan.toArray()).rejects.toMatchObject(ENDED);
  await expect(client.connect()).rejects.toMatchObject(ENDED);
  for (const call of [() => client.disconnect(), () => client.duplicate(), () => client.on('end', () => 0)]) {
    expect(call).toThrow(expect.objectContaining(ENDED) as Error);
  }
  expect(client.off('end', () => 0).removeAllListeners()).toBe(client);

  const error = (await client.get('late').catch((reason: unknown) => reason)) as HygieneError;
  expect(error.message).toContain(`its lease had ended: it was released. It was borrowed by`);
  expect(error.message).toContain(THIS_FILE);
  expect(await redis.admin.get('late')).toBeNull();
  expect(await pool.use((next) => next.ping())).toBe('PONG');
});

test('a call that comes after the lease does not reach the next borrower', async () => {
  const pool = the.open().pool({ max: 1 });
  const late: unknown[] = [];
  await pool.use((client) => {
    setTimeout(() => void client.set('late', 1).catch((error: unknown) => late.push(error)), 5);
  });
  await pool.use(async (client) => {
    await new Promise((resolve) => setTimeout(resolve, 30));
    expect(await client.get('late')).toBeNull();
  });
  expect(late).toMatchObject([ENDED]);
});

test('auto-pipelining does not move commands from one lease into another', async () => {
  const pool = the.open().pool({ max: 1, connection: { enableAutoPipelining: true } });
  const kept: { client?: Redis } = {};
  const sent: unknown[] = [];
  await pool.use((client) => {
    kept.client = client;
    void client.incr('in time').then((reply) => sent.push(reply));
  });
  await pool.use(async (client) => {
    const late = kept.client?.set('late', 1).catch((error: unknown) => error);
    expect(await client.get('in time')).toBe('1');
    expect(await late).toMatchObject(ENDED);
    expect(await client.get('late')).toBeNull();
  });
  expect(sent).toEqual([1]);
});

test('the error of a second release names both callers', async () => {
  const pool = the.open().pool({ max: 1 });
  const lease = await pool.acquire();
  async function first(): Promise<void> {
    await lease.release();
  }
  async function second(): Promise<void> {
    await lease.release();
  }
  await first();
  const error = (await second().catch((reason: unknown) => reason)) as HygieneError;
  expect(error).toMatchObject(ENDED);
  expect(error.message).toMatch(
    new RegExp(`first by first \\(.*${THIS_FILE}:\\d+.* then by second \\(.*${THIS_FILE}:\\d+`),
  );
  expect(error.details).toMatchObject({ first: { name: 'first' }, second: { name: 'second' } });
  await lease[Symbol.asyncDispose]();
  expect(pool.statistics()).toMatchObject({ idle: 1, use: { count: 1 } });
});

test('pool.release() takes a lease or its client, and captures its own caller', async () => {
  const pool = the.open().pool({ max: 1 });
  async function releaseLease(): Promise<void> {
    await pool.release(lease.client);
  }
  const lease = await pool.acquire();
  await releaseLease();
  await expect(pool.release(lease)).rejects.toThrow(/first by releaseLease \(.*pool-leases/);
  // A release within use() is not a second one.
  await pool.use((client) => pool.release(client));
  expect(pool.statistics()).toMatchObject({ idle: 1, used: 0, use: { count: 2 } });
});

test('release() can be called without its lease, and captures its own caller', async () => {
  const pool = the.open().pool({ max: 1 });
  const { client, release } = await pool.acquire();
  expect(await client.ping()).toBe('PONG');
  async function releaseLease(): Promise<void> {
    await release();
  }
  await releaseLease();
  expect(pool.statistics()).toMatchObject({ idle: 1, used: 0 });
  await expect(release()).rejects.toThrow(/first by releaseLease \(.*pool-leases/);
});

test('a lease ends with its `await using` block', async () => {
  const pool = the.open().pool({ max: 1 });
  const kept: { client?: Redis } = {};
  {
    await using lease = await pool.acquire();
    kept.client = lease.client;
    expect(await lease.client.ping()).toBe('PONG');
    expect(pool.statistics().used).toBe(1);
  }
  expect(pool.statistics().used).toBe(0);
  await expect(kept.client.ping()).rejects.toMatchObject(ENDED);
});

test('pool.release() refuses what is not a lease of the pool', async () => {
  const factory = the.open();
  const [pool, other] = [factory.pool({ max: 1 }), factory.pool({ max: 1 })];
  const lease = await other.acquire();
  const values = [undefined, null, 1, 'lease', {}, factory.client(), lease, lease.client];
  for (const value of values) {
    await expect(pool.release(value as Redis)).rejects.toMatchObject({ code: 'HYG_LEASE_UNKNOWN' });
  }
  expect(await lease.client.ping()).toBe('PONG');
  await lease.release();
});

test('an overdue lease is reported once, with its line and its last command, and again when it is released', async () => {
  const factory = the.open();
  const events: [string, object][] = [];
  factory.on('lease-overdue', (event) => events.push(['overdue', event]));
  factory.on('lease-returned', (event) => events.push(['returned', event]));
  const pool = factory.pool({ max: 1, leaseWarnMs: 50 });
  const sleep = () => new Promise((resolve) => setTimeout(resolve, 150));
  await pool.use((client) => client.set('secret', 'value'));
  await pool.use(async function slow() {
    await sleep();
  });
  expect(events).toMatchObject([
    ['overdue', { pool: pool.name, name: 'slow', lastCommand: undefined }],
    ['returned', { name: 'slow' }],
  ]);
  events.length = 0;
  const lease = await pool.acquire();
  await lease.client.set('secret', 'value');
  await sleep();
  await lease.release();
  expect(events).toMatchObject([
    ['overdue', { lastCommand: 'set' }],
    ['returned', {}],
  ]);
  expect(JSON.stringify(events)).toContain(THIS_FILE);
  expect(JSON.stringify(events)).not.toMatch(/secret|value/);
});

test('leaseMaxMs ends a lease by force, and the pool keeps working', async () => {
  const factory = the.open();
  const pool = factory.pool({ max: 1, leaseMaxMs: 50 });
  const lease = await pool.acquire();
  const popped = lease.client.blpop('nothing', 0);
  await expect(popped).rejects.toThrow('Connection is closed.');
  await expect(lease.client.ping()).rejects.toThrow(/ended by force, after leaseMaxMs/);
  expect(await pool.use((client) => client.ping())).toBe('PONG');
  await lease.release();
  expect(pool.statistics()).toMatchObject({ used: 0, closed: { revoked: 1 }, use: { count: 2 } });
});
