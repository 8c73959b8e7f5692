import { afterEach, describe, expect, test } from 'vitest';
import type { Subscriber } from '../../src/index.js';
import { keepDiary } from '../support/diary.js';
import { eventually } from '../support/eventually.js';
import { useFactory } from '../support/use-factory.js';
import { useRedis } from '../support/use-redis.js';

const redis = useRedis();
const orders = useFactory(redis);

afterEach(async () => {
  await orders.factory.shutdown();
  await eventually(async () => expect(await redis.rows()).toEqual([]));
});

describe('a right', () => {
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

  test('that is missing is said, and nothing of that call is kept', async () => {
    const subscriber = await openAs('&a');
    await expect(subscriber.subscribe('a', 'secret')).rejects.toMatchObject({
      code: 'HYG_SUBSCRIBE_REFUSED',
      details: { kind: 'channel', name: 'secret', reply: expect.stringContaining('NOPERM') },
    });
    await expect(subscriber.messages('secret*', { kind: 'pattern' }).next()).rejects.toMatchObject({
      message: expect.stringMatching(/the pattern "secret\*": NOPERM .* Grant it: ACL SETUSER/),
    });
    expect(subscriber.wanted()).toEqual({ channels: [], patterns: [], shardChannels: [] });
    await subscriber.subscribe('a');
    expect(await redis.admin.publish('a', '1')).toBe(1);
  });

  test('that is missing is given back once by a loop that was left before the answer', async () => {
    const subscriber = await openAs('&a');
    await subscriber.subscribe('a');
    const loop = subscriber.messages(['a', 'secret']);
    const refused = subscriber.subscribe('secret');
    await Promise.all([loop.return(), expect(refused).rejects.toThrow('NOPERM')]);
    expect(subscriber.wanted().channels).toEqual(['a']);
    expect(await redis.admin.publish('a', '1')).toBe(1);
  });

  test('that is taken away and given back leaves a gap in between', async () => {
    const subscriber = await openAs('&a', '&b');
    const { told, gaps, failures } = keepDiary(subscriber);
    await subscriber.subscribe('a', 'b');
    await acl('resetchannels', '&a'); // the server closes the connections that have more
    await eventually(() => expect(failures).toMatchObject([{ code: 'HYG_SUBSCRIBE_REFUSED' }]));
    await eventually(() => expect(told).toEqual(['ready', 'reconnecting 1', 'gap', 'ready']));
    expect(subscriber.wanted().channels).toEqual(['a', 'b']);
    expect(await redis.admin.publish('a', '1')).toBe(1);
    await acl('&b');
    await eventually(async () => expect(await redis.admin.publish('b', '2')).toBe(1));
    await eventually(() => expect(told.slice(4)).toEqual(['a: 1', 'gap', 'b: 2']));
    expect(gaps.map(({ channels }) => channels)).toEqual([['a', 'b'], ['b']]);
    // Without a hole: the second began before the first had ended.
    expect(gaps[1]?.from).toBeLessThanOrEqual(gaps[0]?.to as number);
    expect(failures).toHaveLength(1);
  });
});
