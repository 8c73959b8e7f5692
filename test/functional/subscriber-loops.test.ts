import { describe, expect, test } from 'vitest';
import type { OverflowEvent } from '../../src/index.js';
import { eventually } from '../support/eventually.js';
import { useFactory } from '../support/use-factory.js';
import { useRedis } from '../support/use-redis.js';

const redis = useRedis();
const orders = useFactory(redis);

/** Publishes as soon as the channel has a subscriber. */
async function publish(channel: string, ...messages: string[]): Promise<void> {
  await eventually(async () =>
    expect(await redis.admin.call('PUBSUB', 'NUMSUB', channel)).toEqual([channel, 1]),
  );
  for (const message of messages) await redis.admin.publish(channel, message);
}

const countSubscribers = async (channel: string) =>
  ((await redis.admin.call('PUBSUB', 'NUMSUB', channel)) as unknown[])[1];

describe('a loop over messages', () => {
  test('reads messages one by one, and unsubscribes when it is left', async () => {
    const subscriber = orders.open().subscriber();
    const publishing = publish('a', '1', '2', '3');
    const read: string[] = [];
    for await (const { kind, name, channel, message } of subscriber.messages('a')) {
      expect({ kind, name, channel }).toEqual({ kind: 'channel', name: 'a', channel: 'a' });
      read.push(message);
      if (message === '2') break;
    }
    await publishing;
    expect(read).toEqual(['1', '2']);
    await eventually(async () => expect(await countSubscribers('a')).toBe(0));
    expect(subscriber.desiredSubscriptions().channels).toEqual([]);
  });

  test('unsubscribes also when its body throws', async () => {
    const subscriber = orders.open().subscriber();
    void publish('a', '1');
    const loop = async () => {
      for await (const { message } of subscriber.messages(['a', 'b'])) throw new Error(message);
    };
    await expect(loop()).rejects.toThrow('1');
    await eventually(async () =>
      expect([await countSubscribers('a'), await countSubscribers('b')]).toEqual([0, 0]),
    );
  });

  test('leaves a channel subscribed that another loop reads', async () => {
    const subscriber = orders.open().subscriber();
    const [one, other] = [subscriber.messages('a'), subscriber.messages('a', { encoding: 'buffer' })];
    await publish('a', '1');
    expect((await one.next()).value).toMatchObject({ message: '1' });
    await one.return();
    expect(await redis.admin.publish('a', '2')).toBe(1);
    expect((await other.next()).value).toMatchObject({ message: Buffer.from('1') });
    expect((await other.next()).value).toMatchObject({
      message: Buffer.from('2'),
      channel: Buffer.from('a'),
    });
  });

  test('goes on after a lost connection', async () => {
    const subscriber = orders.open({ reconnectBaseMs: 10 }).subscriber();
    const loop = subscriber.messages('n*', { kind: 'pattern' });
    await eventually(async () => expect(await redis.admin.publish('news', '1')).toBe(1));
    await redis.admin.call('CLIENT', 'KILL', 'TYPE', 'pubsub');
    await eventually(async () => expect(await redis.admin.publish('news', '2')).toBe(1));
    const read = [await loop.next(), await loop.next()].map(({ value }) => value);
    expect(read).toEqual([
      { kind: 'pattern', name: 'n*', channel: 'news', message: '1' },
      { kind: 'pattern', name: 'n*', channel: 'news', message: '2' },
    ]);
  });

  test.each(['close', 'shutdown'] as const)('ends with %s()', async (how) => {
    const factory = orders.open();
    const subscriber = factory.subscriber();
    const read: string[] = [];
    const loop = (async () => {
      for await (const { message } of subscriber.messages('a')) read.push(message);
    })();
    await publish('a', '1');
    await eventually(() => expect(read).toEqual(['1']));
    await (how === 'close' ? subscriber.close() : factory.shutdown());
    await loop;
    expect(await redis.rows()).toEqual([]);
  });

  test('throws when the subscriber gives up reconnecting', async () => {
    const subscriber = orders.open().subscriber({ connection: { retryStrategy: () => null } });
    const loop = subscriber.messages('a');
    await publish('a', '1');
    await redis.admin.call('CLIENT', 'KILL', 'TYPE', 'pubsub');
    expect((await loop.next()).value).toMatchObject({ message: '1' });
    await expect(loop.next()).rejects.toMatchObject({ code: 'HYG_SUBSCRIBER_CLOSED' });
    expect(await loop.next()).toMatchObject({ done: true });
  });
});

describe('messages that arrive faster than they are read', () => {
  test.each([
    ['oldest', ['98', '99', '100']],
    ['newest', ['1', '2', '3']],
  ] as const)(
    'are dropped, the %s ones, counted, and reported once until the loop has caught up',
    async (drop, kept) => {
      const subscriber = orders.open().subscriber();
      const overflows: OverflowEvent[] = [];
      let received = 0;
      subscriber.on('overflow', (event) => overflows.push(event));
      subscriber.on('message', () => (received += 1));
      const loop = subscriber.messages('a', { limit: 3, drop });
      const numbers = Array.from({ length: 100 }, (_, index) => `${index + 1}`);
      await publish('a', ...numbers);
      await eventually(() => expect(received).toBe(100));
      expect(loop.dropped).toBe(97);
      expect(overflows).toEqual([{ channels: ['a'], patterns: [], shardChannels: [], limit: 3, dropped: 1 }]);
      const read = [await loop.next(), await loop.next(), await loop.next()];
      expect(read.map(({ value }) => value?.message)).toEqual(kept);
      await publish('a', ...numbers.slice(0, 4));
      await eventually(() => expect(received).toBe(104));
      expect([loop.dropped, overflows.length]).toEqual([98, 2]);
    },
  );
});
