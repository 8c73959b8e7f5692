import { afterEach, describe, expect, test } from 'vitest';
import type { Subscriber } from '../../src/index.js';
import { eventually } from '../support/eventually.js';
import { watchOwnSockets } from '../support/own-sockets.js';
import { freePort } from '../support/redis/index.js';
import { useFactory } from '../support/use-factory.js';
import { useRedis } from '../support/use-redis.js';

const redis = useRedis();
const orders = useFactory(redis);

afterEach(async () => {
  await eventually(async () => expect(await redis.rows()).toEqual([]));
  expect(orders.factory.connections()).toEqual([]);
});

const CLOSED = expect.objectContaining({ code: 'HYG_SUBSCRIBER_CLOSED' }) as Error;

/** The life of a subscriber, by event. */
function follow(subscriber: Subscriber): unknown[] {
  const told: unknown[] = [];
  for (const name of ['ready', 'reconnecting', 'gap', 'error'] as const)
    subscriber.on(name, () => told.push(name));
  subscriber.on('closed', (why) => told.push(why));
  return told;
}

describe('close()', () => {
  test('in the turn in which it was opened dials nothing', async () => {
    using sockets = watchOwnSockets();
    const subscriber = orders.open().subscriber();
    const told = follow(subscriber);
    const subscribing = subscriber.subscribe('a');
    await Promise.all([expect(subscribing).rejects.toEqual(CLOSED), subscriber.close()]);
    expect(sockets.most).toBe(0);
    expect(told).toEqual([CLOSED]);
  });

  test.each(['connecting', 'connected', 'ready'] as const)('when it is %s leaves nothing', async (state) => {
    const factory = orders.open();
    const reached = new Promise<void>((resolve) => void factory.on(state, () => void setImmediate(resolve)));
    const subscriber = factory.subscriber();
    const told = follow(subscriber);
    const subscribing = subscriber.subscribe('a').catch((error: unknown) => error);
    await reached;
    await subscriber.close();
    expect([undefined, CLOSED]).toContainEqual(await subscribing);
    expect(factory.connections()).toEqual([]);
    expect(told.at(-1)).toEqual(CLOSED);
  });

  test('while it waits to dial again ends that', async () => {
    const port = await freePort();
    const factory = orders.open({ connection: { port, host: '127.0.0.1' } });
    const subscriber = factory.subscriber();
    const told = follow(subscriber);
    await eventually(() => expect(told).toContain('reconnecting'));
    await eventually(() => expect(factory.connections()).toMatchObject([{ state: 'reconnecting' }]));
    await subscriber.close();
    const count = told.length;
    expect(told.at(-1)).toEqual(CLOSED);
    await new Promise((resolve) => setTimeout(resolve, 250));
    expect(told).toHaveLength(count);
  });

  test('may be called again, by all its names', async () => {
    const subscriber = orders.open().subscriber();
    const told = follow(subscriber);
    await subscriber.subscribe('a');
    await Promise.all([subscriber.close(), subscriber.close(), subscriber[Symbol.asyncDispose]()]);
    await subscriber.close();
    expect(told).toEqual(['ready', CLOSED]);
  });

  test('ends everything: what is asked afterwards says so', async () => {
    const subscriber = orders.open().subscriber();
    await subscriber.subscribe('a');
    await subscriber.close();
    await expect(subscriber.subscribe('b')).rejects.toMatchObject({
      code: 'HYG_SUBSCRIBER_CLOSED',
      message: expect.stringContaining('Make a new one with redis.subscriber()'),
    });
    await expect(subscriber.messages('b').next()).rejects.toEqual(CLOSED);
    await subscriber.unsubscribe('a');
  });
});

describe('without close()', () => {
  test('a shutdown ends it, also while it has subscriptions', async () => {
    const factory = orders.open();
    const subscriber = factory.subscriber();
    const told = follow(subscriber);
    await subscriber.subscribe('a');
    const report = await factory.shutdown();
    expect(report).toMatchObject({ closed: 1, forced: 0, abandonedCommands: 0 });
    expect(told).toEqual(['ready', CLOSED]);
    await expect(subscriber.subscribe('b')).rejects.toEqual(CLOSED);
    expect(() => factory.subscriber()).toThrow(expect.objectContaining({ code: 'HYG_SHUT_DOWN' }));
  });

  test('a shutdown ends it while it waits to dial again', async () => {
    const factory = orders.open({ connection: { port: await freePort(), host: '127.0.0.1' } });
    const subscriber = factory.subscriber();
    const told = follow(subscriber);
    const subscribing = subscriber.subscribe('a');
    void subscribing.catch(() => undefined);
    await eventually(() => expect(told).toContain('reconnecting'));
    await factory.shutdown();
    await expect(subscribing).rejects.toEqual(CLOSED);
    expect(told.at(-1)).toEqual(CLOSED);
  });

  test('it gives up when it is told to', async () => {
    const subscriber = orders.open().subscriber({
      connection: { retryStrategy: (times) => (times < 3 ? 1 : null), port: await freePort() },
    });
    const told = follow(subscriber);
    await expect(subscriber.subscribe('a')).rejects.toMatchObject({
      code: 'HYG_SUBSCRIBER_CLOSED',
      message: expect.stringContaining('has ended for good'),
      details: { wanted: { channels: ['a'] } },
    });
    expect(told.filter((one) => one === 'reconnecting')).toHaveLength(2);
    expect(told.at(-1)).toEqual(CLOSED);
    await subscriber.close();
  });
});
