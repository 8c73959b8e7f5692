import type { FastifyInstance } from 'fastify';
import fastifyPlugin from 'fastify-plugin';
import type { Redis } from 'ioredis';
import { createRedisFactory, type RedisFactory } from '../../factory/factory.js';
import type { FactoryOptions } from '../../options/factory-options.js';

/** What `fastify.redis` is: a factory, and a client that all requests share. */
export interface FastifyRedis {
  readonly factory: RedisFactory;
  readonly client: Redis;
}

declare module 'fastify' {
  interface FastifyInstance {
    redis: FastifyRedis;
  }
}

async function plugin(fastify: FastifyInstance, options: FactoryOptions): Promise<void> {
  const factory = createRedisFactory(options);
  fastify.decorate('redis', { factory, client: factory.client() });
  fastify.addHook('onClose', async () => void (await factory.shutdown()));
}

/** The plugin: `app.register(redisHygiene, options)`. */
export const redisHygiene = fastifyPlugin(plugin, { name: 'redis-hygiene', fastify: '5.x' });
