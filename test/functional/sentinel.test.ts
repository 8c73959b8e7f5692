import { Redis as Raw } from 'ioredis';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createRedisFactory } from '../../src/index.js';
import { eventually } from '../support/eventually.js';
import { startSentinel, type Sentinel } from '../support/sentinel.js';
import { useRedis } from '../support/use-redis.js';

const redis = useRedis();
let sentinel: Sentinel;

beforeAll(async () => {
  sentinel = await startSentinel(redis.server);
});
afterAll(() => sentinel[Symbol.asyncDispose]());

test('a client through Sentinel has names on the master and on the sentinel', async () => {
  const factory = createRedisFactory({ service: 'orders', host: 'web-1' });
  const opened: string[] = [];
  factory.on('connecting', ({ connection }) => opened.push(`${connection.name} ${connection.target}`));
  const { host, port, master } = sentinel;
  const client = factory.client({ sentinels: [{ host, port }], name: master });

  expect(await client.client('GETNAME')).toBe('orders@web-1');
  expect(opened).toEqual([
    'orders@web-1 sentinel://mymaster',
    `orders@web-1#sentinel redis://127.0.0.1:${port}`, // the query for the master
    `orders@web-1#sentinel redis://127.0.0.1:${port}`, // the watcher
  ]);
  await eventually(() =>
    expect(factory.connections()).toMatchObject([
      { name: 'orders@web-1', state: 'ready' },
      { name: 'orders@web-1#sentinel', state: 'ready' },
    ]),
  );
  expect(await factory.shutdown()).toMatchObject({ closed: 2, forced: 0 });
});

test('a shutdown ends the search of a library’s client', async () => {
  const factory = createRedisFactory({
    service: 'orders',
    host: 'web-1',
    connection: { sentinels: [{ host: sentinel.host, port: sentinel.port }], name: 'nobody' },
  });
  const library = new Raw(factory.options('cache'));
  library.on('error', () => undefined);
  await eventually(() => expect(factory.connections().length).toBeGreaterThan(0));
  await factory.shutdown({ timeoutMs: 2_000 });
  await eventually(() => expect(library.status).toBe('end'));
  expect(factory.connections()).toEqual([]);
});

test('a client that is connected again right after a failed search is in the ledger', async () => {
  const { host, port, master } = sentinel;
  const factory = createRedisFactory({ service: 'orders', host: 'web-1' });
  let isFirst = true;
  const reader = factory.client({
    sentinels: [{ host, port }],
    name: master,
    lazyConnect: true,
    sentinelRetryStrategy: () => null,
    natMap: (key) => {
      const [ip = '', own] = key.split(':');
      if (!isFirst) return { host: ip, port: Number(own) };
      isFirst = false;
      throw new Error('not yet');
    },
  });
  reader.on('error', () => undefined);
  await reader.connect().catch(() => reader.connect());
  expect(await reader.ping()).toBe('PONG');
  expect(factory.connections().map(({ role }) => role)).toContain('command');
  await factory.shutdown();
  expect(reader.status).toBe('end');
});

test('queries to sentinels do not count as commands that a shutdown abandons', async () => {
  const factory = createRedisFactory({ service: 'orders', host: 'web-1' });
  const { host, port, master } = sentinel;
  const client = factory.client({ sentinels: [{ host, port }], name: master });
  await client.ping();
  expect(await factory.shutdown()).toMatchObject({ forced: 0, abandonedCommands: 0 });
});

test('a shutdown during the search for the master reports no unreachable sentinel', async () => {
  const errors: unknown[] = [];
  const factory = createRedisFactory({ service: 'orders', host: 'web-1' });
  factory.on('error', (error) => errors.push(error));
  const { host, port, master } = sentinel;
  const client = factory.client({ sentinels: [{ host, port }], name: master });
  client.on('error', (error) => errors.push(error));
  const waiting = expect(client.get('key')).rejects.toMatchObject({ code: 'HYG_SHUT_DOWN' });
  await factory.shutdown();
  await waiting;
  expect(errors).not.toContainEqual(expect.objectContaining({ code: 'HYG_SENTINEL_UNREACHABLE' }));
});
