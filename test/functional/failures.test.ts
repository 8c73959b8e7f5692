import { Redis as Raw } from 'ioredis';
import { connect } from 'node:net';
import { setImmediate } from 'node:timers/promises';
import { beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest';
import { createRedisFactory, type RedisFactory } from '../../src/index.js';
import { eventually } from '../support/eventually.js';
import { startRedis } from '../support/redis/index.js';
import { printed, useFactory } from '../support/use-factory.js';
import { useRedis } from '../support/use-redis.js';

const PASSWORD = 's3cret/with:odd@signs';
const redis = useRedis({ password: PASSWORD }, { password: PASSWORD });
const orders = useFactory(redis);

test('each failed dial to a closed port is reported with a remedy, and the client retries', async () => {
  const client = orders
    .open({
      connection: 'redis://:hidden@127.0.0.1:1',
      reconnectBaseMs: 10,
      reconnectCapMs: 100,
    })
    .client();
  client.on('error', () => undefined);
  await eventually(() => expect(orders.errors.length).toBeGreaterThan(2));
  expect(orders.errors[0]).toMatchObject({
    code: 'HYG_CONNECT_FAILED',
    details: { reason: 'ECONNREFUSED', target: 'redis://127.0.0.1:1' },
  });
  expect(orders.errors[0]?.message).toMatch(
    /orders@web-1 could not connect .*ECONNREFUSED.* Check that the server is running/s,
  );
  expect(printed(orders.errors)).not.toContain('hidden');
});

describe('an error of a client without a listener', () => {
  async function printedBy(open: () => RedisFactory): Promise<string[]> {
    const print = vi.spyOn(console, 'error').mockImplementation(() => undefined);
    onTestFinished(() => print.mockRestore());
    const factory = open();
    let closed = 0;
    factory.client({ port: 1, host: '127.0.0.1', retryStrategy: (times) => (times < 3 ? 1 : null) });
    factory.client({
      port: redis.server.port,
      host: redis.server.host,
      password: 'wrong',
      retryStrategy: null,
    });
    factory.on('closed', () => (closed += 1));
    await eventually(() => expect(closed).toBe(2));
    await factory.shutdown();
    return print.mock.calls.map(([text]) => String(text));
  }

  test('is not printed if the factory has one, which hears of it', async () => {
    expect(await printedBy(() => orders.open())).toEqual([]);
    const codes = new Set(orders.errors.map(({ code }) => code));
    expect([...codes].sort()).toEqual(['HYG_AUTH_REFUSED', 'HYG_CONNECT_FAILED', 'HYG_GAVE_UP']);
  });

  test('is printed by ioredis if nobody listens', async () => {
    const lines = await printedBy(() => createRedisFactory({ service: 'orders' }));
    expect(lines.length).toBeGreaterThan(3);
    expect(lines.every((line) => line.startsWith('[ioredis] Unhandled error event'))).toBe(true);
  });
});

test('commands that are sent while a client quits print nothing', async () => {
  const print = vi.spyOn(console, 'error').mockImplementation(() => undefined);
  onTestFinished(() => print.mockRestore());
  for (let round = 0; round < 20; round += 1) {
    const client = orders.open().client();
    await client.ping();
    client.quit().catch(() => undefined);
    while (client.status !== 'end') {
      for (let sent = 0; sent < 100; sent += 1) client.set('key', 'value').catch(() => undefined);
      await setImmediate();
    }
    await orders.factory.shutdown();
  }
  expect(print.mock.calls).toEqual([]);
});

describe('a client whose retry strategy gives up', () => {
  const codes = () => orders.errors.map(({ code }) => code);

  test('is reported when it was never connected', async () => {
    const connection = {
      port: 1,
      host: '127.0.0.1',
      retryStrategy: (times: number) => (times < 3 ? 1 : null),
    };
    const client = orders.open({ connection }).client();
    client.on('error', () => undefined);
    await eventually(() =>
      expect(codes()).toEqual([...Array<string>(3).fill('HYG_CONNECT_FAILED'), 'HYG_GAVE_UP']),
    );
    expect(orders.errors.at(-1)?.details).toEqual({
      name: 'orders@web-1',
      role: 'command',
      target: 'redis://127.0.0.1:1',
    });
  });

  test.for(['client', 'subscriber'] as const)(
    'is reported when a %s has lost its connection',
    async (kind) => {
      const factory = orders.open();
      const connection = { retryStrategy: () => null } as const;
      if (kind === 'client') await factory.client(connection).ping();
      else await factory.subscriber({ connection }).subscribe('channel');
      await redis.admin.call(
        'CLIENT',
        'KILL',
        'TYPE',
        kind === 'client' ? 'normal' : 'pubsub',
        'SKIPME',
        'yes',
      );
      await eventually(() => expect(codes()).toEqual(['HYG_GAVE_UP']));
    },
  );

  test('is not reported when the application closes it, and not in a pool, which opens another one', async () => {
    const factory = orders.open();
    const closed = factory.client({ retryStrategy: () => null });
    await closed.quit();
    const pool = factory.pool({ max: 1 });
    await pool.use((client) => client.ping());
    await redis.admin.call('CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'yes');
    await pool.use((client) => client.ping());
    expect(codes()).toEqual([]);
  });
});

test('a dial without an answer fails after connectTimeout and is reported', async ({ skip }) => {
  await using stuck = await startRedis({ args: ['--tcp-backlog', '1'] });
  if (stuck.source === 'environment') skip('The server is shared: it cannot be paused.');
  await stuck.pause();
  // A paused server accepts no connections: once its backlog is full, the kernel drops SYN packets.
  const backlog = Array.from({ length: 8 }, () =>
    connect(stuck.port, stuck.host).on('error', () => undefined),
  );
  const client = orders.open({ connection: stuck.url, connectTimeoutMs: 200 }).client();
  client.on('error', () => undefined);
  await eventually(() => expect(orders.errors[0]).toMatchObject({ details: { reason: 'ETIMEDOUT' } }));
  expect(orders.errors[0]?.message).toContain('it did not open in time');
  backlog.forEach((socket) => socket.destroy());
});

test('client(), cluster() and duplicate() after shutdown are refused', async () => {
  const client = orders.open().client();
  await client.ping();
  await orders.factory.shutdown();
  for (const attempt of [
    () => orders.factory.client(),
    () => orders.factory.cluster([{ port: 1 }]),
    () => client.duplicate(),
  ]) {
    expect(attempt).toThrow(expect.objectContaining({ code: 'HYG_SHUT_DOWN' }) as Error);
  }
});

test('a lazy client that is first used after shutdown() does not dial, and rejects with HYG_SHUT_DOWN', async () => {
  const client = orders.open().client({ lazyConnect: true });
  client.on('error', () => undefined);
  const library = new Raw({ ...orders.factory.options('late'), lazyConnect: true });
  library.on('error', () => undefined);
  await orders.factory.shutdown();
  await expect(client.ping()).rejects.toMatchObject({ code: 'HYG_SHUT_DOWN' });
  await expect(library.ping()).rejects.toMatchObject({ code: 'HYG_SHUT_DOWN' });
  expect(await redis.rows()).toEqual([]);
});

describe('a user without the permission to name connections', () => {
  beforeAll(async () => {
    await redis.admin.acl('SETUSER', 'mute', 'on', '>pw', '~*', '+@all', '-client|setname');
  });

  test('causes one error per server, with the permission to grant, and the clients keep working', async () => {
    const { host, port } = redis.server;
    orders.open({ connection: { host, port, username: 'mute', password: 'pw' } });
    await Promise.all([
      orders.factory.client().ping(),
      orders.factory.client().ping(),
      orders.factory.client().ping(),
    ]);
    await eventually(() => expect(orders.errors).toHaveLength(1));
    expect(orders.errors[0]).toMatchObject({ code: 'HYG_NAME_REFUSED' });
    expect(orders.errors[0]?.message).toContain('+client|setname');
  });
});

test('an exception of a listener does not affect the connection', async () => {
  const uncaught: unknown[] = [];
  const listener = (error: unknown) => void uncaught.push(error);
  process.prependListener('uncaughtException', listener);
  orders.open().on('connected', () => {
    throw new Error('listener');
  });
  expect(await orders.factory.client().ping()).toBe('PONG');
  process.off('uncaughtException', listener);
  expect(uncaught).toMatchObject([{ message: 'listener' }]);
});
