import { Redis as Raw } from 'ioredis';
import { describe, expect, test } from 'vitest';
import { eventually } from '../support/eventually.js';
import { quietNow } from '../support/quiet-clock.js';
import { startRedis } from '../support/redis/index.js';
import { useFactory } from '../support/use-factory.js';
import { useRedis } from '../support/use-redis.js';

const redis = useRedis();
const orders = useFactory(redis);

test('commands in flight get their replies before the connection is closed', async () => {
  const client = orders.open().client();
  await client.ping();
  const replies = Promise.all(Array.from({ length: 1000 }, (_, index) => client.set(`key:${index}`, index)));
  const report = await orders.factory.shutdown();
  expect(await replies).toHaveLength(1000);
  expect(report).toMatchObject({ closed: 1, forced: 0, abandonedCommands: 0 });
  expect(await redis.rows()).toEqual([]);
});

test('commands that wait for the first connection get their replies', async () => {
  const client = orders.open().client();
  const reply = client.set('early', '1');
  expect(await orders.factory.shutdown()).toMatchObject({ closed: 1, forced: 0 });
  expect(await reply).toBe('OK');
});

test('commands that auto-pipelining has not written yet get their replies', async () => {
  const client = orders.open().client({ enableAutoPipelining: true });
  await client.ping();
  const replies = Promise.all(Array.from({ length: 100 }, (_, index) => client.get(`key:${index}`)));
  const more = new Promise((resolve) => setImmediate(() => resolve(client.set('late', '1'))));
  await orders.factory.shutdown();
  expect(await replies).toHaveLength(100);
  expect(await more).toBe('OK');
});

test('a subscriber and a monitor are closed without being forced', async () => {
  const client = orders.open().client();
  const subscriber = client.duplicate();
  await subscriber.subscribe('news');
  await client.monitor();
  expect(await orders.factory.shutdown()).toMatchObject({ closed: 3, forced: 0 });
  expect(await redis.rows()).toEqual([]);
});

test('a client blocked in BLPOP 0 is destroyed at once, and counted', async () => {
  const client = orders.open().client();
  await client.ping();
  const popped = client.blpop('nothing', 0).catch((error: unknown) => error);
  await eventually(async () => expect((await redis.rows())[0]?.flags).toContain('b'));
  const start = quietNow();
  const report = await orders.factory.shutdown();
  expect(quietNow() - start).toBeLessThan(1_000);
  expect(report).toMatchObject({ closed: 0, forced: 1, abandonedCommands: 1 });
  expect(report.connections[0]?.why).toContain('blocking');
  expect(await popped).toBeInstanceOf(Error);
  await eventually(async () => expect(await redis.rows()).toEqual([]));
});

test('a blocking command does not delay the shutdown after the commands before it', async () => {
  const client = orders.open().client();
  await client.ping();
  const reply = client.get('key');
  const popped = client.blpop('nothing', 0).catch((error: unknown) => error);
  const start = quietNow();
  const report = await orders.factory.shutdown();
  expect(quietNow() - start).toBeLessThan(1_000);
  expect(await reply).toBeNull();
  expect(await popped).toBeInstanceOf(Error);
  expect(report).toMatchObject({ forced: 1, abandonedCommands: 1 });
});

test('a client that the application closes has the close reason application', async () => {
  const reasons: string[] = [];
  const client = orders.open().client();
  orders.factory.on('closed', ({ reason }) => reasons.push(reason));
  await client.ping();
  client.disconnect();
  await orders.factory.shutdown();
  expect(reasons).toEqual(['application']);
});

test('a client that was reconnecting rejects commands after the shutdown', async () => {
  const client = orders.open({ connection: 'redis://127.0.0.1:1', reconnectBaseMs: 5_000 }).client({
    retryStrategy: () => 5_000,
  });
  client.on('error', () => undefined);
  await eventually(() => expect(orders.factory.connections()[0]?.state).toBe('reconnecting'));
  await orders.factory.shutdown();
  expect(client.status).toBe('end');
  await expect(client.get('key')).rejects.toThrow('Connection is closed');
});

test('retryStrategy: false disables reconnecting, as in ioredis', async () => {
  const client = orders.open({ connection: 'redis://127.0.0.1:1' }).client({ retryStrategy: false as never });
  client.on('error', () => undefined);
  await eventually(() => expect(client.status).toBe('end'));
  expect(orders.factory.connections()).toEqual([]);
});

test('XREAD without BLOCK is not a blocking command', async () => {
  const client = orders.open().client();
  await client.ping();
  const read = client.call('XREAD', 'STREAMS', 'nothing', '0');
  expect(await orders.factory.shutdown()).toMatchObject({ closed: 1, forced: 0 });
  expect(await read).toBeNull();
});

describe('a client that reconnects to a dead port', () => {
  const dead = { connection: 'redis://127.0.0.1:1', reconnectBaseMs: 1_000 };

  test('ends at once', async () => {
    const client = orders.open(dead).client();
    client.on('error', () => undefined);
    await eventually(() => expect(orders.factory.connections()[0]?.state).toBe('reconnecting'));
    expect(await orders.factory.shutdown()).toMatchObject({ closed: 1, forced: 0 });
  });

  test('and its waiting commands are rejected with HYG_SHUT_DOWN', async () => {
    const client = orders.open(dead).client({ maxRetriesPerRequest: null });
    client.on('error', () => undefined);
    const waiting = client.get('key').catch((error: unknown) => error);
    await eventually(() => expect(orders.factory.connections()[0]?.state).toBe('reconnecting'));
    expect(await orders.factory.shutdown()).toMatchObject({ closed: 0, forced: 1, abandonedCommands: 1 });
    expect(await waiting).toMatchObject({ code: 'HYG_SHUT_DOWN' });
  });
});

test('connections to a frozen server are destroyed at the deadline, and counted as forced', async ({
  skip,
}) => {
  await using frozen = await startRedis();
  if (frozen.source === 'environment') skip('The server is shared: it cannot be paused.');
  const clients = [orders.open({ connection: frozen.url }).client(), orders.factory.client()];
  await Promise.all(clients.map((client) => client.ping()));
  await frozen.pause();
  const pending = clients.map((client) => client.get('key').catch((error: unknown) => error));
  const start = quietNow();
  const report = await orders.factory.shutdown({ timeoutMs: 500 });
  expect(quietNow() - start).toBeLessThan(500 + 500); // the end of its work comes after the deadline
  expect(report).toMatchObject({ closed: 0, forced: 2, abandonedCommands: 2 });
  expect(report.durationMs).toBeGreaterThan(250);
  expect(await Promise.all(pending)).toEqual([expect.any(Error), expect.any(Error)]);
});

test('a client that a library built is closed too, and does not reconnect', async () => {
  orders.open();
  const library = new Raw(orders.factory.options('cache'));
  await library.ping();
  await orders.factory.shutdown();
  await eventually(() => expect(library.status).toBe('end'));
  expect(await redis.rows()).toEqual([]);
});

test('shutdown() runs once, with the timeout of the first call, and emits its report', async () => {
  orders.open().client();
  const reports: unknown[] = [];
  orders.factory.on('shutdown', (report) => reports.push(report));
  const [first, second] = [
    orders.factory.shutdown({ timeoutMs: 1_000 }),
    orders.factory.shutdown({ timeoutMs: 2_000 }),
  ];
  expect(second).toBe(first);
  expect(reports).toEqual([await first]);
  expect(await first).toMatchObject({ timeoutMs: 1_000 });
});

test('shutdown() refuses a timeout out of bounds', () => {
  orders.open();
  expect(() => orders.factory.shutdown({ timeoutMs: 0 })).toThrow(
    expect.objectContaining({ code: 'HYG_OPTION_RANGE' }) as Error,
  );
});

test('await using shuts the factory down at the end of its block', async () => {
  {
    await using scoped = orders.open();
    await scoped.client().ping();
    expect(await redis.rows()).toHaveLength(1);
  }
  expect(await redis.rows()).toEqual([]);
});
