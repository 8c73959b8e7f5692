import { Redis as Raw, type Redis } from 'ioredis';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createRedisFactory, type RedisFactory } from '../../src/index.js';
import { eventually } from '../support/eventually.js';
import { useSentinels } from '../support/use-sentinels.js';

/** From the question for a failover until everything has moved, on a machine full of tests. */
const MOVED_MS = 30_000;

const the = useSentinels();
let factory: RedisFactory;
let [from, to] = [0, 0];
const failovers: object[] = [];
const gaps: object[] = [];
const messages: string[] = [];
let clients: Record<'ours' | 'library' | 'copy' | 'deaf' | 'blocked', Redis>;
let popped: Promise<unknown>;
let pipeline: Promise<unknown>;

async function portOf(client: Redis): Promise<number> {
  return Number(/^tcp_port:(\d+)/m.exec(await client.info('server'))?.[1]);
}

/** One of each kind, one failover, and then it is looked at what became of them. */
beforeAll(async () => {
  factory = createRedisFactory({ service: 'orders', host: 'web-1', connection: the().connection });
  factory.on('failover', (failover) => failovers.push(failover));
  const ours = factory.client();
  clients = {
    ours,
    library: new Raw(factory.options('cache')),
    copy: ours.duplicate(),
    deaf: factory.client({ failoverDetector: false, connectionName: 'deaf' }),
    blocked: factory.client({ connectionName: 'blocked' }),
  };
  for (const client of Object.values(clients)) client.on('error', () => undefined);
  const subscriber = factory.subscriber();
  subscriber.on('gap', (gap) => gaps.push(gap));
  subscriber.on('message', (_channel, message) => messages.push(message));
  await subscriber.subscribe('news');
  from = await portOf(ours);
  expect(await Promise.all(Object.values(clients).map(portOf))).toEqual(Array(5).fill(from));
  await eventually(() =>
    expect(factory.connections().filter(({ role }) => role === 'sentinel')).toHaveLength(3),
  );

  popped = clients.blocked.blpop('list', 0);
  popped.catch(() => undefined);
  const start = Date.now();
  const moving = the().failover();
  pipeline = writeUntil(start);
  ({ to } = await moving);
  await pipeline;
}, 120_000);
afterAll(() => factory.shutdown());

/** Pipelines without a pause, so that one is under way when the master moves. Each is answered whole or rejected. */
async function writeUntil(start: number): Promise<void> {
  while (Date.now() - start < MOVED_MS && failovers.length === 0) {
    await clients.ours
      .pipeline()
      .set('a', 1)
      .set('b', 2)
      .exec()
      .catch(() => undefined);
  }
}

test('the factory tells of it once: from, to, how it was learned, by whom, how long', () => {
  expect(failovers).toEqual([
    {
      at: expect.any(Number) as number,
      master: the().name,
      from: `127.0.0.1:${from}`,
      to: `127.0.0.1:${to}`,
      learned: expect.stringMatching(/^(switch-master|asked)$/) as string,
      sentinel: expect.toSatisfy((text: string) =>
        the().sentinels.some(({ port }) => text === `127.0.0.1:${port}`),
      ) as string,
      clients: 5, // without the deaf one: ours, its copy, the library's, the blocked one, the subscriber
      waiting: 0,
      durationMs: expect.any(Number) as number,
    },
  ]);
});

test.for(['ours', 'library', 'copy', 'deaf'] as const)(
  'the client "%s" is at the new master',
  async (kind) => {
    await eventually(async () => expect(await portOf(clients[kind])).toBe(to), MOVED_MS);
    expect(await clients[kind].set(kind, 'value')).toBe('OK');
  },
);

test('who waited for an item waits for it at the new master, once', async () => {
  await eventually(async () => {
    const rows = await (await the().master()).rows();
    expect(
      rows.filter(({ name, flags }) => name === 'orders@web-1#blocked' && flags.includes('b')),
    ).toHaveLength(1);
  }, MOVED_MS);
  await clients.ours.rpush('list', 'item');
  expect(await popped).toEqual(['list', 'item']);
  expect(await clients.ours.llen('list')).toBe(0);
});

test('a subscriber has moved, tells its gap, and hears what is published there', async () => {
  await eventually(() => expect(gaps).toMatchObject([{ channels: ['news'] }]), MOVED_MS);
  expect(await clients.ours.publish('news', 'after')).toBe(1);
  await eventually(() => expect(messages).toEqual(['after']));
});

test('nobody is left at the former master, and the sentinels have one connection each', async () => {
  const former = the().servers.find(({ port }) => port === from);
  await eventually(async () => expect(await former?.rows()).toEqual([]), MOVED_MS);
  await eventually(async () => {
    const rows = await Promise.all(the().sentinels.map((sentinel) => sentinel.rows()));
    expect(rows.map((list) => list.map(({ name }) => name))).toEqual(
      Array(3).fill(['orders@web-1#sentinel']),
    );
  });
});
