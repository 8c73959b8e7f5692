import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { HygieneError, MissingPart, RedisFactory } from '../../src/index.js';
import { eventually } from '../support/eventually.js';
import { startRedis } from '../support/redis/index.js';
import { useFactory } from '../support/use-factory.js';
import { useRedis } from '../support/use-redis.js';

const redis = useRedis();
const orders = useFactory(redis);

const rejections: unknown[] = [];
const onRejection = (reason: unknown) => void rejections.push(reason);
beforeAll(() => void process.on('unhandledRejection', onRejection));
afterAll(() => {
  process.off('unhandledRejection', onRejection);
  expect(rejections).toEqual([]);
});

/** Waits for ready() to reject, and returns its error. */
async function notReady(factory: RedisFactory, timeoutMs = 300): Promise<HygieneError> {
  const error: unknown = await factory.ready({ timeoutMs }).then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toMatchObject({ name: 'HygieneError', code: 'HYG_NOT_READY' });
  return error as HygieneError;
}

const missingOf = ({ details }: HygieneError) => details['missing'] as readonly MissingPart[];

test('a factory without connections is ready', async () => {
  const factory = orders.open();
  factory.client({ lazyConnect: true });
  factory.pool();
  await factory.ready({ timeoutMs: 1 });
});

test('a factory is ready when its clients, subscriptions and the min of its pools are', async () => {
  const factory = orders.open();
  const client = factory.client();
  const pool = factory.pool({ min: 2, max: 3 });
  const subscriber = factory.subscriber();
  const subscribed: string[] = [];
  void subscriber.subscribe('news').then(() => subscribed.push('news'));
  await factory.ready();
  expect([client.status, pool.statistics().size, subscribed]).toEqual(['ready', 2, ['news']]);
});

test('ready() waits for a server that hangs at first, and for what is opened meanwhile', async () => {
  await using server = await startRedis({ prefer: 'process' });
  await server.pause();
  const factory = orders.open({ connection: server.url });
  const connected = new Promise((resolve) => factory.once('connected', resolve));
  const first = factory.client();
  const ready = factory.ready({ timeoutMs: 30_000 });
  await connected;
  const second = factory.client();
  await server.resume();
  await ready;
  expect([first.status, second.status]).toEqual(['ready', 'ready']);
});

test('what is missing is named, with its state and its last failure', async () => {
  const factory = orders.open();
  await factory.client().ping();
  const clients = [factory.client(1, '127.0.0.1'), factory.client(1, '127.0.0.1')];
  clients.forEach((client) => client.on('error', () => undefined));
  const error = await notReady(factory);
  expect(error.message).toMatch(
    /^Not everything .* after 300 ms\. 2 × orders@web-1 → redis:\/\/127\.0\.0\.1:1: /,
  );
  expect(error.message).toMatch(/, last failure: .*ECONNREFUSED 127\.0\.0\.1:1\. Read the last failure/);
  const missing = missingOf(error);
  expect(missing.reduce((sum, { count }) => sum + count, 0)).toBe(2);
  expect(missing[0]).toMatchObject({
    name: 'orders@web-1',
    role: 'command',
    target: 'redis://127.0.0.1:1',
    failure: { code: 'HYG_CONNECT_FAILED' },
  });
});

test.each([
  ['a client', {}],
  ['a client that does not wait for its handshake', { enableReadyCheck: false }],
])('%s whose database is refused is missing, until it has selected another one', async (_kind, options) => {
  const factory = orders.open({ connection: `${redis.server.url}/99` });
  const client = factory.client(options);
  client.on('error', () => undefined);
  await client.ping();
  await eventually(() => expect(orders.errors).toMatchObject([{ code: 'HYG_DATABASE_REFUSED' }]));
  const [missing] = missingOf(await notReady(factory));
  expect(missing).toMatchObject({ state: 'database-refused', failure: { code: 'HYG_DATABASE_REFUSED' } });
  const { status, targets } = await factory.health();
  expect([status, ...(targets[0]?.reasons ?? []).map(({ code }) => code)]).toEqual([
    ...['down', 'not-ready', 'database-refused'],
  ]);
  expect(targets[0]?.reasons[0]?.failure).toMatchObject({ code: 'HYG_DATABASE_REFUSED' });
  const ready = factory.ready();
  await client.select(1);
  await ready;
  expect((await factory.health()).status).toBe('up');
});

test('a pool whose database is refused is missing', async () => {
  const factory = orders.open({ connection: `${redis.server.url}/99` });
  factory.pool({ min: 1 });
  const [missing] = missingOf(await notReady(factory, 1_000));
  expect(missing).toMatchObject({ state: 'filling', failure: { code: 'HYG_DATABASE_REFUSED' } });
});

test('refused credentials are the reason, without the password', async () => {
  await using server = await startRedis({ password: 'a-secret-password' });
  const factory = orders.open({
    connection: { host: server.host, port: server.port, password: 'wrong-secret' },
  });
  factory.client().on('error', () => undefined);
  const error = await notReady(factory);
  expect(missingOf(error)).toMatchObject([{ failure: { code: 'HYG_AUTH_REFUSED' } }]);
  expect(JSON.stringify([error.message, error.details])).not.toMatch(/secret/);
  expect(JSON.stringify(await factory.health())).not.toMatch(/secret/);
});

test('a client that has given up and one that the budget has refused are missing', async () => {
  const factory = orders.open({ limits: { connections: 1 } });
  factory.client(1, '127.0.0.1', { retryStrategy: () => null }).on('error', () => undefined);
  const error = await notReady(factory);
  expect(missingOf(error)).toMatchObject([{ state: 'ended', target: 'redis://127.0.0.1:1', count: 1 }]);

  await factory.client().ping();
  const refused = factory.client({ lazyConnect: true, connectionName: 'reports' });
  await refused.connect().catch(() => undefined);
  expect(missingOf(await notReady(factory))).toMatchObject([
    { target: 'redis://127.0.0.1:1' },
    { name: 'orders@web-1#reports', state: 'ended', failure: { code: 'HYG_LIMIT_CONNECTIONS' } },
  ]);
});

test('subscriptions that are not confirmed and missing connections of a pool are named', async () => {
  const factory = orders.open({ connection: { host: '127.0.0.1', port: 1 } });
  factory
    .subscriber()
    .subscribe('a', 'b')
    .catch(() => undefined);
  factory.pool({ min: 2 });
  const missing = missingOf(await notReady(factory));
  expect(missing.map(({ name, state, count }) => [name, state, count])).toEqual([
    ['orders@web-1#subscriber', expect.stringMatching(/connecting$/), 1],
    ['orders@web-1#pool', 'filling', 2],
    ['orders@web-1#subscriber', 'subscribing', 2],
  ]);
});

test('shutdown() rejects what waits, and later calls', async () => {
  const factory = orders.open({ connection: { host: '127.0.0.1', port: 1 } });
  factory.client().on('error', () => undefined);
  const waiting = factory.ready();
  await factory.shutdown();
  const code = 'HYG_SHUT_DOWN';
  await expect(waiting).rejects.toMatchObject({ code });
  await expect(factory.ready()).rejects.toMatchObject({ code });
});

test('a result that nobody looks at is no unhandled rejection', async () => {
  const factory = orders.open({ connection: { host: '127.0.0.1', port: 1 } });
  factory.client().on('error', () => undefined);
  void factory.ready({ timeoutMs: 1 });
  await notReady(factory, 20);
  await pause(20);
  expect(rejections).toEqual([]);
});

test('with REDIS_HYGIENE=off, what ioredis says counts', async () => {
  process.env['REDIS_HYGIENE'] = 'off';
  try {
    const factory = orders.open();
    const client = factory.client();
    const listeners = client.listenerCount('end');
    await factory.ready();
    const { status, targets } = await factory.health();
    expect([status, targets[0]?.reasons.map(({ code }) => code)]).toEqual(['up', ['unverified']]);
    expect(client.listenerCount('end')).toBe(listeners);
    factory.client(1, '127.0.0.1').on('error', () => undefined);
    expect(missingOf(await notReady(factory))).toMatchObject([{ target: 'redis://127.0.0.1:1' }]);
  } finally {
    delete process.env['REDIS_HYGIENE'];
  }
});
