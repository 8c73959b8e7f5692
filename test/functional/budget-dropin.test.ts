import { Redis as Raw } from 'ioredis';
import { beforeAll, expect, test } from 'vitest';
import { configure, defaultFactory } from '../../src/dropin/default-factory.js';
import { Cluster, Redis } from '../../src/dropin/enforced-classes.js';
import type { SuspectEvent } from '../../src/index.js';
import { eventually } from '../support/eventually.js';
import { expectNothingCounted, full, waitForUsed } from '../support/use-budget.js';
import { useRedis } from '../support/use-redis.js';

const redis = useRedis();
const address = () => [redis.server.port, redis.server.host] as const;

beforeAll(() => {
  configure({ service: 'orders', host: 'web-1', limits: { connections: 2, perCallSite: 1 } });
});
expectNothingCounted(async () => {
  await Promise.all(open.splice(0).map((client) => client.quit()));
});

const open: Raw[] = [];

class Cache extends Redis {}

test('new Redis, a subclass, createClient, new Cluster and duplicate() throw if the budget is full', async () => {
  const suspects: SuspectEvent[] = [];
  defaultFactory().on('suspect', (event) => suspects.push(event));
  for (let opened = 0; opened < 2; opened += 1) open.push(new Redis(...address()));
  expect(suspects).toMatchObject([
    { count: 2, limit: 1, location: expect.stringContaining('budget-dropin.test.ts') as string },
  ]);

  const { createClient } = Redis as unknown as { createClient(port: number, host: string): Raw };
  for (const attempt of [
    () => new Redis(...address()),
    () => new Cache(...address()),
    () => createClient(...address()),
    () => new Cluster([{ host: '127.0.0.1', port: 1 }]),
    () => open[0]?.duplicate(),
  ]) {
    expect(attempt).toThrow(full);
  }
  await Promise.all(open.map((client) => client.ping()));
  expect(await redis.rows()).toHaveLength(2);

  await open.shift()?.quit();
  await waitForUsed(1);
  const cache = new Cache(...address());
  open.push(cache);
  expect(await cache.ping()).toBe('PONG');
});

test('clients of plain ioredis are neither counted nor refused', async () => {
  const raw = [1, 2, 3].map(() => new Raw(...address()));
  await Promise.all(raw.map((client) => client.ping()));
  expect(defaultFactory().connections()).toEqual([]);
  raw.forEach((client) => client.disconnect());
  await eventually(async () => expect(await redis.rows()).toEqual([]));
});
