import type { Origin } from '../data-flow/origin.js';

/** What a library expects in the place where it takes its connection. */
export type OptionKind =
  /** A URL, or options of a connection and no others. */
  | 'connection'
  /** Options of the library, with those of the connection among them. */
  | 'mixed'
  /** A URL. Any other value there has another meaning. */
  | 'url';

/** Place where a library takes its connection. */
export interface OptionPlace {
  /** Index of the argument, or any argument. */
  readonly argument: number | 'any';
  /** Path from the argument to the connection; `()` is the result of a function. */
  readonly path: readonly string[];
  readonly kind: OptionKind;
  /** Whether an argument after this one replaces Redis by another store. */
  readonly isUnlessFollowed?: boolean;
}

/** A library that opens its own connections unless it is given some. */
export interface ConnectingLibrary {
  readonly modules: readonly string[];
  /** Exports of the module; `''` is the module or its default export. */
  readonly exports: RegExp;
  /** Use of an export: called or constructed, passed to a call before its options, or a property beside them. */
  readonly usage: 'called' | 'passed' | 'property';
  readonly places: readonly OptionPlace[];
  /** What to pass to the library instead. */
  readonly replacement: string;
}

/** Libraries of the table that list an export with this usage. */
export function connectingLibrariesOf(
  { module, path }: Origin,
  usage: ConnectingLibrary['usage'],
): readonly ConnectingLibrary[] {
  const name = (path[0] === 'default' ? path.slice(1) : path).join('.');
  return connectingLibraries.filter(
    (library) => library.usage === usage && library.modules.includes(module) && library.exports.test(name),
  );
}

/** A connection at a path into any argument. */
const inAny = (...path: string[]): OptionPlace => ({ argument: 'any', path, kind: 'connection' });

/** Options of the library with those of the connection among them, at a path into any argument. */
const mixedInAny = (...path: string[]): OptionPlace => ({ argument: 'any', path, kind: 'mixed' });

/** An argument by its index. */
const argumentAt = (argument: number, kind: OptionKind): OptionPlace => ({ argument, path: [], kind });

/** The adapter, whose clients BullMQ 5 and 6 share. Older majors take `factory.options('queue')`. */
const BULLMQ_CONNECTION =
  'connection: bull.queue or bull.worker, of hygienicConnection(factory) from redis-hygiene/bullmq';
const NEST_BULLMQ_CONNECTION =
  'connection: bull.worker, of hygienicConnection(factory) from redis-hygiene/bullmq';
const NEST_OPTIONS = "options: factory.options('nest')";

/**
 * Modules of Nest. Places and major versions follow the libraries' documentation. Some rows are written from memory, and
 * few have been run against their library.
 */
const nestLibraries: readonly ConnectingLibrary[] = [
  {
    // @nestjs/bullmq 1 to 11
    modules: ['@nestjs/bullmq', '@taskforcesh/nestjs-bullmq-pro'],
    exports: /^BullModule\.(?:forRoot|registerQueue|registerFlowProducer)(?:Async)?$/,
    usage: 'called',
    places: [inAny('connection'), inAny('useFactory', '()', 'connection')],
    replacement: NEST_BULLMQ_CONNECTION,
  },
  {
    // @nestjs/bull 0 to 11
    modules: ['@nestjs/bull'],
    exports: /^BullModule\.(?:forRoot|registerQueue)(?:Async)?$/,
    usage: 'called',
    places: ['redis', 'url'].flatMap((key) => [inAny(key), inAny('useFactory', '()', key)]),
    replacement: "redis: factory.options('queue')",
  },
  {
    // @nestjs-modules/ioredis 1 and 2
    modules: ['@nestjs-modules/ioredis'],
    exports: /^RedisModule\.forRoot(?:Async)?$/,
    usage: 'called',
    places: [
      mixedInAny(),
      inAny('options'),
      mixedInAny('useFactory', '()'),
      inAny('useFactory', '()', 'options'),
    ],
    replacement: NEST_OPTIONS,
  },
  {
    // @liaoliaots/nestjs-redis 8 to 10, @songkeys/nestjs-redis 10 and 11
    modules: ['@liaoliaots/nestjs-redis', '@songkeys/nestjs-redis'],
    exports: /^(?:Redis|Cluster)Module\.forRoot(?:Async)?$/,
    usage: 'called',
    places: [mixedInAny('config'), mixedInAny('useFactory', '()', 'config')],
    replacement: "config: factory.options('nest')",
  },
  {
    // @nestjs/microservices 9 to 11
    modules: ['@nestjs/microservices'],
    exports: /^Transport\.REDIS$/,
    usage: 'property',
    places: [mixedInAny('options')],
    replacement: "options: factory.options('rpc')",
  },
  {
    // @nest-lab/throttler-storage-redis 1, nestjs-throttler-storage-redis 0
    modules: ['@nest-lab/throttler-storage-redis', 'nestjs-throttler-storage-redis'],
    exports: /^ThrottlerStorageRedisService$/,
    usage: 'called',
    places: [argumentAt(0, 'connection')],
    replacement: 'factory.client()',
  },
];

/**
 * Libraries for queues, rate limits and messages. Places and major versions follow the libraries' documentation. Some rows
 * are written from memory, and few have been run against their library.
 */
const queueLibraries: readonly ConnectingLibrary[] = [
  {
    // bullmq 1 to 6. In 6, an argument after the options makes the backend: createPostgresBackend.
    modules: ['bullmq', '@taskforcesh/bullmq-pro'],
    exports:
      /^(?:Queue|Worker|QueueEvents|FlowProducer|JobScheduler|QueueBase|QueueScheduler|Repeat)(?:Pro)?$/,
    usage: 'called',
    places: [{ ...inAny('connection'), isUnlessFollowed: true }],
    replacement: BULLMQ_CONNECTION,
  },
  {
    // bull 3 and 4: Queue(name, url?, options?)
    modules: ['bull'],
    exports: /^$/,
    usage: 'called',
    places: [argumentAt(1, 'url'), inAny('redis')],
    replacement: "{ redis: factory.options('queue') }",
  },
  {
    // bee-queue 1: node-redis 3
    modules: ['bee-queue'],
    exports: /^$/,
    usage: 'called',
    places: [inAny('redis')],
    replacement: 'a client that has a name and that you close yourself',
  },
  {
    // bottleneck 2
    modules: ['bottleneck'],
    exports: /^(?:Group|Batcher|IORedisConnection)?$/,
    usage: 'called',
    places: [inAny('clientOptions')],
    replacement: "clientOptions: factory.options('limiter')",
  },
  {
    // graphql-redis-subscriptions 1 to 3
    modules: ['graphql-redis-subscriptions'],
    exports: /^RedisPubSub$/,
    usage: 'called',
    places: [inAny('connection')],
    replacement: "connection: factory.options('pubsub')",
  },
  {
    // mqemitter-redis 5 to 7
    modules: ['mqemitter-redis'],
    exports: /^$/,
    usage: 'called',
    places: [mixedInAny()],
    replacement: "factory.options('emitter')",
  },
  {
    // node-resque 8 and 9
    modules: ['node-resque'],
    exports: /^(?:Queue|Worker|MultiWorker|Scheduler)$/,
    usage: 'called',
    places: [mixedInAny('connection')],
    replacement: 'connection: { redis: factory.client() }',
  },
];

/**
 * Caches, storages and plugins of frameworks. Places and major versions follow the libraries' documentation. Some rows are
 * written from memory, and few have been run against their library.
 */
const storeLibraries: readonly ConnectingLibrary[] = [
  {
    // @fastify/redis 4 to 9, fastify-redis 4
    modules: ['@fastify/redis', 'fastify-redis'],
    exports: /^(?:fastifyRedis)?$/,
    usage: 'passed',
    places: [mixedInAny()],
    replacement: '{ client: factory.client() }',
  },
  {
    // unstorage 1
    modules: ['unstorage/drivers/redis'],
    exports: /^$/,
    usage: 'called',
    places: [mixedInAny()],
    replacement: "factory.options('storage')",
  },
  {
    // @keyv/redis 4 and 5: node-redis
    modules: ['@keyv/redis'],
    exports: /^(?:KeyvRedis|createKeyv|createKeyvNonBlocking)?$/,
    usage: 'called',
    places: [argumentAt(0, 'connection')],
    replacement: 'a client that has a name and that you close yourself',
  },
  {
    // cache-manager-ioredis-yet 1 and 2, cache-manager-ioredis 2
    modules: ['cache-manager-ioredis-yet', 'cache-manager-ioredis'],
    exports: /^(?:redisStore|create)?$/,
    usage: 'called',
    places: [mixedInAny()],
    replacement: "factory.options('cache')",
  },
  {
    // caching(redisStore, options)
    modules: ['cache-manager-ioredis-yet', 'cache-manager-ioredis'],
    exports: /^(?:redisStore)?$/,
    usage: 'passed',
    places: [mixedInAny()],
    replacement: "factory.options('cache')",
  },
  {
    // caching({ store: redisStore, ...options })
    modules: ['cache-manager-ioredis-yet', 'cache-manager-ioredis'],
    exports: /^(?:redisStore)?$/,
    usage: 'property',
    places: [mixedInAny()],
    replacement: "...factory.options('cache')",
  },
  {
    // @hapi/catbox-redis 6 and 7: new Engine(options)
    modules: ['@hapi/catbox-redis'],
    exports: /^(?:Engine)?$/,
    usage: 'called',
    places: [mixedInAny()],
    replacement: 'client: factory.client()',
  },
  {
    // new Catbox.Client(Engine, options)
    modules: ['@hapi/catbox-redis'],
    exports: /^(?:Engine)?$/,
    usage: 'passed',
    places: [mixedInAny()],
    replacement: 'client: factory.client()',
  },
  {
    // provider: { constructor: Engine, options }
    modules: ['@hapi/catbox-redis'],
    exports: /^(?:Engine)?$/,
    usage: 'property',
    places: [mixedInAny('options')],
    replacement: 'client: factory.client()',
  },
];

/** All libraries that open their own connections unless they are given some. */
export const connectingLibraries: readonly ConnectingLibrary[] = [
  ...queueLibraries,
  ...nestLibraries,
  ...storeLibraries,
];
