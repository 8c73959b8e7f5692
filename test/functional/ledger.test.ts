import { Redis as Raw } from 'ioredis';
import { inspect } from 'node:util';
import { afterEach, expect, test } from 'vitest';
import { createRedisFactory, type RedisFactory } from '../../src/index.js';
import { eventually } from '../support/eventually.js';
import { useRedis } from '../support/use-redis.js';

const redis = useRedis();
let factory: RedisFactory;

function open(options: Partial<Parameters<typeof createRedisFactory>[0]> = {}): RedisFactory {
  factory = createRedisFactory({
    service: 'orders',
    host: 'web-1',
    connection: redis.server.url,
    ...options,
  });
  return factory;
}

afterEach(() => factory.shutdown());

/** The moves of every connection of a factory, as `id:from>to`. */
function recordMoves(of: RedisFactory): string[] {
  const moves: string[] = [];
  for (const name of ['dialling', 'connected', 'ready', 'waiting', 'closed'] as const) {
    of.on(name, ({ from, connection }) => moves.push(`${from ?? ''}>${connection.state}`));
  }
  return moves;
}

test('a connection is in the ledger from its dial to its quit', async () => {
  const moves = recordMoves(open());
  const reasons: string[] = [];
  factory.on('closed', ({ reason }) => reasons.push(reason));
  const client = factory.client();
  expect(factory.connections()).toMatchObject([
    { state: 'dialling', name: 'orders@web-1', role: 'command', dials: 1 },
  ]);
  await client.ping();
  await client.quit();
  await eventually(() => expect(factory.connections()).toEqual([]));
  expect(moves).toEqual(['>dialling', 'dialling>connected', 'connected>ready', 'ready>closed']);
  expect(reasons).toEqual(['application']);
});

test('bytes and the server’s client id are those of the live socket', async () => {
  const client = open().client();
  const id = await client.client('ID');
  const before = factory.connections()[0];
  await client.set('key', 'x'.repeat(1000));
  const after = factory.connections()[0];
  expect(before?.clientId).toBe(id);
  expect(after?.bytesWritten).toBeGreaterThan((before?.bytesWritten ?? 0) + 1000);
  expect(after?.bytesRead).toBeGreaterThan(before?.bytesRead ?? 0);
});

test('a lost connection waits, is dialled again, and stays one entry', async () => {
  const client = open().client();
  await client.ping();
  const [first] = factory.connections();
  const moves = recordMoves(factory);
  await redis.admin.client('KILL', 'ID', String(first?.clientId));
  await eventually(() => expect(factory.connections()[0]).toMatchObject({ state: 'ready', dials: 2 }));
  expect(moves).toEqual(['ready>waiting', 'waiting>dialling', 'dialling>connected', 'connected>ready']);
  const [second] = factory.connections();
  expect(second?.id).toBe(first?.id);
  expect(second?.clientId).not.toBe(first?.clientId);
  expect(await redis.rows()).toHaveLength(1);
});

test.for(['disconnect', 'quit'] as const)('%s() while waiting to redial ends the entry', async (method) => {
  const client = open({
    connection: 'redis://127.0.0.1:1',
    reconnectBaseMs: 5_000,
    reconnectCapMs: 60_000,
  }).client({
    retryStrategy: () => 60_000,
  });
  client.on('error', () => undefined);
  await eventually(() => expect(factory.connections()[0]?.state).toBe('waiting'));
  await client[method]();
  expect(factory.connections()).toEqual([]);
});

test('a client that is used again after its end is a new entry', async () => {
  const client = open().client();
  await client.ping();
  const before = factory.connections()[0]?.id;
  client.disconnect();
  await eventually(() => expect(factory.connections()).toEqual([]));
  await client.connect();
  expect(factory.connections()).toHaveLength(1);
  expect(factory.connections()[0]?.id).not.toBe(before);
});

test('a lazy client enters the ledger with its first command', async () => {
  const client = open().client({ lazyConnect: true });
  expect(factory.connections()).toEqual([]);
  await client.ping();
  expect(factory.connections()).toMatchObject([{ state: 'ready' }]);
});

test('a retry strategy that gives up ends the entry', async () => {
  const reasons: string[] = [];
  open({ connection: 'redis://127.0.0.1:1' }).on('closed', ({ reason }) => reasons.push(reason));
  const client = factory.client({ retryStrategy: () => null });
  client.on('error', () => undefined);
  await eventually(() => expect(reasons).toEqual(['gave-up']));
  expect(factory.connections()).toEqual([]);
});

test('the opener can be switched off', async () => {
  await open({ openerFrames: 0 }).client().ping();
  expect(factory.connections()[0]?.opener).toEqual([]);
});

test('the opener is the caller’s line, not ours', async () => {
  await open({ openerFrames: 1 }).client().ping();
  expect(factory.connections()[0]?.opener).toEqual([expect.stringContaining('ledger.test.ts')]);
});

test('a client of a library is in the ledger only while it has a socket', async () => {
  open();
  const library = new Raw(factory.options('cache'));
  await library.ping();
  expect(factory.connections()).toMatchObject([{ role: 'cache', state: 'connected' }]);
  library.disconnect();
  await eventually(() => expect(factory.connections()).toEqual([]));
});

test('printing a client, the ledger or an entry shows no password', async () => {
  const url = redis.server.url.replace('redis://', 'redis://default:s3cret@');
  const client = open({ connection: url }).client();
  client.on('error', () => undefined);
  await eventually(() => expect(factory.connections()).toHaveLength(1));
  const printed = inspect(
    { client, factory, connections: factory.connections() },
    { depth: 9, showHidden: true },
  );
  expect(printed).toContain('Redis <orders@web-1');
  expect(printed).not.toContain('s3cret');
});
