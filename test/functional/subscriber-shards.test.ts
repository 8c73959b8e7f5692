import { afterEach, expect, test } from 'vitest';
import { createRedisFactory, type RedisFactory, type Subscriber } from '../../src/index.js';
import { recordSubscriber, type RecordedEvents } from '../support/subscriber-record.js';
import { eventually } from '../support/eventually.js';
import { nodeOf, useCluster } from '../support/use-cluster.js';

const cluster = useCluster();
/** Slot of the shard channel `b`, which belongs to the first node. */
const SLOT = 3_300;
const REFUSED = { code: 'HYG_SUBSCRIBE_REFUSED', message: expect.stringContaining('"b": MOVED') as string };

let factory: RedisFactory | undefined;

afterEach(async () => {
  await factory?.shutdown();
  await eventually(async () => expect(await cluster.servers.rows()).toEqual([]));
});

/** Opens a subscriber at the first node, with the shard channel `b` and the channel `a`. */
async function open(): Promise<{ subscriber: Subscriber; received: string[] } & RecordedEvents> {
  const connection = nodeOf(cluster.servers, 0).url;
  const settings = { service: 'orders', host: 'web-1', reconnectBaseMs: 10, reconnectCapMs: 100 };
  const subscriber = (factory = createRedisFactory({ ...settings, connection })).subscriber();
  const record = recordSubscriber(subscriber);
  const received: string[] = [];
  subscriber.on('smessage', (channel, message) => received.push(`${channel}: ${message}`));
  await Promise.all([subscriber.ssubscribe('b'), subscriber.subscribe('a')]);
  return { subscriber, received, ...record };
}

async function move(from: number, to: number): Promise<void> {
  await cluster.servers.moveSlots(nodeOf(cluster.servers, from), nodeOf(cluster.servers, to), SLOT, SLOT);
}

const ask = (index: number, ...words: readonly string[]) =>
  nodeOf(cluster.servers, index).admin.call(...(words as [string]));

test('a shard channel whose slot moves away is reported as refused, and has a gap until it is back', async () => {
  const { received, events, gaps, failures } = await open();
  await move(0, 1);
  const movedAt = Date.now();
  await eventually(() => expect(failures).toMatchObject([REFUSED]));
  expect(await ask(0, 'PUBLISH', 'a', 'still')).toBe(1);
  expect(await ask(1, 'SPUBLISH', 'b', 'missed')).toBe(0);
  await move(1, 0);
  await eventually(async () => expect(await ask(0, 'SPUBLISH', 'b', 'back')).toBe(1));
  await eventually(() => expect(received).toEqual(['b: back']));
  expect(events).toEqual(['ready', 'a: still', 'gap']);
  expect(gaps).toMatchObject([{ channels: [], shardChannels: ['b'] }]);
  expect(gaps[0]?.from).toBeLessThan(movedAt);
  expect(gaps[0]?.to).toBeGreaterThanOrEqual(movedAt);
  expect(failures).toHaveLength(1);
});

test('a shard channel of another node is refused, and does not delay other channels after a loss', async () => {
  const { subscriber, events, failures } = await open();
  await expect(subscriber.ssubscribe('c')).rejects.toMatchObject({ code: REFUSED.code });
  await move(0, 1);
  await eventually(() => expect(failures).toHaveLength(1));
  await ask(0, 'CLIENT', 'KILL', 'TYPE', 'pubsub');
  await eventually(() => expect(events.filter((event) => event === 'ready')).toHaveLength(2));
  expect(await ask(0, 'PUBLISH', 'a', 'still')).toBe(1);
  await eventually(() => expect(events.at(-1)).toBe('a: still'));
  await expect(subscriber.ssubscribe('b')).rejects.toMatchObject(REFUSED);
  expect(subscriber.desiredSubscriptions()).toEqual({ channels: ['a'], patterns: [], shardChannels: ['b'] });
  await move(1, 0);
});

test('a shard channel that was unsubscribed before is not requested again', async () => {
  const { subscriber, failures } = await open();
  await subscriber.sunsubscribe('b');
  await eventually(async () => expect(await ask(0, 'PUBSUB', 'SHARDNUMSUB', 'b')).toEqual(['b', 0]));
  await subscriber.ssubscribe('b');
  expect(await ask(0, 'SPUBLISH', 'b', '1')).toBe(1);
  expect(failures).toEqual([]);
});
