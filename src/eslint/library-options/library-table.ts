import type { Origin } from '../data-flow/origin.js';

/** What is in the place where a library takes its connection. */
export type OptionKind =
  /** Options of a connection and nothing else, or a URL. */
  | 'connection'
  /** Options of the library, those of the connection among them. */
  | 'mixed'
  /** A URL; anything else there is something else. */
  | 'url';

/** A place where a library takes its connection. */
export interface OptionPlace {
  /** Which argument: by its index, or any of them. */
  readonly argument: number | 'any';
  /** From the argument to the connection; `()` is what a function returns. */
  readonly path: readonly string[];
  readonly kind: OptionKind;
}

/** A library that opens connections of its own when it is not given any. */
export interface ConnectingLibrary {
  readonly modules: readonly string[];
  /** Exports of the module, `''` for the module or its default export. */
  readonly exports: RegExp;
  /** It is called or constructed, is handed to another call before its options, or stands in an object beside them. */
  readonly how: 'called' | 'handed' | 'named';
  readonly places: readonly OptionPlace[];
  /** What to give it instead. */
  readonly hand: string;
}

/** Options of the connection, or a URL, at a path into any of the arguments. */
const inAny = (...path: string[]): OptionPlace => ({ argument: 'any', path, kind: 'connection' });

/** The same where options of the library stand beside those of the connection. */
const mixedInAny = (...path: string[]): OptionPlace => ({ argument: 'any', path, kind: 'mixed' });

/** One of the arguments as it is. */
const itself = (argument: number, kind: OptionKind): OptionPlace => ({ argument, path: [], kind });

const BULLMQ = "connection: factory.options('queue')";
const NEST_OPTIONS = "options: factory.options('nest')";

/** Modules of Nest. Places and majors as they are documented; some rows are from memory and few have been run against their library. */
const nest: readonly ConnectingLibrary[] = [
  {
    // @nestjs/bullmq 1 to 11
    modules: ['@nestjs/bullmq', '@taskforcesh/nestjs-bullmq-pro'],
    exports: /^BullModule\.(?:forRoot|registerQueue|registerFlowProducer)(?:Async)?$/,
    how: 'called',
    places: [inAny('connection'), inAny('useFactory', '()', 'connection')],
    hand: BULLMQ,
  },
  {
    // @nestjs/bull 0 to 11
    modules: ['@nestjs/bull'],
    exports: /^BullModule\.(?:forRoot|registerQueue)(?:Async)?$/,
    how: 'called',
    places: ['redis', 'url'].flatMap((key) => [inAny(key), inAny('useFactory', '()', key)]),
    hand: "redis: factory.options('queue')",
  },
  {
    // @nestjs-modules/ioredis 1 and 2
    modules: ['@nestjs-modules/ioredis'],
    exports: /^RedisModule\.forRoot(?:Async)?$/,
    how: 'called',
    places: [
      mixedInAny(),
      inAny('options'),
      mixedInAny('useFactory', '()'),
      inAny('useFactory', '()', 'options'),
    ],
    hand: NEST_OPTIONS,
  },
  {
    // @liaoliaots/nestjs-redis 8 to 10, @songkeys/nestjs-redis 10 and 11
    modules: ['@liaoliaots/nestjs-redis', '@songkeys/nestjs-redis'],
    exports: /^(?:Redis|Cluster)Module\.forRoot(?:Async)?$/,
    how: 'called',
    places: [mixedInAny('config'), mixedInAny('useFactory', '()', 'config')],
    hand: "config: factory.options('nest')",
  },
  {
    // @nestjs/microservices 9 to 11
    modules: ['@nestjs/microservices'],
    exports: /^Transport\.REDIS$/,
    how: 'named',
    places: [mixedInAny('options')],
    hand: "options: factory.options('rpc')",
  },
  {
    // @nest-lab/throttler-storage-redis 1, nestjs-throttler-storage-redis 0
    modules: ['@nest-lab/throttler-storage-redis', 'nestjs-throttler-storage-redis'],
    exports: /^ThrottlerStorageRedisService$/,
    how: 'called',
    places: [itself(0, 'connection')],
    hand: 'factory.client()',
  },
];

/** Queues, limiters and messages. Places and majors as they are documented; some rows are from memory and few have been run against their library. */
const queues: readonly ConnectingLibrary[] = [
  {
    // bullmq 1 to 6
    modules: ['bullmq', '@taskforcesh/bullmq-pro'],
    exports:
      /^(?:Queue|Worker|QueueEvents|FlowProducer|JobScheduler|QueueBase|QueueScheduler|Repeat)(?:Pro)?$/,
    how: 'called',
    places: [inAny('connection')],
    hand: BULLMQ,
  },
  {
    // bull 3 and 4: Queue(name, url?, options?)
    modules: ['bull'],
    exports: /^$/,
    how: 'called',
    places: [itself(1, 'url'), inAny('redis')],
    hand: "{ redis: factory.options('queue') }",
  },
  {
    // bee-queue 1: node-redis 3
    modules: ['bee-queue'],
    exports: /^$/,
    how: 'called',
    places: [inAny('redis')],
    hand: 'a client that has a name and that you close',
  },
  {
    // bottleneck 2
    modules: ['bottleneck'],
    exports: /^(?:Group|Batcher|IORedisConnection)?$/,
    how: 'called',
    places: [inAny('clientOptions')],
    hand: "clientOptions: factory.options('limiter')",
  },
  {
    // graphql-redis-subscriptions 1 to 3
    modules: ['graphql-redis-subscriptions'],
    exports: /^RedisPubSub$/,
    how: 'called',
    places: [inAny('connection')],
    hand: "connection: factory.options('pubsub')",
  },
  {
    // mqemitter-redis 5 to 7
    modules: ['mqemitter-redis'],
    exports: /^$/,
    how: 'called',
    places: [mixedInAny()],
    hand: "factory.options('emitter')",
  },
  {
    // node-resque 8 and 9
    modules: ['node-resque'],
    exports: /^(?:Queue|Worker|MultiWorker|Scheduler)$/,
    how: 'called',
    places: [mixedInAny('connection')],
    hand: 'connection: { redis: factory.client() }',
  },
];

/** Caches, storages and plugins of frameworks. Places and majors as they are documented; some rows are from memory and few have been run against their library. */
const stores: readonly ConnectingLibrary[] = [
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

/** All libraries that open connections of their own when they are given none. */
export const connectingLibraries: readonly ConnectingLibrary[] = [...queues, ...nest, ...stores];

/** What a library does with its connection, if an origin is an export of one that opens its own. */
export function connectingLibrariesOf(
  { module, path }: Origin,
  how: ConnectingLibrary['how'],
): readonly ConnectingLibrary[] {
  const name = (path[0] === 'default' ? path.slice(1) : path).join('.');
  return connectingLibraries.filter(
    (taker) => taker.how === how && taker.modules.includes(module) && taker.exports.test(name),
  );
}
