import { afterEach, describe, expect, test } from 'vitest';
import type { Subscriber } from '../../src/index.js';
import { recordSubscriber } from '../support/subscriber-record.js';
import { eventually } from '../support/eventually.js';
import { useFactory } from '../support/use-factory.js';
import { useRedis } from '../support/use-redis.js';

const redis = useRedis();
const orders = useFactory(redis);

afterEach(async () => {
  await orders.factory.shutdown();
  await eventually(async () => expect(await redis.rows()).toEqual([]));
});

describe('a missing permission', () => {
  const acl = (...rules: string[]) => redis.admin.call('ACL', 'SETUSER', 'app', ...rules);

  async function openAs(...rules: string[]): Promise<Subscriber> {
    await acl('reset', 'on', '>secret', '~*', '+@all', 'resetchannels', ...rules);
    return orders
      .open({
        reconnectBaseMs: 10,
        reconnectCapMs: 100,
        connection: redis.server.url.replace('//', '//app:secret@'),
      })
      .subscriber();
  }

  test('rejects the call, and none of its names are kept', async () => {
    const subscriber = await openAs('&a');
    await expect(subscriber.subscribe('a', 'secret')).rejects.toMatchObject({
      code: 'HYG_SUBSCRIBE_REFUSED',
      details: { kind: 'channel', name: 'secret', reply: expect.stringContaining('NOPERM') },
    });
    await expect(subscriber.messages('secret*', { kind: 'pattern' }).next()).rejects.toMatchObject({
      message: expect.stringMatching(/the pattern "secret\*": NOPERM .* Grant the permission: ACL SETUSER/),
    });
    expect(subscriber.desiredSubscriptions()).toEqual({ channels: [], patterns: [], shardChannels: [] });
    await subscriber.subscribe('a');
    expect(await redis.admin.publish('a', '1')).toBe(1);
  });

  test('does not make a loop that was left before the answer unsubscribe twice', async () => {
    const subscriber = await openAs('&a');
    await subscriber.subscribe('a');
    const loop = subscriber.messages(['a', 'secret']);
    const refused = subscriber.subscribe('secret');
    await Promise.all([loop.return(), expect(refused).rejects.toThrow('NOPERM')]);
    expect(subscriber.desiredSubscriptions().channels).toEqual(['a']);
    expect(await redis.admin.publish('a', '1')).toBe(1);
  });

  test('causes a gap from its revocation until it is granted again', async () => {
    const subscriber = await openAs('&a', '&b');
    const { events, gaps, failures } = recordSubscriber(subscriber);
    await subscriber.subscribe('a', 'b');
    await acl('resetchannels', '&a'); // the server closes connections with other subscriptions
    await eventually(() => expect(failures).toMatchObject([{ code: 'HYG_SUBSCRIBE_REFUSED' }]));
    await eventually(() => expect(events).toEqual(['ready', 'reconnecting 1', 'gap', 'ready']));
    expect(subscriber.desiredSubscriptions().channels).toEqual(['a', 'b']);
    expect(await redis.admin.publish('a', '1')).toBe(1);
    await acl('&b');
    await eventually(async () => expect(await redis.admin.publish('b', '2')).toBe(1));
    await eventually(() => expect(events.slice(4)).toEqual(['a: 1', 'gap', 'b: 2']));
    expect(gaps.map(({ channels }) => channels)).toEqual([['a', 'b'], ['b']]);
    // No time is uncovered: the second gap began before the first one ended.
    expect(gaps[1]?.from).toBeLessThanOrEqual(gaps[0]?.to as number);
    expect(failures).toHaveLength(1);
  });
});
