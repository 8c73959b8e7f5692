import { afterEach, expect, test } from 'vitest';
import { HygieneError } from '../../src/index.js';
import { eventually } from '../support/eventually.js';
import { recordSubscriber } from '../support/subscriber-record.js';
import { useFactory } from '../support/use-factory.js';
import { useRedis } from '../support/use-redis.js';

const redis = useRedis();
const orders = useFactory(redis);

afterEach(async () => {
  await orders.factory.shutdown();
  await eventually(async () => expect(await redis.rows()).toEqual([]));
});

/** Two channels that are the same text when they are decoded as UTF-8. */
const [ONE, OTHER] = [Buffer.of(0x63, 0xff), Buffer.of(0x63, 0xfe)];
const PATTERN = Buffer.of(0x70, 0xff, 0x2a);
const MATCHING = Buffer.of(0x70, 0xff, 0x31);
const SHARD = Buffer.of(0x73, 0x80);

async function publishAll(text: string): Promise<void> {
  for (const channel of [ONE, OTHER, MATCHING]) await redis.admin.call('PUBLISH', channel, text);
  await redis.admin.call('SPUBLISH', SHARD, text);
}

test('channels, patterns and shard channels need not be UTF-8', async () => {
  const subscriber = orders.open({ reconnectBaseMs: 10, reconnectCapMs: 100 }).subscriber();
  const { gaps } = recordSubscriber(subscriber);
  const received: unknown[][] = [];
  subscriber.on('messageBuffer', (channel, message) => received.push([channel, String(message)]));
  subscriber.on('smessageBuffer', (channel, message) => received.push([channel, String(message)]));
  subscriber.on('pmessageBuffer', (_pattern, channel, message) => received.push([channel, String(message)]));
  await subscriber.subscribe(ONE, [OTHER]);
  await subscriber.psubscribe(PATTERN);
  await subscriber.ssubscribe(SHARD);
  const expectAll = async (text: string, ...channels: Buffer[]) => {
    received.length = 0;
    await publishAll(text);
    await eventually(() => expect(received).toEqual(channels.map((channel) => [channel, text])));
  };
  await expectAll('1', ONE, OTHER, MATCHING, SHARD);

  await redis.admin.call('CLIENT', 'KILL', 'TYPE', 'pubsub');
  await eventually(() => expect(gaps).toHaveLength(1));
  expect(gaps).toMatchObject([
    { channels: ['c\udcff', 'c\udcfe'], patterns: ['p\udcff*'], shardChannels: ['s\udc80'] },
  ]);
  await expectAll('2', ONE, OTHER, MATCHING, SHARD);

  await subscriber.unsubscribe(ONE);
  await subscriber.unsubscribe('c\udcfe'); // the name as events give it
  await subscriber.punsubscribe(PATTERN);
  await expectAll('3', SHARD);
  await subscriber.sunsubscribe(SHARD);
  expect(subscriber.desiredSubscriptions()).toEqual({ channels: [], patterns: [], shardChannels: [] });
});

test('a loop over a channel of bytes gives the channel as bytes', async () => {
  const subscriber = orders.open().subscriber();
  const messages = subscriber.messages([ONE], { encoding: 'buffer' });
  await eventually(async () => expect(await redis.admin.call('PUBLISH', ONE, 'a')).toBe(1));
  for await (const { name, channel, message } of messages) {
    expect([name, channel, String(message)]).toEqual(['c\udcff', ONE, 'a']);
    break;
  }
  expect(subscriber.desiredSubscriptions().channels).toEqual([]);
});

test('a refused name of bytes is named, and other types are refused', async () => {
  const subscriber = orders.open().subscriber();
  await expect(subscriber.subscribe(7 as never)).rejects.toThrow(HygieneError);
  await expect(subscriber.subscribe(Buffer.from('news'))).resolves.toBeUndefined();
  expect(subscriber.desiredSubscriptions().channels).toEqual(['news']);
});
