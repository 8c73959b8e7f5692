import { Redis as Raw, type Redis } from 'ioredis';
import { expect, test } from 'vitest';
import { createRedisFactory, type RedisFactory, type SuspectEvent } from '../../src/index.js';
import { eventually } from '../support/eventually.js';
import { useFactory } from '../support/use-factory.js';
import { useRedis } from '../support/use-redis.js';

const redis = useRedis();
const orders = useFactory(redis);

function recordSuspects(factory: RedisFactory): SuspectEvent[] {
  const events: SuspectEvent[] = [];
  factory.on('suspect', (event) => events.push(event));
  return events;
}

/** The line that opens too many clients. */
function leak(factory: RedisFactory): Redis {
  return factory.client();
}

function leakMany(factory: RedisFactory, count: number): Redis[] {
  return Array.from({ length: count }, () => leak(factory));
}

const thisLine = expect.stringMatching(/^leak \(.*suspects\.test\.ts:\d+:\d+\)$/) as string;

test('the eleventh client of a line is reported, with the line and the connection', () => {
  const events = recordSuspects(orders.open());
  leakMany(orders.factory, 10);
  expect(events).toEqual([]);
  leakMany(orders.factory, 5);
  expect(events).toEqual([
    {
      at: expect.any(Number),
      location: thisLine,
      count: 11,
      limit: 10,
      callSite: [thisLine, expect.any(String), expect.any(String)],
      connection: expect.objectContaining({ name: 'orders@web-1', state: 'connecting' }),
    },
  ]);
  expect(events[0]?.connection.id).toBe(orders.factory.connections()[10]?.id);
  expect(events[0]?.callSite).toEqual(events[0]?.connection.callSite);
});

test('a line is reported again after its count has fallen to half of the limit', async () => {
  const events = recordSuspects(orders.open({ limits: { perCallSite: 4 } }));
  const clients = leakMany(orders.factory, 6);
  const close = async (count: number) => {
    const remaining = orders.factory.connections().length - count;
    for (const client of clients.splice(0, count)) client.disconnect();
    await eventually(() => expect(orders.factory.connections()).toHaveLength(remaining));
  };
  await Promise.all(clients.map((client) => client.ping()));
  await close(3);
  clients.push(...leakMany(orders.factory, 3));
  expect(events).toHaveLength(1);
  await Promise.all(clients.map((client) => client.ping()));
  await close(4);
  leakMany(orders.factory, 3);
  expect(events).toMatchObject([{ count: 5 }, { count: 5 }]);
});

test('a client that reconnects is counted once', async () => {
  const events = recordSuspects(orders.open({ limits: { perCallSite: 2 } }));
  const clients = leakMany(orders.factory, 2);
  for (const dials of [1, 2, 3]) {
    await Promise.all(clients.map((client) => client.ping()));
    expect(orders.factory.connections()).toMatchObject([{ dials }, { dials }]);
    await redis.admin.call('CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'yes');
  }
  expect(events).toEqual([]);
});

test('duplicates and clients of libraries are counted for the line that creates them', async () => {
  const events = recordSuspects(orders.open({ limits: { perCallSite: 2 } }));
  const client = orders.factory.client();
  for (let copies = 0; copies < 3; copies += 1) client.duplicate();
  expect(events).toMatchObject([{ count: 3, connection: { parent: orders.factory.connections()[0]?.id } }]);
  const libraries = Array.from({ length: 3 }, () => new Raw(orders.factory.options('queue')));
  expect(events).toMatchObject([{}, { count: 3, connection: { role: 'queue' } }]);
  await Promise.all(libraries.map((library) => library.quit()));
});

test('each factory has its own counts', async () => {
  const events = recordSuspects(orders.open({ limits: { perCallSite: 2 } }));
  const other = createRedisFactory({ service: 'orders', host: 'web-1', connection: redis.server.url });
  for (const factory of [orders.factory, other]) leakMany(factory, 2);
  expect(events).toEqual([]);
  await other.shutdown();
});

test('with callSiteFrames: 0 no line is reported', () => {
  const events = recordSuspects(orders.open({ limits: { perCallSite: 1 }, callSiteFrames: 0 }));
  leakMany(orders.factory, 5);
  expect(events).toEqual([]);
});

test('factories that one line creates again and again are found by their clients', async () => {
  const events: SuspectEvent[] = [];
  const factories = Array.from({ length: 12 }, () => {
    const factory = createRedisFactory({ service: 'orders', connection: redis.server.url });
    factory.on('suspect', (event) => events.push(event));
    factory.client();
    return factory;
  });
  await Promise.all(factories.map((factory) => factory.shutdown()));
  expect(events.map(({ count }) => count)).toEqual([11, 12]);
});
