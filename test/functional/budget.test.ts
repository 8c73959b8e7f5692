import type { Redis } from 'ioredis';
import { afterEach, describe, expect, test } from 'vitest';
import { createRedisFactory, type HygieneError, type RedisFactory } from '../../src/index.js';
import { eventually } from '../support/eventually.js';
import { expectNothingCounted, full, openFull, waitForUsed } from '../support/use-budget.js';
import { useFactory } from '../support/use-factory.js';
import { useRedis } from '../support/use-redis.js';

const redis = useRedis();
const orders = useFactory(redis);

// afterEach hooks run in reverse order.
afterEach(() => eventually(async () => expect(await redis.names()).toEqual([])));
expectNothingCounted(() => orders.factory.shutdown());

describe('if the budget is full, an exception is thrown by', () => {
  test.for<[string, (factory: RedisFactory, client: Redis) => unknown]>([
    ['client()', (factory) => factory.client()],
    ['subscriber()', (factory) => factory.subscriber()],
    ['cluster()', (factory) => factory.cluster([{ host: '127.0.0.1', port: 1 }])],
    ['duplicate()', (_factory, client) => client.duplicate()],
    ['monitor()', (_factory, client) => client.monitor()],
  ])('%s', async ([, attempt]) => {
    const [client] = await openFull(orders);
    expect(() => attempt(orders.factory, client as Redis)).toThrow(full);
    expect(orders.factory.connections()).toHaveLength(2);
    expect(await redis.names()).toHaveLength(2);
    expect(orders.errors).toEqual([]);

    await client?.quit();
    await waitForUsed(1);
    await orders.factory.client().ping();
    expect(() => orders.factory.client()).toThrow(full);
  });
});

test('the error names the roles and lines of the open connections', async () => {
  await openFull(orders, 3);
  const catchError = (): HygieneError => {
    try {
      orders.factory.client();
    } catch (error) {
      return error as HygieneError;
    }
    return expect.unreachable('The budget is full.');
  };
  expect(catchError().details).toEqual({
    limit: 3,
    used: 3,
    asked: 1,
    refused: 1,
    byRole: { command: 3 },
    byCallSite: [{ location: expect.stringMatching(/use-budget\.ts:\d+:\d+/) as string, count: 3 }],
  });
  expect(catchError().message).toMatch(/In use: 3 \(3 command\)\. Opened: 3 by .*use-budget\.ts:/);
});

test.each(['quit', 'disconnect'] as const)(
  'after %s(), the next client may be opened as soon as the closed event is emitted',
  async (method) => {
    const [client] = await openFull(orders, 1);
    const closed = new Promise((resolve) => orders.factory.on('closed', resolve));
    await Promise.resolve(client?.[method]());
    await closed;
    await orders.factory.client().ping();
  },
);

test('a client that reconnects remains counted', async () => {
  const clients = await openFull(orders, 2);
  await redis.admin.call('CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'yes');
  expect(() => orders.factory.client()).toThrow(full);
  await eventually(() =>
    expect(orders.factory.connections()).toMatchObject([
      { state: 'ready', dials: 2 },
      { state: 'ready', dials: 2 },
    ]),
  );
  await Promise.all(clients.map((client) => client.ping()));
  expect(() => orders.factory.client()).toThrow(full);
  expect(orders.errors).toEqual([]);
});

test('a client that cannot reach its server remains counted between its dials', async () => {
  orders.open({ connection: 'redis://127.0.0.1:1', limits: { connections: 1 } });
  const client = orders.factory.client().on('error', () => undefined);
  await eventually(() => expect(orders.factory.connections()).toMatchObject([{ state: 'reconnecting' }]));
  expect(() => orders.factory.client()).toThrow(full);
  client.disconnect();
  await waitForUsed(0);
});

test('factories share one count, but each has its own limit', async () => {
  await openFull(orders, 2);
  const large = createRedisFactory({
    service: 'orders',
    host: 'web-1',
    connection: redis.server.url,
    limits: { connections: 3 },
  });
  await large.client().ping();
  expect(() => large.client()).toThrow(full);
  expect(() => orders.factory.client()).toThrow(full);
  await large.shutdown();
  await waitForUsed(2);
});

test('a subscriber is no longer counted after close()', async () => {
  orders.open({ limits: { connections: 1 } });
  const subscriber = orders.factory.subscriber();
  await subscriber.subscribe('news');
  expect(() => orders.factory.subscriber()).toThrow(full);
  await subscriber.close();
  await waitForUsed(0);
});
