import { afterEach, describe, expect, test } from 'vitest';
import type { Subscriber } from '../../src/index.js';
import { eventually } from '../support/eventually.js';
import { inTime } from '../support/in-time.js';
import { watchOwnSockets } from '../support/own-sockets.js';
import { freePort, startRedis } from '../support/redis/index.js';
import { useFactory } from '../support/use-factory.js';
import { useRedis } from '../support/use-redis.js';

const redis = useRedis();
const orders = useFactory(redis);

afterEach(async () => {
  await eventually(async () => expect(await redis.rows()).toEqual([]));
  expect(orders.factory.connections()).toEqual([]);
});

const CLOSED = expect.objectContaining({ code: 'HYG_SUBSCRIBER_CLOSED' }) as Error;

/** Records events of a subscriber by name, and the error of `closed`. */
function recordLifecycle(subscriber: Subscriber): unknown[] {
  const events: unknown[] = [];
  for (const name of ['ready', 'reconnecting', 'gap', 'error'] as const)
    subscriber.on(name, () => events.push(name));
  subscriber.on('closed', (why) => events.push(why));
  return events;
}

describe('close()', () => {
  test('in the turn in which the subscriber was opened prevents the dial', async () => {
    using sockets = watchOwnSockets();
    const subscriber = orders.open().subscriber();
    const events = recordLifecycle(subscriber);
    const subscribing = subscriber.subscribe('a');
    await Promise.all([expect(subscribing).rejects.toEqual(CLOSED), subscriber.close()]);
    expect(sockets.maxOpen).toBe(0);
    expect(events).toEqual([CLOSED]);
  });

  test.each(['connecting', 'connected', 'ready'] as const)(
    'of a %s subscriber leaves no connection',
    async (state) => {
      const factory = orders.open();
      const reached = new Promise<void>(
        (resolve) => void factory.on(state, () => void setImmediate(resolve)),
      );
      const subscriber = factory.subscriber();
      const events = recordLifecycle(subscriber);
      const subscribing = subscriber.subscribe('a').catch((error: unknown) => error);
      await reached;
      await subscriber.close();
      expect([undefined, CLOSED]).toContainEqual(await subscribing);
      expect(factory.connections()).toEqual([]);
      expect(events.at(-1)).toEqual(CLOSED);
    },
  );

  test('leaves no orphan for the next connection to look for', async () => {
    const factory = orders.open();
    const outcomes: string[] = [];
    factory.on('orphan', ({ outcome }) => outcomes.push(outcome));
    const subscriber = factory.subscriber();
    await subscriber.subscribe('a');
    await subscriber.close();
    expect(factory.orphans()).toEqual([]);
    const client = factory.client();
    await client.ping();
    await client.quit();
    expect(outcomes).toEqual([]);
    await eventually(() => expect(factory.connections()).toEqual([]));
  });

  test('does not wait long for a server that does not close its half, which is an orphan then', async () => {
    const frozen = await startRedis();
    try {
      const { host, port } = frozen;
      const factory = orders.open({ connection: { host, port } });
      const subscriber = factory.subscriber();
      await subscriber.subscribe('a');
      await frozen.pause();
      await inTime('close()', subscriber.close(), 4_000);
      expect(factory.orphans()).toMatchObject([{ role: 'subscriber' }]);
    } finally {
      await frozen.stop();
    }
  });

  test('while the subscriber waits to dial again cancels the dial', async () => {
    const port = await freePort();
    const factory = orders.open({ connection: { port, host: '127.0.0.1' } });
    const subscriber = factory.subscriber();
    const events = recordLifecycle(subscriber);
    await eventually(() => expect(events).toContain('reconnecting'));
    await eventually(() => expect(factory.connections()).toMatchObject([{ state: 'reconnecting' }]));
    await subscriber.close();
    const count = events.length;
    expect(events.at(-1)).toEqual(CLOSED);
    await new Promise((resolve) => setTimeout(resolve, 250));
    expect(events).toHaveLength(count);
  });

  test('may be called again, also as Symbol.asyncDispose', async () => {
    const subscriber = orders.open().subscriber();
    const events = recordLifecycle(subscriber);
    await subscriber.subscribe('a');
    await Promise.all([subscriber.close(), subscriber.close(), subscriber[Symbol.asyncDispose]()]);
    await subscriber.close();
    expect(events).toEqual(['ready', CLOSED]);
  });

  test('makes later calls reject with an error that says so', async () => {
    const subscriber = orders.open().subscriber();
    await subscriber.subscribe('a');
    await subscriber.close();
    await expect(subscriber.subscribe('b')).rejects.toMatchObject({
      code: 'HYG_SUBSCRIBER_CLOSED',
      message: expect.stringContaining('Create a new subscriber with redis.subscriber()'),
    });
    await expect(subscriber.messages('b').next()).rejects.toEqual(CLOSED);
    await subscriber.unsubscribe('a');
  });
});

describe('without close()', () => {
  test('shutdown() closes a subscriber with subscriptions', async () => {
    const factory = orders.open();
    const subscriber = factory.subscriber();
    const events = recordLifecycle(subscriber);
    await subscriber.subscribe('a');
    const report = await factory.shutdown();
    expect(report).toMatchObject({ closed: 1, forced: 0, abandonedCommands: 0 });
    expect(events).toEqual(['ready', CLOSED]);
    await expect(subscriber.subscribe('b')).rejects.toEqual(CLOSED);
    expect(() => factory.subscriber()).toThrow(expect.objectContaining({ code: 'HYG_SHUT_DOWN' }));
  });

  test('shutdown() closes a subscriber that waits to dial again', async () => {
    const factory = orders.open({ connection: { port: await freePort(), host: '127.0.0.1' } });
    const subscriber = factory.subscriber();
    const events = recordLifecycle(subscriber);
    const subscribing = subscriber.subscribe('a');
    void subscribing.catch(() => undefined);
    await eventually(() => expect(events).toContain('reconnecting'));
    await factory.shutdown();
    await expect(subscribing).rejects.toEqual(CLOSED);
    expect(events.at(-1)).toEqual(CLOSED);
  });

  test('a subscriber gives up when its retryStrategy says so', async () => {
    const subscriber = orders.open().subscriber({
      connection: { retryStrategy: (times) => (times < 3 ? 1 : null), port: await freePort() },
    });
    const events = recordLifecycle(subscriber);
    await expect(subscriber.subscribe('a')).rejects.toMatchObject({
      code: 'HYG_SUBSCRIBER_CLOSED',
      message: expect.stringContaining('has ended and will not be dialled again'),
      details: { desiredSubscriptions: { channels: ['a'] } },
    });
    expect(events.filter((event) => event === 'reconnecting')).toHaveLength(2);
    expect(events.at(-1)).toEqual(CLOSED);
    await subscriber.close();
  });
});
