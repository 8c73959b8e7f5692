import { mixedInAny, itself, type Taker } from './taker.js';

/** Caches, storages and plugins of frameworks. Places and majors as they are documented; some rows are from memory and few have been run against their library. */
export const stores: readonly Taker[] = [
  {
    // @fastify/redis 4 to 9, fastify-redis 4
    modules: ['@fastify/redis', 'fastify-redis'],
    exports: /^(?:fastifyRedis)?$/,
    how: 'handed',
    places: [mixedInAny()],
    hand: '{ client: factory.client() }',
  },
  {
    // unstorage 1
    modules: ['unstorage/drivers/redis'],
    exports: /^$/,
    how: 'called',
    places: [mixedInAny()],
    hand: "factory.options('storage')",
  },
  {
    // @keyv/redis 4 and 5: node-redis
    modules: ['@keyv/redis'],
    exports: /^(?:KeyvRedis|createKeyv|createKeyvNonBlocking)?$/,
    how: 'called',
    places: [itself(0, 'connection')],
    hand: 'a client that has a name and that you close',
  },
  {
    // cache-manager-ioredis-yet 1 and 2, cache-manager-ioredis 2
    modules: ['cache-manager-ioredis-yet', 'cache-manager-ioredis'],
    exports: /^(?:redisStore|create)?$/,
    how: 'called',
    places: [mixedInAny()],
    hand: "factory.options('cache')",
  },
  {
    // caching(redisStore, options)
    modules: ['cache-manager-ioredis-yet', 'cache-manager-ioredis'],
    exports: /^(?:redisStore)?$/,
    how: 'handed',
    places: [mixedInAny()],
    hand: "factory.options('cache')",
  },
  {
    // caching({ store: redisStore, ...options })
    modules: ['cache-manager-ioredis-yet', 'cache-manager-ioredis'],
    exports: /^(?:redisStore)?$/,
    how: 'named',
    places: [mixedInAny()],
    hand: "...factory.options('cache')",
  },
  {
    // @hapi/catbox-redis 6 and 7: new Engine(options)
    modules: ['@hapi/catbox-redis'],
    exports: /^(?:Engine)?$/,
    how: 'called',
    places: [mixedInAny()],
    hand: 'client: factory.client()',
  },
  {
    // new Catbox.Client(Engine, options)
    modules: ['@hapi/catbox-redis'],
    exports: /^(?:Engine)?$/,
    how: 'handed',
    places: [mixedInAny()],
    hand: 'client: factory.client()',
  },
  {
    // provider: { constructor: Engine, options }
    modules: ['@hapi/catbox-redis'],
    exports: /^(?:Engine)?$/,
    how: 'named',
    places: [mixedInAny('options')],
    hand: 'client: factory.client()',
  },
];
