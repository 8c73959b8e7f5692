import 'reflect-metadata';
import { type DynamicModule, Inject, Module, type INestApplicationContext } from '@nestjs/common';
import { NestApplicationContextOptions } from '@nestjs/common/interfaces/nest-application-context-options.interface.js';
import { NestFactory } from '@nestjs/core';
import { HealthCheckService, TerminusModule } from '@nestjs/terminus';
import type { Redis } from 'ioredis';
import { afterEach, describe, expect, test } from 'vitest';
import {
  getPoolToken,
  getRedisToken,
  getSubscriberToken,
  InjectPool,
  InjectRedis,
  InjectRedisFactory,
  REDIS_FACTORY,
  RedisHealthIndicator,
  RedisHygieneModule,
  type RedisHygieneModuleOptions,
} from '../../src/adapters/nestjs/index.js';
import type { Pool, RedisFactory, Subscriber } from '../../src/index.js';
import { eventually } from '../support/eventually.js';
import { startRedis } from '../support/redis/index.js';
import { useFactory } from '../support/use-factory.js';
import { useRedis } from '../support/use-redis.js';

const redis = useRedis();
const own = useFactory(redis);
const opened: INestApplicationContext[] = [];
afterEach(async () => {
  await Promise.all(opened.splice(0).map((app) => app.close()));
});

const options = (): RedisHygieneModuleOptions => ({
  service: 'orders',
  host: 'web-1',
  connection: redis.server.url,
});

type Imports = NonNullable<DynamicModule['imports']>;

/** A module, as `@Module()` makes it. */
function createModule(imports: Imports, providers: NonNullable<DynamicModule['providers']> = []) {
  class AnyModule {
    readonly isModule = true;
  }
  Module({ imports, providers })(AnyModule);
  return AnyModule;
}

/** Lets a failed start reject instead of ending the process. */
const SILENT = Object.assign(new NestApplicationContextOptions(), { logger: false, abortOnError: false });

async function start(
  imports: Imports,
  providers: NonNullable<DynamicModule['providers']> = [],
): Promise<INestApplicationContext> {
  const app = await NestFactory.createApplicationContext(createModule(imports, providers), SILENT);
  opened.push(app);
  return app;
}

/** Applies a parameter decorator, as the compiler does for `constructor(@decorator parameter)`. */
function injectInto(target: object, decorators: readonly ParameterDecorator[]): void {
  decorators.forEach((decorate, index) => decorate(target, undefined, index));
}

class Orders {
  constructor(
    readonly client: Redis,
    readonly cache: Redis,
    readonly pool: Pool,
    readonly factory: RedisFactory,
  ) {}
}
injectInto(Orders, [InjectRedis(), InjectRedis('cache'), InjectPool('reports'), InjectRedisFactory()]);

const features = () =>
  RedisHygieneModule.forFeature([
    { name: 'cache', client: { db: 1 } },
    { name: 'reports', pool: { max: 2 } },
    { name: 'news', subscriber: {} },
  ]);

test('clients, pools and subscribers are injected by name, named by role, and closed with the application', async () => {
  const app = await start([RedisHygieneModule.forRoot(options()), features()], [Orders]);
  const { client, cache, pool, factory } = app.get(Orders);
  expect(await client.ping()).toBe('PONG');
  expect(await cache.ping()).toBe('PONG');
  expect(await pool.use((one) => one.ping())).toBe('PONG');
  await app.get<Subscriber>(getSubscriberToken('news')).subscribe('a');
  expect(await redis.names()).toEqual([
    'orders@web-1',
    'orders@web-1#cache',
    'orders@web-1#news',
    'orders@web-1#reports',
  ]);
  expect(factory).toBe(app.get(REDIS_FACTORY));
  const ofCache = factory.connections().find(({ role }) => role === 'cache');
  expect(ofCache?.callSite[0]).toMatch(/^features \(.*nest\.test\.ts:\d+:\d+\)$/);
  await app.close();
  expect(await redis.rows()).toEqual([]);
});

describe('forRootAsync()', () => {
  class Config {
    createRedisOptions = () => options();
  }

  test.for(['useClass', 'useExisting', 'useFactory'] as const)('with %s', async (way) => {
    const ways = {
      useClass: { useClass: Config },
      useExisting: {
        imports: [{ module: createModule([]), providers: [Config], exports: [Config] }],
        useExisting: Config,
      },
      useFactory: {
        imports: [{ module: createModule([]), providers: [Config], exports: [Config] }],
        inject: [Config],
        useFactory: (config: Config) => Promise.resolve(config.createRedisOptions()),
      },
    };
    const app = await start([RedisHygieneModule.forRootAsync(ways[way])]);
    expect(await app.get<Redis>(getRedisToken()).ping()).toBe('PONG');
  });
});

describe('two modules that ask for one name', () => {
  test('share what is opened, if their options are equal', async () => {
    const news = () => createModule([features()]);
    const app = await start([RedisHygieneModule.forRoot(options()), news(), news()], []);
    await app.get<RedisFactory>(REDIS_FACTORY).ready();
    const roles = app
      .get<RedisFactory>(REDIS_FACTORY)
      .connections()
      .map(({ role }) => role);
    expect(roles.filter((role) => role === 'cache' || role === 'news')).toEqual(['cache', 'news']);
  });

  test('get one error at start, if their options differ', async () => {
    const other = createModule([RedisHygieneModule.forFeature([{ name: 'cache', client: { db: 2 } }])]);
    const error = await start([RedisHygieneModule.forRoot(options()), features(), other]).catch(
      (reason: unknown) => reason,
    );
    expect(error).toMatchObject({ code: 'HYG_NEST_CONFLICT', details: { kind: 'client', name: 'cache' } });
    await eventually(async () => expect(await redis.rows()).toEqual([]));
  });
});

test('forRoot() without options takes all defaults', async () => {
  const app = await start([RedisHygieneModule.forRoot()]);
  expect(app.get<RedisFactory>(REDIS_FACTORY).mode).toBe('enforce');
});

describe('refuses at start', () => {
  test('two roots, and not two applications with one root each', async () => {
    const root = () => RedisHygieneModule.forRoot(options());
    const async = RedisHygieneModule.forRootAsync({ useFactory: options });
    for (const roots of [
      [root(), root()],
      [root(), createModule([async])],
    ]) {
      await expect(start([...roots, features()])).rejects.toMatchObject({ code: 'HYG_NEST_ROOT_TWICE' });
    }
    const shared = root();
    await Promise.all([start([shared, createModule([shared])]), start([root()])]);
  });

  test.for([undefined, null, 'redis://localhost', []])('useFactory that returns %j', async (wrong) => {
    const useFactory = () => wrong as never;
    await expect(start([RedisHygieneModule.forRootAsync({ useFactory })])).rejects.toMatchObject({
      code: 'HYG_OPTION_TYPE',
    });
  });

  test('forFeature() without forRoot()', async () => {
    await expect(start([features()])).rejects.toMatchObject({ code: 'HYG_NEST_ROOT_MISSING' });
  });

  test('wrong options of forRoot(), with the error of the factory', async () => {
    const wrong = { ...options(), keepAliveMs: -1 };
    await expect(start([features(), RedisHygieneModule.forRoot(wrong)])).rejects.toMatchObject({
      code: 'HYG_OPTION_RANGE',
    });
  });

  test.for([
    [{ factory: 'redis' }, 'HYG_OPTION_TYPE'],
    [{ factory: undefined, connections: 1 }, 'HYG_OPTION_UNKNOWN'],
  ] as const)('%j', async ([wrong, code]) => {
    await expect(
      start([RedisHygieneModule.forRoot({ ...(wrong as object), service: 'orders' })]),
    ).rejects.toMatchObject({ code });
  });

  test.for([
    [[{ name: '' }], 'HYG_OPTION_TYPE'],
    [[{ name: 'a', pool: {}, client: {} }], 'HYG_OPTION_TYPE'],
    [[{ name: 'a', pool: 3 }], 'HYG_OPTION_TYPE'],
    [[{ names: 'a' }], 'HYG_OPTION_UNKNOWN'],
    ['cache', 'HYG_OPTION_TYPE'],
  ] as const)('forFeature(%j)', ([wrong, code]) => {
    expect(() => RedisHygieneModule.forFeature(wrong as never)).toThrow(expect.objectContaining({ code }));
  });
});

describe('a factory of the application', () => {
  test('has its clients closed by force if the server does not answer, and stays open', async ({ skip }) => {
    await using frozen = await startRedis();
    if (frozen.source === 'environment') skip('The server is shared: it cannot be paused.');
    const factory = own.open({ connection: frozen.url, shutdownTimeoutMs: 300 });
    const app = await start([RedisHygieneModule.forRoot({ factory }), features()]);
    const client = app.get<Redis>(getRedisToken('cache'));
    await factory.ready();
    await frozen.pause();
    await app.close();
    await eventually(() => expect(client.status).toBe('end'));
    await frozen.resume();
  });

  test('is used and not closed, but what the modules have opened is', async () => {
    const factory = own.open();
    const client = factory.client();
    const app = await start([RedisHygieneModule.forRoot({ factory }), features()]);
    await factory.ready();
    await app.close();
    expect(await client.ping()).toBe('PONG');
    await eventually(async () => expect(await redis.names()).toEqual(['orders@web-1']));
  });

  test('may have closed everything itself', async () => {
    const app = await start([RedisHygieneModule.forRoot(options()), features()]);
    const factory = app.get<RedisFactory>(REDIS_FACTORY);
    await factory.ready();
    await app.get<Redis>(getRedisToken('cache')).quit();
    await app.get<Pool>(getPoolToken('reports')).close();
    await app.get<Subscriber>(getSubscriberToken('news')).close();
    await app.close();
    expect(await redis.rows()).toEqual([]);
  });
});

test('the health indicator answers as Terminus expects: up, up while degraded, and 503 when down', async () => {
  const app = await start([
    RedisHygieneModule.forRoot({ ...options(), limits: { connections: 10 } }),
    TerminusModule,
  ]);
  const health = await app.resolve(HealthCheckService);
  const indicator = app.get(RedisHealthIndicator);
  const factory = app.get<RedisFactory>(REDIS_FACTORY);
  await app.get<Redis>(getRedisToken()).ping();
  const check = () => health.check([() => indicator.isHealthy()]);

  expect(await check()).toMatchObject({ status: 'ok', info: { redis: { status: 'up', health: 'up' } } });
  const pool = factory.pool({ max: 9 });
  expect(await check()).toMatchObject({
    status: 'ok',
    info: { redis: { status: 'up', health: 'degraded', reasons: [{ code: 'budget' }] } },
  });
  await pool.close();
  await factory.shutdown();
  const down = (await check().catch((error: unknown) => error)) as { getStatus(): number };
  expect(down.getStatus()).toBe(503);
  expect(down).toMatchObject({ response: { error: { redis: { reasons: [{ code: 'shut-down' }] } } } });
});

test('Inject by token works without decorators of ours', async () => {
  class Plain {
    constructor(readonly client: Redis) {}
  }
  injectInto(Plain, [Inject(getRedisToken())]);
  const app = await start([RedisHygieneModule.forRoot(options())], [Plain]);
  expect(await app.get(Plain).client.ping()).toBe('PONG');
});
