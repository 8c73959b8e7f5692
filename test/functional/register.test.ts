import { createRequire } from 'node:module';
import type * as Ioredis from 'ioredis';
import type { Redis as RedisClass, RedisOptions } from 'ioredis';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { createRedisFactory } from '../../src/index.js';
import { preload } from '../../src/register/preload.js';
import * as runtime from '../../src/register/runtime.js';
import { eventually } from '../support/eventually.js';
import { printed } from '../support/use-factory.js';
import { useRedis } from '../support/use-redis.js';

// The preload loads the bundled runtime. Here its sources are loaded instead.
vi.mock('../../src/register/lazy-runtime.js', async () => {
  const sources = await import('../../src/register/runtime.js');
  return { loadRuntime: () => sources, getLoadedRuntime: () => sources };
});

const redis = useRedis();
const require = createRequire(import.meta.url);
const clients: RedisClass[] = [];

vi.stubEnv('REDIS_HYGIENE_SERVICE', 'orders');
vi.stubEnv('HOSTNAME', 'web-1');
vi.stubEnv('REDIS_HYGIENE_HEARTBEAT_INTERVAL_MS', '1000');
vi.stubEnv('REDIS_HYGIENE_LIMITS_PER_CALL_SITE', '2');
const warnings: string[] = [];
vi.spyOn(process, 'emitWarning').mockImplementation((text) => void warnings.push(String(text)));
const { Redis } = require('ioredis') as typeof Ioredis;
// After the test's own client was created, which must not be enforced.
beforeAll(() => preload());

afterAll(() => clients.forEach((client) => client.disconnect()));

function open(options: RedisOptions = {}): RedisClass {
  const client = new Redis({ port: redis.server.port, host: redis.server.host, ...options });
  clients.push(client);
  return client;
}

test('a client and its duplicates are enforced, and stay plain ioredis clients', async () => {
  const client = open();
  const copy = client.duplicate();
  clients.push(copy);
  await Promise.all([client.ping(), copy.ping()]);
  expect(await redis.names()).toEqual(['orders@web-1', 'orders@web-1']);
  expect(Object.getPrototypeOf(client)).toBe(Redis.prototype);
  expect(Object.getOwnPropertyDescriptor(client, 'connector')).toMatchObject({
    writable: true,
    enumerable: true,
  });
  expect(runtime.readLedger()).toMatchObject({ owner: 'orders@web-1', connections: { length: 2 } });
  client.disconnect();
  copy.disconnect();
  await eventually(() => expect(runtime.readLedger()?.connections).toEqual([]));
});

test('an EXEC whose WATCH was lost is rejected', async () => {
  const client = open({ retryStrategy: () => 20 });
  await client.watch('k');
  const { stream } = client as unknown as { stream: { destroy(): void } };
  stream.destroy();
  await vi.waitFor(
    () => expect(runtime.readLedger()?.connections).toMatchObject([{ state: 'ready', dials: 2 }]),
    5_000,
  );
  await expect(client.multi().set('k', 1).exec()).rejects.toMatchObject({ code: 'HYG_WATCH_LOST' });
  client.disconnect();
  await eventually(() => expect(runtime.readLedger()?.connections).toEqual([]));
});

test('refused credentials are the reply that ioredis passes on, without the password', async () => {
  const client = open({ username: 'nobody', password: 'wr0ng-one', retryStrategy: () => null });
  client.on('error', () => undefined);
  const rejection: unknown = await client.get('key').catch((error: unknown) => error);
  expect(rejection).toMatchObject({
    name: 'ReplyError',
    message: expect.stringMatching(/^WRONGPASS/) as string,
  });
  expect(printed(rejection)).not.toContain('wr0ng-one');
  await eventually(() => expect(runtime.readLedger()?.connections).toEqual([]));
});

test('lazy clients enter the ledger when they dial, and may be disconnected twice', async () => {
  const client = open({ lazyConnect: true });
  expect(runtime.readLedger()?.connections).toEqual([]);
  await client.connect();
  expect(runtime.readLedger()?.connections).toHaveLength(1);
  client.disconnect();
  client.disconnect();
  await eventually(() => expect(runtime.readLedger()?.connections).toEqual([]));
});

test('a client can connect again after its end', async () => {
  const client = open();
  await client.quit();
  await eventually(() => expect(client.status).toBe('end'));
  await client.connect();
  expect(await redis.names()).toEqual(['orders@web-1']);
  client.disconnect();
});

test('a line of code with too many open clients causes a warning', async () => {
  const opened = [1, 2, 3].map(() => open());
  await Promise.all(opened.map((client) => client.ping()));
  expect(warnings).toEqual([
    expect.stringMatching(/register\.test\.ts:\d+:\d+\)? has 3 clients open, more than the limit of 2\./),
  ]);
  opened.forEach((client) => client.disconnect());
});

test('clients of a factory are in its ledger only', async () => {
  const factory = createRedisFactory({ service: 'billing', host: 'web-1', connection: redis.server.url });
  await factory.client().ping();
  await eventually(async () => expect(await redis.names()).toEqual(['billing@web-1']));
  expect(runtime.readLedger()?.connections).toEqual([]);
  expect(factory.connections()).toHaveLength(1);
  await factory.shutdown();
});
