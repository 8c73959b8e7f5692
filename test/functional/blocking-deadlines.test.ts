import type { Redis } from 'ioredis';
import { expect, test } from 'vitest';
import { eventually } from '../support/eventually.js';
import { startSharingProxy } from '../support/sharing-proxy.js';
import { useFactory } from '../support/use-factory.js';
import { useRedis } from '../support/use-redis.js';

// A proxy keeps the connections of clients whose server is gone, and swallows what they send. Docker's own proxy does that.

const redis = useRedis();
const orders = useFactory(redis);

const FAST = {
  heartbeatIntervalMs: 1_000,
  heartbeatDeadlineMs: 300,
  stallLimitMs: 1_000,
  reconnectCapMs: 100,
};

const blocking: readonly (readonly [string, (client: Redis) => Promise<unknown>])[] = [
  ['BZPOPMIN', (client) => client.bzpopmin('nothing', 1)],
  ['BLPOP by call()', (client) => client.call('BLPOP', 'nothing', '1')],
  ['BLMPOP', (client) => client.blmpop(1, 1, 'nothing', 'LEFT')],
  ['XREAD BLOCK', (client) => client.xread('BLOCK', 1_000, 'STREAMS', 'nothing', '$')],
  ['WAIT', (client) => client.wait(1, 1_000)],
  ['a command behind BLPOP', (client) => Promise.all([client.blpop('nothing', 1), client.get('k')])],
];

test.for(blocking)('%s that a proxy swallows is rejected after its own timeout', async ([, send]) => {
  await using proxy = await startSharingProxy(redis.server);
  const client = orders.open({ ...FAST, connection: proxy.url }).client();
  await client.ping();
  const stalled: number[] = [];
  orders.factory.on('stalled', ({ silentMs }) => void stalled.push(silentMs));
  proxy.forget();
  await expect(send(client)).rejects.toMatchObject({ code: 'HYG_STALLED' });
  expect(stalled).toHaveLength(1);
  expect(stalled[0]).toBeGreaterThan(1_000 + FAST.heartbeatDeadlineMs);
  await eventually(async () => expect(await client.get('k')).toBeNull());
});

test('a blocking command keeps its connection until its timeout, and one without a timeout always', async () => {
  const client = orders.open(FAST).client();
  const events: string[] = [];
  for (const name of ['stale', 'stalled'] as const) orders.factory.on(name, () => void events.push(name));
  expect(await client.blpop('nothing', 4)).toBeNull();
  const popping = client.blpop('queue', 0);
  await new Promise((resolve) => setTimeout(resolve, 4_000));
  await redis.admin.lpush('queue', 'item');
  expect(await popping).toEqual(['queue', 'item']);
  expect(events).toEqual([]);
  expect(orders.factory.connections()).toMatchObject([{ dials: 1 }]);
});
