import { Redis as Raw } from 'ioredis';
import { inspect } from 'node:util';
import { expect, test } from 'vitest';
import type { RedisFactory } from '../../src/index.js';
import { eventually } from '../support/eventually.js';
import { useFactory } from '../support/use-factory.js';
import { useRedis } from '../support/use-redis.js';

const redis = useRedis();
const orders = useFactory(redis);

/** Records the moves of all connections of a factory, as `from>to`. */
function recordMoves(factory: RedisFactory): string[] {
  const moves: string[] = [];
  for (const name of ['connecting', 'connected', 'ready', 'reconnecting', 'closed'] as const) {
    factory.on(name, ({ from, connection }) => moves.push(`${from ?? ''}>${connection.state}`));
  }
  return moves;
}

test('a connection is in the ledger from its first dial until it has quit', async () => {
  const moves = recordMoves(orders.open());
  const reasons: string[] = [];
  orders.factory.on('closed', ({ reason }) => reasons.push(reason));
  const client = orders.factory.client();
  expect(orders.factory.connections()).toMatchObject([
    { state: 'connecting', name: 'orders@web-1', role: 'command', dials: 1 },
  ]);
  await client.ping();
  await client.quit();
  await eventually(() => expect(orders.factory.connections()).toEqual([]));
  expect(moves).toEqual(['>connecting', 'connecting>connected', 'connected>ready', 'ready>closed']);
  expect(reasons).toEqual(['application']);
});

test('a client stays in the ledger even if the application removes all its listeners', async () => {
  const client = orders.open().client();
  client.removeAllListeners();
  await client.ping();
  expect(orders.factory.connections()).toMatchObject([
    { state: 'ready', clientId: await client.client('ID') },
  ]);
  client.disconnect();
  await eventually(() => expect(orders.factory.connections()).toEqual([]));
});

test('the bytes and the client id in the ledger are those of the live socket', async () => {
  const client = orders.open().client();
  const id = await client.client('ID');
  const before = orders.factory.connections()[0];
  await client.set('key', 'x'.repeat(1000));
  const after = orders.factory.connections()[0];
  expect(before?.clientId).toBe(id);
  expect(after?.bytesWritten).toBeGreaterThan((before?.bytesWritten ?? 0) + 1000);
  expect(after?.bytesRead).toBeGreaterThan(before?.bytesRead ?? 0);
});

test('a lost connection reconnects and remains the same entry', async () => {
  const client = orders.open().client();
  await client.ping();
  const [first] = orders.factory.connections();
  const moves = recordMoves(orders.factory);
  await redis.admin.client('KILL', 'ID', String(first?.clientId));
  await eventually(() => expect(orders.factory.connections()[0]).toMatchObject({ state: 'ready', dials: 2 }));
  expect(moves).toEqual([
    'ready>reconnecting',
    'reconnecting>connecting',
    'connecting>connected',
    'connected>ready',
  ]);
  const [second] = orders.factory.connections();
  expect(second?.id).toBe(first?.id);
  expect(second?.clientId).not.toBe(first?.clientId);
  expect(await redis.rows()).toHaveLength(1);
});

test.for(['disconnect', 'quit'] as const)('%s() between two dials removes the entry', async (method) => {
  const client = orders
    .open({
      connection: 'redis://127.0.0.1:1',
      reconnectBaseMs: 5_000,
      reconnectCapMs: 60_000,
    })
    .client({
      retryStrategy: () => 60_000,
    });
  client.on('error', () => undefined);
  await eventually(() => expect(orders.factory.connections()[0]?.state).toBe('reconnecting'));
  await client[method]();
  expect(orders.factory.connections()).toEqual([]);
});

test('a client that connects again after its end is a new entry', async () => {
  const client = orders.open().client();
  await client.ping();
  const before = orders.factory.connections()[0]?.id;
  client.disconnect();
  await eventually(() => expect(orders.factory.connections()).toEqual([]));
  await client.connect();
  expect(orders.factory.connections()).toHaveLength(1);
  expect(orders.factory.connections()[0]?.id).not.toBe(before);
});

test('a lazy client enters the ledger with its first command', async () => {
  const client = orders.open().client({ lazyConnect: true });
  expect(orders.factory.connections()).toEqual([]);
  await client.ping();
  expect(orders.factory.connections()).toMatchObject([{ state: 'ready' }]);
});

test('the entry is removed if the retry strategy stops reconnecting', async () => {
  const reasons: string[] = [];
  orders.open({ connection: 'redis://127.0.0.1:1' }).on('closed', ({ reason }) => reasons.push(reason));
  const client = orders.factory.client({ retryStrategy: () => null });
  client.on('error', () => undefined);
  await eventually(() => expect(reasons).toEqual(['gave-up']));
  expect(orders.factory.connections()).toEqual([]);
});

test('call sites can be disabled', async () => {
  await orders.open({ callSiteFrames: 0 }).client().ping();
  expect(orders.factory.connections()[0]?.callSite).toEqual([]);
});

test('the call site is the line of the caller, not of redis-hygiene', async () => {
  await orders.open({ callSiteFrames: 1 }).client().ping();
  expect(orders.factory.connections()[0]?.callSite).toEqual([expect.stringContaining('ledger.test.ts')]);
});

test('a client of a library is in the ledger only while it has a socket', async () => {
  orders.open();
  const library = new Raw(orders.factory.options('cache'));
  await library.ping();
  expect(orders.factory.connections()).toMatchObject([{ role: 'cache', state: 'connected' }]);
  library.disconnect();
  await eventually(() => expect(orders.factory.connections()).toEqual([]));
});

test('a printed client, factory or ledger contains no password', async () => {
  const url = redis.server.url.replace('redis://', 'redis://default:s3cret@');
  const client = orders.open({ connection: url }).client();
  client.on('error', () => undefined);
  await eventually(() => expect(orders.factory.connections()).toHaveLength(1));
  const printed = inspect(
    { client, factory: orders.factory, connections: orders.factory.connections() },
    { depth: 9, showHidden: true },
  );
  expect(printed).toContain('Redis <orders@web-1');
  expect(printed).not.toContain('s3cret');
});
