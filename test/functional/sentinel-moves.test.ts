import { Redis as Raw, type Redis } from 'ioredis';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createRedisFactory, type RedisFactory } from '../../src/index.js';
import { eventually } from '../support/eventually.js';
import { useSentinels } from '../support/use-sentinels.js';

/** Time limit for a failover and its clients, on a machine that runs many tests at once. */
const FAILOVER_LIMIT_MS = 30_000;

const topology = useSentinels();
let factory: RedisFactory;
let [from, to] = [0, 0];
const failovers: object[] = [];
const gaps: object[] = [];
const messages: string[] = [];
let clients: Record<'plain' | 'library' | 'duplicate' | 'withoutDetector' | 'blocked', Redis>;
let popped: Promise<unknown>;
let pipeline: Promise<unknown>;

async function portOf(client: Redis): Promise<number> {
  return Number(/^tcp_port:(\d+)/m.exec(await client.info('server'))?.[1]);
}

/** Opens one client of each kind and triggers one failover. The tests check the outcome for each of them. */
beforeAll(async () => {
  factory = createRedisFactory({ service: 'orders', host: 'web-1', connection: topology().connection });
  factory.on('failover', (failover) => failovers.push(failover));
  const plain = factory.client();
  clients = {
    plain,
    library: new Raw(factory.options('cache')),
    duplicate: plain.duplicate(),
    withoutDetector: factory.client({ failoverDetector: false, connectionName: 'no-detector' }),
    blocked: factory.client({ connectionName: 'blocked' }),
  };
  for (const client of Object.values(clients)) client.on('error', () => undefined);
  const subscriber = factory.subscriber();
  subscriber.on('gap', (gap) => gaps.push(gap));
  subscriber.on('message', (_channel, message) => messages.push(message));
  await subscriber.subscribe('news');
  from = await portOf(plain);
  expect(await Promise.all(Object.values(clients).map(portOf))).toEqual(Array(5).fill(from));
  await eventually(() =>
    expect(factory.connections().filter(({ role }) => role === 'sentinel')).toHaveLength(3),
  );

  popped = clients.blocked.blpop('list', 0);
  popped.catch(() => undefined);
  const start = Date.now();
  const moving = topology().failover();
  pipeline = writeUntil(start);
  ({ to } = await moving);
  await pipeline;
}, 120_000);
afterAll(() => factory.shutdown());

/** Sends pipelines without a pause, so that one is in flight when the master moves. Each is answered or rejected. */
async function writeUntil(start: number): Promise<void> {
  while (Date.now() - start < FAILOVER_LIMIT_MS && failovers.length === 0) {
    await clients.plain
      .pipeline()
      .set('a', 1)
      .set('b', 2)
      .exec()
      .catch(() => undefined);
  }
}

test('the factory reports the failover once, with all its fields', () => {
  expect(failovers).toEqual([
    {
      at: expect.any(Number) as number,
      master: topology().name,
      from: `127.0.0.1:${from}`,
      to: `127.0.0.1:${to}`,
      detectedBy: expect.stringMatching(/^(switch-master|query)$/) as string,
      sentinel: expect.toSatisfy((text: string) =>
        topology().sentinels.some(({ port }) => text === `127.0.0.1:${port}`),
      ) as string,
      clients: 5, // all but withoutDetector, and the subscriber
      pending: 0,
      durationMs: expect.any(Number) as number,
    },
  ]);
});

test.for(['plain', 'library', 'duplicate', 'withoutDetector'] as const)(
  'the client "%s" is connected to the new master',
  async (kind) => {
    await eventually(async () => expect(await portOf(clients[kind])).toBe(to), FAILOVER_LIMIT_MS);
    expect(await clients[kind].set(kind, 'value')).toBe('OK');
  },
);

test('a blocked command is sent again to the new master, once', async () => {
  await eventually(async () => {
    const rows = await (await topology().master()).rows();
    expect(
      rows.filter(({ name, flags }) => name === 'orders@web-1#blocked' && flags.includes('b')),
    ).toHaveLength(1);
  }, FAILOVER_LIMIT_MS);
  await clients.plain.rpush('list', 'item');
  expect(await popped).toEqual(['list', 'item']);
  expect(await clients.plain.llen('list')).toBe(0);
});

test('the subscriber reports its gap, and receives messages from the new master', async () => {
  await eventually(() => expect(gaps).toMatchObject([{ channels: ['news'] }]), FAILOVER_LIMIT_MS);
  expect(await clients.plain.publish('news', 'after')).toBe(1);
  await eventually(() => expect(messages).toEqual(['after']));
});

test('no connection is left on the former master, and each sentinel has one', async () => {
  const former = topology().servers.find(({ port }) => port === from);
  await eventually(async () => expect(await former?.rows()).toEqual([]), FAILOVER_LIMIT_MS);
  await eventually(async () => {
    const rows = await Promise.all(topology().sentinels.map((sentinel) => sentinel.rows()));
    expect(rows.map((list) => list.map(({ name }) => name))).toEqual(
      Array(3).fill(['orders@web-1#sentinel']),
    );
  });
});
