import fastifyCookie from '@fastify/cookie';
import fastifyRateLimit from '@fastify/rate-limit';
import fastifyRedis from '@fastify/redis';
import fastifySession from '@fastify/session';
import Fastify, { type FastifyInstance, type Session } from 'fastify';
import type { Redis } from 'ioredis';
import { afterEach, describe, expect, test } from 'vitest';
import redisHygiene, { type RedisHygieneOptions } from '../../../src/adapters/fastify/index.js';
import { eventually } from '../../support/eventually.js';
import { useFactory } from '../../support/use-factory.js';
import { useRedis } from '../../support/use-redis.js';

const redis = useRedis();
const given = useFactory(redis);
const apps: FastifyInstance[] = [];

afterEach(async () => {
  await Promise.all(apps.splice(0).map((app) => app.close()));
  await eventually(async () => expect(await redis.names()).toEqual([]));
});

function createApp(options?: Parameters<typeof Fastify>[0]): FastifyInstance {
  const app = Fastify(options);
  apps.push(app);
  return app;
}

/** An application `orders@web-1` with the plugin. */
async function start(options: RedisHygieneOptions = {}): Promise<FastifyInstance> {
  const app = createApp();
  app.register(redisHygiene, ownOptions(options));
  await app.ready();
  return app;
}

function ownOptions(options: RedisHygieneOptions = {}): RedisHygieneOptions {
  return { service: 'orders', host: 'web-1', connection: redis.server.url, ...options };
}

/** A client of the option `clients`. */
function clientOf(app: FastifyInstance, name: string): Redis {
  return (app.redis as unknown as Record<string, Redis>)[name] as Redis;
}

async function failure(options: unknown): Promise<unknown> {
  const app = createApp();
  app.register(redisHygiene, options as RedisHygieneOptions);
  return app.ready().then(
    () => 'started',
    (error: unknown) => error,
  );
}

describe('the Fastify plugin', () => {
  test('decorates with a factory, a client, and clients by name, and closes all of them', async () => {
    const app = await start({
      clients: { sessions: {}, queue: redis.server.url, cache: { connectionName: 'lru' } },
    });
    const clients = [app.redis.client, ...['sessions', 'queue', 'cache'].map((name) => clientOf(app, name))];
    expect(await Promise.all(clients.map((client) => client.ping()))).toEqual(Array(4).fill('PONG'));
    const names = ['orders@web-1', 'orders@web-1#lru', 'orders@web-1#queue', 'orders@web-1#sessions'];
    expect(await redis.names()).toEqual(names);
    expect(app.redis.factory.connections()).toHaveLength(4);
    await app.close();
    await eventually(async () => expect(await redis.names()).toEqual([]));
    expect(() => app.redis.factory.client()).toThrow('shutting down');
  });

  test('is there for plugins in other scopes, and stays in the scope that has it', async () => {
    const app = createApp();
    await app.register(async (scope) => {
      await scope.register(redisHygiene, ownOptions());
      await scope.register(async (inner) => void (await inner.redis.client.ping()));
    });
    await app.ready();
    expect(app.hasDecorator('redis')).toBe(false);
  });

  test('registered by import() takes the default export, and a prefix has no part in its options', async () => {
    const app = createApp();
    const options = ownOptions({ readiness: '/readyz' });
    await app.register(import('../../../src/adapters/fastify/index.js'), { ...options, prefix: '/v1' });
    expect(await app.redis.client.ping()).toBe('PONG');
  });

  test('serves a request that is under way while the application closes', async () => {
    const app = createApp();
    await app.register(redisHygiene, ownOptions());
    const closing: { done?: Promise<void> } = {};
    app.get('/', async () => {
      closing.done = app.close();
      await eventually(() => expect(app.server.listening).toBe(false));
      return app.redis.client.ping();
    });
    const address = await app.listen({ port: 0, host: '127.0.0.1' });
    const response = await fetch(address, { headers: { connection: 'close' } });
    expect(await response.text()).toBe('PONG');
    await closing.done;
    await eventually(async () => expect(await redis.names()).toEqual([]));
  });

  test('closes also if the application has closed a client', async () => {
    const app = await start({ clients: { sessions: {} } });
    await clientOf(app, 'sessions').quit();
    app.redis.client.disconnect();
    await app.close();
    await eventually(async () => expect(await redis.names()).toEqual([]));
  });
});

describe('a given factory', () => {
  test('stays open when the application closes; only the clients of the plugin are closed', async () => {
    const factory = given.open();
    const own = factory.client({ connectionName: 'own' });
    await own.ping();
    const app = createApp();
    await app.register(redisHygiene, { factory, clients: { sessions: {} } });
    await Promise.all([app.redis.client.ping(), clientOf(app, 'sessions').ping()]);
    expect(app.redis.factory).toBe(factory);
    const pending = app.redis.client.get('x');
    await app.close();
    expect(await pending).toBeNull();
    await eventually(async () => expect(await redis.names()).toEqual(['orders@web-1#own']));
    expect(await own.ping()).toBe('PONG');
    await factory.shutdown();
  });

  test('has no options beside it', async () => {
    const factory = given.open();
    expect(await failure({ factory, service: 'other' })).toMatchObject({ code: 'HYG_OPTION_UNKNOWN' });
    expect(await failure({ factory: factory.client({ lazyConnect: true }) })).toMatchObject({
      code: 'HYG_OPTION_TYPE',
    });
    await factory.shutdown();
  });
});

describe('the start fails if', () => {
  test.each<[string, object, string]>([
    ['an option is unknown', { servise: 'orders' }, 'HYG_OPTION_UNKNOWN'],
    ['a client would hide the factory', { clients: { factory: {} } }, 'HYG_OPTION_RANGE'],
    ['a client would hide the shared one', { clients: { client: {} } }, 'HYG_OPTION_RANGE'],
    ['the clients are a list', { clients: ['sessions'] }, 'HYG_OPTION_TYPE'],
    ['a client is a number', { clients: { sessions: 6379 } }, 'HYG_OPTION_TYPE'],
    ['the decorator is none', { decorator: '' }, 'HYG_OPTION_TYPE'],
    ['a path does not begin with a slash', { readiness: 'readyz' }, 'HYG_OPTION_TYPE'],
    ['a path is true', { liveness: true }, 'HYG_OPTION_TYPE'],
    ['ready is a number', { ready: 5 }, 'HYG_OPTION_TYPE'],
  ])('%s', async (_what, options, code) => {
    expect(await failure({ ...ownOptions(), ...options })).toMatchObject({ code });
  });

  test('Redis is not there and `ready` asks for it: the connections are given up', async () => {
    const app = createApp();
    app.register(redisHygiene, ownOptions({ connection: 'redis://127.0.0.1:1', ready: { timeoutMs: 50 } }));
    const opened = app.ready().then(undefined, (error: unknown) => error);
    expect(await opened).toMatchObject({ code: 'HYG_NOT_READY' });
  });

  test('`ready` waits: once started, the clients are ready', async () => {
    const app = await start({ ready: true, clients: { sessions: {} } });
    expect(clientOf(app, 'sessions').status).toBe('ready');
  });

  test('the version of Fastify is out of range', async () => {
    const app = createApp();
    Object.defineProperty(app, 'version', { value: '4.29.0' });
    const failed = Promise.resolve()
      .then(() => app.register(redisHygiene, ownOptions()))
      .then(() => app.ready());
    await expect(failed).rejects.toMatchObject({ code: 'FST_ERR_PLUGIN_VERSION_MISMATCH' });
  });
});

describe('the decorator is taken', () => {
  test('by the plugin itself, in the same scope or above', async () => {
    const app = createApp();
    await app.register(redisHygiene, ownOptions());
    await expect(app.register(redisHygiene, ownOptions())).rejects.toMatchObject({
      code: 'HYG_DECORATOR_TAKEN',
      message: expect.stringContaining('redis-hygiene is registered in this scope') as string,
    });
  });

  test('but another one is free', async () => {
    const app = createApp();
    await app.register(redisHygiene, ownOptions());
    await app.register(redisHygiene, ownOptions({ service: 'other', decorator: 'cache' }));
    const { cache } = app as unknown as { cache: FastifyInstance['redis'] };
    await Promise.all([cache.client.ping(), app.redis.client.ping()]);
    expect(await redis.names()).toEqual(['orders@web-1', 'other@web-1']);
  });

  test('by @fastify/redis, before this plugin', async () => {
    const app = createApp();
    await app.register(fastifyRedis, { url: redis.server.url });
    await expect(app.register(redisHygiene, ownOptions())).rejects.toMatchObject({
      code: 'HYG_DECORATOR_TAKEN',
      message: expect.stringContaining(
        '@fastify/redis, another plugin or the application has made it',
      ) as string,
    });
  });

  test.for([
    ['a value', 1],
    ['a function', () => 1],
  ] as const)('by %s of the application', async ([, value]) => {
    const app = createApp();
    app.decorate('redis' as 'server', value as never);
    const failed = await app.register(redisHygiene, ownOptions()).then(undefined, (error: unknown) => error);
    expect(failed).toMatchObject({ code: 'HYG_DECORATOR_TAKEN' });
    expect((failed as Error).message).toContain(
      'the application has made it. Expected a name that is free. Register',
    );
    expect((failed as Error).message).not.toContain('redis-hygiene is registered');
  });

  test('by @fastify/redis, after this plugin', async () => {
    const app = createApp();
    await app.register(redisHygiene, ownOptions());
    await app.register(fastifyRedis, { url: redis.server.url, namespace: 'sessions' });
    await expect(app.ready()).rejects.toMatchObject({ code: 'HYG_DECORATOR_TAKEN' });
  });
});

describe('probes', () => {
  test('are answered by GET and HEAD: liveness always, readiness by the health of the factory', async () => {
    const app = await start({ readiness: '/readyz', liveness: '/livez', ready: true });
    const ready = await app.inject('/readyz');
    expect([ready.statusCode, ready.json<object>()]).toMatchObject([200, { status: 'up' }]);
    expect(ready.headers['cache-control']).toBe('no-store');
    const head = await app.inject({ method: 'HEAD', url: '/readyz' });
    expect([head.statusCode, head.body]).toEqual([200, '']);
    await app.redis.factory.shutdown();
    const down = await app.inject('/readyz');
    expect([down.statusCode, down.json<object>()]).toMatchObject([503, { status: 'down' }]);
    expect((await app.inject('/livez')).json()).toEqual({ status: 'up' });
  });

  test('are no routes unless asked for', async () => {
    const app = await start();
    expect((await app.inject('/readyz')).statusCode).toBe(404);
    expect((await app.inject('/livez')).statusCode).toBe(404);
  });
});

/** A store of @fastify/session over a client. */
function sessionStore(client: Redis) {
  const settle = (work: Promise<unknown>, done: (error?: unknown) => void) =>
    void work.then(() => done(), done);
  return {
    set: (id: string, session: Session, done: (error?: unknown) => void) =>
      settle(client.set(`session:${id}`, JSON.stringify(session), 'EX', 60), done),
    get: (id: string, done: (error: unknown, session?: Session | null) => void) =>
      void client.get(`session:${id}`).then(
        (text) => done(null, text === null ? null : (JSON.parse(text) as Session)),
        (error: unknown) => done(error),
      ),
    destroy: (id: string, done: (error?: unknown) => void) => settle(client.del(`session:${id}`), done),
  };
}

describe('plugins of others', () => {
  test('@fastify/rate-limit counts by a client of the plugin, and does not limit the probes', async () => {
    const app = createApp();
    await app.register(redisHygiene, ownOptions({ readiness: '/readyz', clients: { limits: {} } }));
    await app.register(fastifyRateLimit, { max: 2, redis: clientOf(app, 'limits'), nameSpace: 'limits:' });
    app.get('/', () => 'hello');
    const codes = [];
    for (let i = 0; i < 3; i++) codes.push((await app.inject('/')).statusCode);
    expect(codes).toEqual([200, 200, 429]);
    expect(await redis.admin.keys('limits:*')).not.toEqual([]);
    const probes = [];
    for (let i = 0; i < 3; i++) probes.push((await app.inject('/readyz')).statusCode);
    expect(probes).toEqual([200, 200, 200]);
  });

  test('@fastify/session keeps sessions by a client of the plugin', async () => {
    const app = createApp();
    await app.register(redisHygiene, ownOptions({ clients: { sessions: {} } }));
    await app.register(fastifyCookie);
    const store = sessionStore(clientOf(app, 'sessions'));
    await app.register(fastifySession, { secret: 's'.repeat(32), cookie: { secure: false }, store });
    app.get('/', ({ session }) => {
      const known = session as unknown as { visits?: number };
      known.visits = (known.visits ?? 0) + 1;
      return { visits: known.visits };
    });
    const first = await app.inject('/');
    const cookie = String(first.headers['set-cookie']).split(';')[0] ?? '';
    const second = await app.inject({ url: '/', headers: { cookie } });
    expect([first.json(), second.json()]).toEqual([{ visits: 1 }, { visits: 2 }]);
    expect(await redis.admin.keys('session:*')).toHaveLength(1);
  });
});
