import * as ioredis from 'ioredis';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { connectionOf } from '../../src/connect/connectors/enforced-connector.js';
import { clientInternals } from '../../src/connect/ioredis/internals.js';
import Redis from '../../src/dropin/index.js';
import type * as Types from '../../src/dropin/types.js';
import { HygieneError, type RedisFactory } from '../../src/index.js';
import { eventually } from '../support/eventually.js';
import { printed } from '../support/use-factory.js';
import { useRedis } from '../support/use-redis.js';

/** The exports of the drop-in are static properties of its class Redis. */
const dropin = Redis as unknown as typeof Types;

const redis = useRedis();
let factory: RedisFactory;

beforeAll(() => {
  dropin.configure({ service: 'orders', host: 'web-1' });
  factory = dropin.defaultFactory();
});
afterAll(() => factory.shutdown());

const address = () => [redis.server.port, redis.server.host] as const;

test('the drop-in has two more exports than ioredis', () => {
  expect([dropin.configure, dropin.defaultFactory]).toEqual([expect.any(Function), expect.any(Function)]);
  expect(dropin.default).toBe(dropin.Redis);
});

test('exports that open no connection are those of ioredis', () => {
  for (const key of [
    'Command',
    'Pipeline',
    'ReplyError',
    'ScanStream',
    'AbstractConnector',
    'print',
  ] as const) {
    expect(dropin[key]).toBe(ioredis[key]);
  }
});

test('new Redis is named, in the ledger, and an instance of both classes', async () => {
  const client = new dropin.Redis(...address());
  expect(await client.client('GETNAME')).toBe('orders@web-1');
  expect(client).toBeInstanceOf(dropin.Redis);
  expect(client).toBeInstanceOf(ioredis.Redis);
  expect(factory.connections()[0]?.callSite[0]).toContain('dropin.test.ts');
  await client.quit();
});

test('a subclass whose duplicate() makes another instance keeps role and heartbeat in its duplicates', async () => {
  class Cache extends dropin.Redis {}
  const value = (override?: object) => new Cache({ ...cache.options, ...override } as object);
  Object.defineProperty(Cache.prototype, 'duplicate', { value });
  const cache: ioredis.Redis = new Cache(...address(), { connectionName: 'subscriber' });
  const copy = cache.duplicate();
  expect(copy).toBeInstanceOf(Cache);
  expect(await copy.client('GETNAME')).toBe('orders@web-1#subscriber');
  expect(connectionOf(clientInternals(copy).connector)?.owner?.expectation()).toBe('nothing');
  await Promise.all([cache.quit(), copy.quit()]);
});

test('a subclass keeps its class, its fields and its own methods', async () => {
  class Cache extends dropin.Redis {
    readonly prefix = 'cache:';
    read(key: string) {
      return this.get(this.prefix + key);
    }
  }
  const cache = new Cache(...address());
  expect(cache).toBeInstanceOf(Cache);
  await cache.set('cache:a', '1');
  expect(await cache.read('a')).toBe('1');
  expect(await cache.client('GETNAME')).toBe('orders@web-1');
  await cache.quit();
});

test('static properties return the enforced classes', async () => {
  const statics = dropin.Redis as unknown as Omit<typeof ioredis, 'createClient'> & {
    createClient(port: number, host: string): ioredis.Redis;
  };
  expect(statics.Cluster).toBe(dropin.Cluster);
  expect(statics.Redis).toBe(dropin.Redis);
  expect(statics.default).toBe(dropin.Redis);
  expect(statics.Command).toBe(ioredis.Command);
  expect(Object.keys(dropin.Redis)).toEqual([...Object.keys(ioredis.Redis), 'configure', 'defaultFactory']);
  const client = statics.createClient(...address());
  expect(await client.client('GETNAME')).toBe('orders@web-1');
  await client.quit();
});

test('refused credentials are the reply that ioredis passes on, without the password; the factory has the code', async () => {
  const codes: string[] = [];
  factory.on('error', ({ code }) => codes.push(code));
  const options = { username: 'nobody', password: 'wr0ng-one', retryStrategy: () => null };
  const client = new dropin.Redis(...address(), options);
  const errors: Error[] = [];
  client.on('error', (error) => errors.push(error));
  const rejection: unknown = await client.get('key').catch((error: unknown) => error);
  expect(rejection).toBeInstanceOf(ioredis.ReplyError);
  expect((rejection as Error).message).toMatch(/^WRONGPASS/);
  expect(errors).toEqual([rejection]);
  await eventually(() => expect(codes).toContain('HYG_AUTH_REFUSED'));
  expect(printed(rejection)).not.toContain('wr0ng-one');
  const copy = client.duplicate().on('error', () => undefined);
  await expect(copy.get('key')).rejects.toBeInstanceOf(ioredis.ReplyError);
});

test('pools and subscribers of the default factory have the code of refused credentials', async () => {
  const [port, host] = address();
  const connection = { host, port, username: 'nobody', password: 'wr0ng-one' };
  const pool = factory.pool({ connection });
  await expect(pool.acquire()).rejects.toMatchObject({ code: 'HYG_AUTH_REFUSED' });
  await pool.close();
  const subscriber = factory.subscriber({ connection });
  const codes: unknown[] = [];
  subscriber.on('error', (error) => codes.push('code' in error && error.code));
  await eventually(() => expect(codes).toContain('HYG_AUTH_REFUSED'));
  await subscriber.close();
});

test('configure() after the first use is refused', () => {
  expect(() => dropin.configure({ service: 'late' })).toThrow(HygieneError);
  expect(() => dropin.configure({ service: 'late' })).toThrow(/HYG|before the first client/);
});

test('pipelines, transactions, scripts and pub/sub work as in ioredis', async () => {
  const client = new dropin.Redis(...address());
  const subscriber = client.duplicate();
  const results = await client.multi().set('k', '1').incr('k').exec();
  expect(results).toEqual([
    [null, 'OK'],
    [null, 2],
  ]);
  expect(await client.eval('return ARGV[1]', 0, 'x')).toBe('x');
  await subscriber.subscribe('news');
  const message = new Promise((resolve) =>
    subscriber.on('message', (channel, text) => resolve([channel, text])),
  );
  await client.publish('news', 'hello');
  expect(await message).toEqual(['news', 'hello']);
  await Promise.all([client.quit(), subscriber.quit()]);
});

test('default options that the application has replaced are those of its clients', () => {
  const { defaultOptions } = dropin.Redis as unknown as { defaultOptions: object };
  onTestFinished(() => void Object.assign(dropin.Redis, { defaultOptions }));
  Object.assign(dropin.Redis, { defaultOptions: { ...defaultOptions, keyPrefix: 'shop:' } });
  expect(new dropin.Redis({ lazyConnect: true }).options.keyPrefix).toBe('shop:');
});
