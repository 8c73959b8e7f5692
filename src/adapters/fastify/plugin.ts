import type { FastifyInstance } from 'fastify';
import fastifyPlugin from 'fastify-plugin';
import type { Redis } from 'ioredis';
import { HygieneError } from '../../core/errors.js';
import { lazy } from '../../core/lazy.js';
import { processWide } from '../../core/process-wide.js';
import { createRedisFactory, type RedisFactory } from '../../factory/factory.js';
import type { ReadyOptions } from '../../factory/health/readiness.js';
import { isStopping, whenStopping } from '../../shutdown/shutdown-hooks.js';
import { closeClients } from '../given-factory.js';
import { createReadinessProbe } from '../readiness.js';
import { type CheckedPluginOptions, checkPluginOptions, type RedisHygieneOptions } from './plugin-options.js';

/**
 * What `fastify.redis` is: the factory, a client that all requests share, and the `clients` of the options. Declare those to
 * TypeScript: `declare module 'redis-hygiene/fastify' { interface FastifyRedis { sessions: Redis } }`.
 */
export interface FastifyRedis {
  readonly factory: RedisFactory;
  readonly client: Redis;
}

declare module 'fastify' {
  interface FastifyInstance {
    redis: FastifyRedis;
  }
}

/** What plugins of this process have put into `fastify.redis`, to tell it from what others put there. */
const ownDecorators = processWide('decorators of Fastify', () => new WeakSet<object>());

/** What the plugin has opened. */
interface OpenedRedis {
  readonly redis: FastifyRedis;
  /** Closes the factory, or the clients of one that was given. */
  readonly close: () => Promise<void>;
}

async function plugin(fastify: FastifyInstance, given: RedisHygieneOptions): Promise<void> {
  const options = checkPluginOptions(given);
  checkDecorator(fastify, options.decorator);
  const { redis, close } = open(options);
  const { factory } = redis;
  try {
    // app.close() waits for the start, so a start that waits for Redis would make a stop late.
    if (options.ready) {
      await Promise.race([
        factory.ready(readyOptions(fastify, options.ready)),
        whenStopping(factory.settings),
      ]);
    }
    ownDecorators.add(redis);
    fastify.decorate(options.decorator, redis);
    addProbes(fastify, factory, options);
  } catch (error) {
    await close(); // a start that fails must not leave connections that dial
    throw error;
  }
  const names = Object.keys(redis);
  fastify.addHook('onReady', (done) => done(strangersError(redis, names, options.decorator)));
  // Hooks that have begun close Redis when everything has stopped that uses it, of which this application is one part.
  fastify.addHook('onClose', async () => {
    if (!isStopping(factory.settings)) await close();
  });
}

/** Opens the factory, unless one is given, and the clients. */
function open({ given, factoryOptions, clients }: CheckedPluginOptions): OpenedRedis {
  const factory = given ?? createRedisFactory(factoryOptions);
  const opened: Redis[] = [];
  const close = async () => {
    if (given) await closeClients(opened, factory.settings.shutdownTimeoutMs);
    else await factory.shutdown();
  };
  const keep = (client: Redis) => {
    opened.push(client);
    return client;
  };
  try {
    const shared = lazy(() => keep(factory.client()));
    if (!given && Object.keys(clients).length === 0) shared();
    const named = Object.entries(clients).map(([name, options]) => [
      name,
      typeof options === 'string'
        ? keep(factory.client(options, { connectionName: name }))
        : keep(factory.client({ connectionName: name, ...options })),
    ]);
    const redis = {
      factory,
      get client() {
        return shared();
      },
    };
    return { redis: Object.assign(redis, Object.fromEntries(named) as Record<string, Redis>), close };
  } catch (error) {
    void close();
    throw error;
  }
}

/** @throws HygieneError `HYG_DECORATOR_TAKEN` */
function checkDecorator(fastify: FastifyInstance, decorator: string): void {
  if (!fastify.hasDecorator(decorator)) return;
  // hasPlugin() already knows the plugin that is being registered.
  const own = ownDecorators.has((fastify as unknown as Record<string, object>)[decorator] as object);
  const what = own
    ? 'redis-hygiene is registered in this scope or in one above it'
    : '@fastify/redis, another plugin or the application has made it';
  throw new HygieneError(
    'HYG_DECORATOR_TAKEN',
    `fastify.${decorator} exists already: ${what}. Expected a name that is free.`,
    { details: { decorator } },
  );
}

/** The error if another plugin has put clients into ours: `@fastify/redis` does, if it has a `namespace`. */
function strangersError(
  redis: object,
  names: readonly string[],
  decorator: string,
): HygieneError | undefined {
  const strangers = Object.keys(redis).filter((name) => !names.includes(name));
  if (strangers.length === 0) return undefined;
  return new HygieneError(
    'HYG_DECORATOR_TAKEN',
    `fastify.${decorator} has members of another plugin: ${strangers.join(', ')}. Expected those of redis-hygiene alone. ` +
      `@fastify/redis puts its clients there, which are neither named nor watched: open them by the option "clients".`,
    { details: { decorator, strangers } },
  );
}

/** Nine tenths of the time that Fastify gives a plugin, so that our error comes first, which says what is missing. */
function readyOptions(fastify: FastifyInstance, ready: ReadyOptions | true): ReadyOptions {
  if (ready !== true) return ready;
  const { pluginTimeout = 10_000 } = fastify.initialConfig;
  return pluginTimeout > 0 ? { timeoutMs: Math.max(1, Math.floor(pluginTimeout * 0.9)) } : {};
}

/** Routes that are not logged at each probe, and that `@fastify/rate-limit` does not limit. */
const PROBE_ROUTE = { exposeHeadRoute: true, logLevel: 'warn', config: { rateLimit: false } } as const;

function addProbes(
  fastify: FastifyInstance,
  factory: RedisFactory,
  { readiness, liveness }: CheckedPluginOptions,
): void {
  if (liveness !== undefined) {
    fastify.get(liveness, PROBE_ROUTE, async (_request, reply) => {
      return reply.header('cache-control', 'no-store').send({ status: 'up' });
    });
  }
  if (readiness === undefined) return;
  const probe = createReadinessProbe(factory);
  fastify.get(readiness, PROBE_ROUTE, async (_request, reply) => {
    const { statusCode, body } = await probe();
    return reply.code(statusCode).header('cache-control', 'no-store').send(body);
  });
}

/** The plugin: `app.register(redisHygiene, options)`. Everything that it opens is closed by `app.close()`. */
export const redisHygiene = fastifyPlugin(plugin, { name: 'redis-hygiene', fastify: '5.x' });
