import { expect, test } from 'vitest';
import { eventually } from '../support/eventually.js';
import { useFactory } from '../support/use-factory.js';
import { useRedis } from '../support/use-redis.js';

const redis = useRedis();
const orders = useFactory(redis);

// The server counts channels and patterns together, and shard channels apart from them. ioredis takes a count of 0 for
// the end of all subscriptions: version 6 drops later messages, version 5 takes them for replies.
test.each([2, 3] as const)(
  'unsubscribing from the last name of one kind leaves the other kinds subscribed, in RESP%i',
  async (protocol) => {
    const subscriber = orders.open().subscriber({ connection: { protocol } as object });
    const received: string[] = [];
    const failures: Error[] = [];
    subscriber.on('message', (_channel, message) => received.push(message));
    subscriber.on('smessage', (_channel, message) => received.push(message));
    subscriber.on('error', (error) => failures.push(error));
    await subscriber.subscribe('a');
    await subscriber.ssubscribe('s');
    await subscriber.sunsubscribe('s');
    await eventually(async () =>
      expect(await redis.admin.call('PUBSUB', 'SHARDNUMSUB', 's')).toEqual(['s', 0]),
    );
    await redis.admin.publish('a', 'one');
    await eventually(() => expect(received).toEqual(['one']), 1_000);
    await subscriber.ssubscribe('s');
    await subscriber.unsubscribe('a');
    await eventually(async () => expect(await redis.admin.call('PUBSUB', 'NUMSUB', 'a')).toEqual(['a', 0]));
    await redis.admin.call('SPUBLISH', 's', 'two');
    await eventually(() => expect(received).toEqual(['one', 'two']), 1_000);
    expect(failures).toEqual([]);
    expect(orders.errors).toEqual([]);
  },
);
