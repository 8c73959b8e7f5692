import { once } from 'node:events';
import { afterEach, describe, expect, test } from 'vitest';
import type { Subscriber, SubscriberOptions } from '../../src/index.js';
import { eventually } from '../support/eventually.js';
import { useFactory } from '../support/use-factory.js';
import { useRedis } from '../support/use-redis.js';

const redis = useRedis();
const orders = useFactory(redis);

// The shutdown of its factory closes every subscriber, whatever the test did with it.
afterEach(async () => {
  await orders.factory.shutdown();
  await eventually(async () => expect(await redis.rows()).toEqual([]));
});

function open(options?: SubscriberOptions): Subscriber {
  return orders.open().subscriber(options);
}

const spublish = (channel: string, message: string | Buffer) =>
  redis.admin.call('SPUBLISH', channel, message);

describe('events', () => {
  test('are emitted for messages of all kinds, as text and as bytes', async () => {
    const subscriber = open();
    await Promise.all([
      subscriber.subscribe('news', 'weather'),
      subscriber.psubscribe('n*'),
      subscriber.ssubscribe('shard'),
    ]);
    const received: unknown[][] = [];
    for (const name of ['message', 'pmessage', 'smessage'] as const) {
      subscriber.on(name, (...payload) => received.push([name, ...payload]));
      subscriber.on(`${name}Buffer`, (...payload: (string | Buffer)[]) =>
        received.push([
          `${name}Buffer`,
          ...payload.map((part) => (Buffer.isBuffer(part) ? `<${String(part)}>` : part)),
        ]),
      );
    }
    await redis.admin.publish('news', 'one');
    await spublish('shard', 'two');
    await redis.admin.publish('weather', '');
    await eventually(() => expect(received).toHaveLength(8));
    expect(received).toEqual([
      ['messageBuffer', '<news>', '<one>'],
      ['message', 'news', 'one'],
      ['pmessageBuffer', 'n*', '<news>', '<one>'],
      ['pmessage', 'n*', 'news', 'one'],
      ['smessageBuffer', '<shard>', '<two>'],
      ['smessage', 'shard', 'two'],
      ['messageBuffer', '<weather>', '<>'],
      ['message', 'weather', ''],
    ]);
  });

  test('pass on bytes unchanged, also of channel names that are not valid text', async () => {
    const subscriber = open();
    await subscriber.subscribe('bytes', 'grüße\r\n*3 \u{1f600}');
    await subscriber.psubscribe('*');
    const messages: Buffer[] = [];
    const channels: Buffer[] = [];
    subscriber.on('messageBuffer', (_channel, message) => messages.push(message));
    subscriber.on('pmessageBuffer', (_pattern, channel) => channels.push(channel));
    const bytes = Buffer.from(Array.from({ length: 256 }, (_, byte) => byte));
    const noText = Buffer.from([0xff, 0xfe, 0x00]);
    await redis.admin.publish('bytes', bytes);
    await redis.admin.publish('grüße\r\n*3 \u{1f600}', '2');
    await redis.admin.publish(noText, '3');
    await eventually(() => expect(channels).toHaveLength(3));
    expect(messages).toEqual([bytes, Buffer.from('2')]);
    expect(channels[2]).toEqual(noText);
  });

  test('whose listener throws cause an uncaught exception, and leave the connection alone', async () => {
    const subscriber = open();
    await subscriber.subscribe('news');
    const failures: unknown[] = [];
    const others = process.listeners('uncaughtException');
    process.removeAllListeners('uncaughtException').on('uncaughtException', (error) => failures.push(error));
    const loop = subscriber.messages('news');
    subscriber.on('message', () => {
      throw new Error('a fault');
    });
    try {
      await redis.admin.publish('news', '1');
      await redis.admin.publish('news', '2');
      await eventually(() => expect(failures).toHaveLength(2));
    } finally {
      process.removeAllListeners('uncaughtException');
      others.forEach((listener) => process.on('uncaughtException', listener));
    }
    const read = [await loop.next(), await loop.next()].map(({ value }) => value?.message);
    expect(read).toEqual(['1', '2']);
    expect(orders.factory.connections()).toMatchObject([{ state: 'ready', dials: 1 }]);
  });
});

describe('subscriptions', () => {
  test('are counted, not duplicated', async () => {
    const subscriber = open();
    const received: string[] = [];
    subscriber.on('message', (_channel, message) => received.push(message));
    await subscriber.subscribe('a');
    await subscriber.subscribe('a', 'a');
    expect(await redis.admin.publish('a', '1')).toBe(1);
    await subscriber.unsubscribe('a', 'a');
    expect(await redis.admin.publish('a', '2')).toBe(1);
    await eventually(() => expect(received).toEqual(['1', '2']));
    await subscriber.unsubscribe('a');
    await eventually(async () => expect(await redis.admin.publish('a', '3')).toBe(0));
    expect(received).toEqual(['1', '2']);
    expect(subscriber.desiredSubscriptions()).toEqual({ channels: [], patterns: [], shardChannels: [] });
  });

  test('require at least one name, each of them a string', async () => {
    const subscriber = open();
    await expect(subscriber.subscribe()).rejects.toMatchObject({ code: 'HYG_OPTION_TYPE' });
    await expect(subscriber.psubscribe([])).rejects.toMatchObject({ code: 'HYG_OPTION_TYPE' });
    await expect(subscriber.subscribe(7 as unknown as string)).rejects.toMatchObject({
      code: 'HYG_OPTION_TYPE',
    });
    await subscriber.subscribe('a');
    expect(await redis.admin.publish('a', '1')).toBe(1);
  });

  test('may be 25 000 in one call', async () => {
    const subscriber = open();
    const names = Array.from({ length: 25_000 }, (_, index) => `c${index}`);
    await subscriber.subscribe(names);
    expect(await redis.admin.call('PUBSUB', 'NUMSUB', 'c0', 'c24999')).toEqual(['c0', 1, 'c24999', 1]);
    await subscriber.unsubscribe(names);
    await eventually(async () => expect(await redis.admin.publish('c24999', '')).toBe(0));
  });
});

describe('the connection', () => {
  test('is named and in the ledger, with the role of a subscriber', async () => {
    await open().subscribe('a');
    expect(await redis.names()).toEqual(['orders@web-1#subscriber']);
    expect(orders.factory.connections()).toMatchObject([
      { name: 'orders@web-1#subscriber', role: 'subscriber', state: 'ready' },
    ]);
  });

  test('takes its role from the options', async () => {
    await open({ role: 'cache flush' }).subscribe('a');
    expect(await redis.names()).toEqual(['orders@web-1#cache-flush']);
  });

  test('takes ioredis options such as a database, and does not prefix channels with keyPrefix', async () => {
    const subscriber = open({ connection: { db: 3, keyPrefix: 'p:' } });
    await subscriber.subscribe('a');
    await subscriber.ssubscribe('s');
    expect(await redis.admin.client('LIST')).toMatch(/name=orders@web-1#subscriber .* db=3 sub=1 /);
    expect(await spublish('s', '1')).toBe(1);
    expect(await redis.admin.publish('a', '1')).toBe(1);
  });

  test.each(['commandTimeout', 'socketTimeout'])('is not closed by a %s', async (option) => {
    const subscriber = open({ connection: { [option]: 100 } });
    await subscriber.subscribe('a');
    const [own] = orders.factory.connections();
    await new Promise((resolve) => setTimeout(resolve, 400));
    expect(orders.factory.connections()).toMatchObject([{ state: 'ready', clientId: own?.clientId }]);
  });

  test.each([{ autoResubscribe: true }, { lazyConnect: true }, { enableReadyCheck: false }])(
    'subscribes again after a loss, over one connection, with %j',
    async (connection) => {
      const subscriber = open({ connection });
      const ready = once(subscriber as never, 'ready');
      await subscriber.subscribe('a');
      await ready;
      const again = once(subscriber as never, 'ready');
      await redis.admin.call('CLIENT', 'KILL', 'TYPE', 'pubsub');
      await again;
      expect(await redis.admin.publish('a', '1')).toBe(1);
      expect(await redis.rows()).toHaveLength(1);
    },
  );

  test('is not opened with invalid options', () => {
    expect(() => open({ role: '' })).toThrow('Option "role"');
    expect(() => open({ channels: ['a'] } as object)).toThrow('Unknown option "channels"');
    expect(() => open({ connection: 'http://localhost' })).toThrow('expected redis://');
  });
});
