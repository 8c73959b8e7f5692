import { expect, test } from 'vitest';
import { eventually } from '../support/eventually.js';
import { useFactory } from '../support/use-factory.js';
import { useRedis } from '../support/use-redis.js';

const redis = useRedis();
const orders = useFactory(redis);

// The server counts channels with patterns, and shard channels by themselves; ioredis takes a count of 0 for the end
// of all subscriptions, and drops what comes afterwards (6) or stumbles over it (5).
test.each([2, 3] as const)(
  'giving back the last of one kind leaves the others, in RESP%i',
  async (protocol) => {
    const subscriber = orders.open().subscriber({ connection: { protocol } as object });
    const heard: string[] = [];
    const failures: Error[] = [];
    subscriber.on('message', (_channel, message) => heard.push(message));
    subscriber.on('smessage', (_channel, message) => heard.push(message));
    subscriber.on('error', (error) => failures.push(error));
    await subscriber.subscribe('a');
    await subscriber.ssubscribe('s');
    await subscriber.sunsubscribe('s');
    await eventually(async () =>
      expect(await redis.admin.call('PUBSUB', 'SHARDNUMSUB', 's')).toEqual(['s', 0]),
    );
    await redis.admin.publish('a', 'one');
    await eventually(() => expect(heard).toEqual(['one']), 1_000);
    await subscriber.ssubscribe('s');
    await subscriber.unsubscribe('a');
    await eventually(async () => expect(await redis.admin.call('PUBSUB', 'NUMSUB', 'a')).toEqual(['a', 0]));
    await redis.admin.call('SPUBLISH', 's', 'two');
    await eventually(() => expect(heard).toEqual(['one', 'two']), 1_000);
    expect(failures).toEqual([]);
    expect(orders.errors).toEqual([]);
  },
);
