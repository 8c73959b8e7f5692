import { casesFrom, type LintCase } from '../case.js';

const factory = `import { createRedisFactory } from 'redis-hygiene'; const redis = createRedisFactory();
`;

const enforced = {
  'options of a factory': `${factory}import { Queue, Worker } from 'bullmq'; new Queue('a', { connection: redis.options('queue') }); new Worker('a', work, { connection: redis.options('worker'), concurrency: 5 });`,
  'options of a factory in a constant': `${factory}import { Queue } from 'bullmq'; const connection = redis.options('queue'); new Queue('a', { connection });`,
  'options of a factory, spread': `${factory}import { Queue } from 'bullmq'; new Queue('a', { connection: { ...redis.options('queue'), db: 2 } }); const more = { ...redis.options(), host: 'b' }; new Queue('b', { connection: more });`,
  'a subclass': `${factory}import { Queue } from 'bullmq'; class Mail extends Queue { constructor() { super('mail', { connection: redis.options('queue') }); } } class B extends Map { constructor() { super({ connection: { host: 'b' } }); } }`,
  'a client': `${factory}import { Queue } from 'bullmq'; new Queue('a', { connection: redis.client({ maxRetriesPerRequest: null }) });`,
  'a raw client, which another rule reports': `import Redis from 'ioredis'; import { Queue } from 'bullmq'; new Queue('a', { connection: new Redis('redis://redis') });`,
  bull: `${factory}import Queue from 'bull'; new Queue('a', { redis: redis.options('queue') }); new Queue('b', { createClient: (type, options) => redis.client(options) }); new Queue('c'); new Queue('d', { limiter: { max: 1 }, prefix: 'a' });`,
  'bull with a URL of unknown value': `import Queue from 'bull'; import { url } from './config.js'; new Queue('a', url); new Queue('b', config.redis.url); new Queue('c', getUrl());`,
  'commonjs: bee-queue': `const Queue = require('bee-queue'); const client = require('./client'); new Queue('a', { redis: client });`,
  '@nestjs/bullmq': `${factory}import { BullModule } from '@nestjs/bullmq'; BullModule.forRoot({ connection: redis.options('queue') }); BullModule.forRootAsync({ useFactory: (f) => ({ connection: f.options('queue') }), inject: [F] }); BullModule.registerQueue({ name: 'host' });`,
  '@nestjs-modules/ioredis': `${factory}import { RedisModule } from '@nestjs-modules/ioredis'; RedisModule.forRoot({ type: 'single', options: redis.options('nest') }); RedisModule.forRoot({ type: 'single', url, options: redis.options('nest') });`,
  '@liaoliaots/nestjs-redis': `${factory}import { RedisModule } from '@liaoliaots/nestjs-redis'; RedisModule.forRoot({ config: redis.options('nest') }); RedisModule.forRoot({ config: [{ namespace: 'a', ...redis.options('a') }], readyLog: true });`,
  '@nestjs/microservices': `${factory}import { Transport } from '@nestjs/microservices'; start({ transport: Transport.REDIS, options: { ...redis.options('rpc'), wildcards: true } }); start({ transport: Transport.TCP, options: { host: 'a', port: 1 } }); start({ transport: Transport.REDIS, options: { wildcards: true } });`,
  '@fastify/redis': `${factory}import fastifyRedis from '@fastify/redis'; app.register(fastifyRedis, { client: redis.client(), closeClient: false }); app.register(fastifyRedis, { namespace: 'a', ...redis.options('a') }); app.register(fastifyRedis); app.register(fastifyRedis, options);`,
  'another plugin': `import fastifyRedis from '@fastify/redis'; import proxy from '@fastify/http-proxy'; app.register(proxy, { host: 'a', url: 'http://a' });`,
  unstorage: `${factory}import redisDriver from 'unstorage/drivers/redis'; import fs from 'unstorage/drivers/fs'; redisDriver(redis.options('storage')); redisDriver({ base: 'a', ...redis.options('storage') }); redisDriver({ base: 'a', ttl: 5 }); fs({ base: 'a', path: 'b' });`,
  throttler: `${factory}import { ThrottlerStorageRedisService } from '@nest-lab/throttler-storage-redis'; new ThrottlerStorageRedisService(redis.client()); new ThrottlerStorageRedisService();`,
  '@keyv/redis': `import KeyvRedis, { createKeyv } from '@keyv/redis'; new KeyvRedis(client); createKeyv(client, { namespace: 'a' }); new KeyvRedis();`,
  'cache-manager': `${factory}import { redisStore, redisInsStore } from 'cache-manager-ioredis-yet'; caching(redisStore, { ...redis.options('cache'), ttl: 1 }); caching(redisInsStore(redis.client())); caching({ store: redisStore, redisInstance: redis.client(), host: 'a' }); caching(redisStore, { ttl: 5 });`,
  bottleneck: `${factory}import Bottleneck from 'bottleneck'; new Bottleneck({ maxConcurrent: 1 }); new Bottleneck({ datastore: 'ioredis', clientOptions: redis.options('limiter') }); new Bottleneck({ connection: new Bottleneck.IORedisConnection({ client: redis.client() }) });`,
  'graphql-redis-subscriptions': `${factory}import { RedisPubSub } from 'graphql-redis-subscriptions'; new RedisPubSub({ publisher: redis.client(), subscriber: redis.client() }); new RedisPubSub({ connection: redis.options('pubsub') }); new RedisPubSub();`,
  'catbox-redis': `${factory}import { Engine } from '@hapi/catbox-redis'; server({ cache: [{ provider: { constructor: Engine, options: { client: redis.client(), partition: 'a' } } }] });`,
  'node-resque': `${factory}import { Queue } from 'node-resque'; new Queue({ connection: { redis: redis.client() } }, jobs);`,
  'mqemitter-redis': `${factory}import emitter from 'mqemitter-redis'; emitter(redis.options('emitter')); emitter(); emitter({ concurrency: 5 });`,
};

const unknown = {
  'a parameter': `import { Queue } from 'bullmq'; export function make(connection, options) { new Queue('a', { connection }); return new Queue('b', options); }`,
  'an import': `import { Queue } from 'bullmq'; import { connection } from './redis.js'; new Queue('a', { connection });`,
  'a member': `import { Queue } from 'bullmq'; new Queue('a', { connection: config.redis }); new Queue('b', { connection: this.connection });`,
  'a call': `import { Queue } from 'bullmq'; const connection = getConnection(); new Queue('a', { connection }); new Queue('b', { connection: await load() });`,
  'a variable that is assigned twice': `import { Queue } from 'bullmq'; let connection = { host: 'a' }; if (isProduction) connection = make(); new Queue('a', { connection });`,
  'a variable that is set in other ways': `import { Queue } from 'bullmq'; let a = { host: 'a' }; ({ a } = load()); new Queue('a', { connection: a }); let b; b ??= { host: 'a' }; new Queue('b', { connection: b }); let c; for (c of list) new Queue('c', { connection: c }); let d; new Queue('d', { connection: d });`,
  'a variable of which one value is a client': `import { Queue } from 'bullmq'; let connection; if (isTest) connection = { host: 'a' }; else connection = redis.client(); new Queue('a', { connection });`,
  'alternatives of which one is unknown': `import { Queue } from 'bullmq'; new Queue('a', { connection: given ?? { host: 'a' } }); new Queue('b', { connection: isTest ? { host: 'a' } : make() });`,
  'destructured constants': `import { Queue } from 'bullmq'; const { connection } = { connection: { host: 'a' } }; new Queue('a', { connection }); const [first] = [{ host: 'a' }]; new Queue('b', { connection: first });`,
  'no connection option': `import { Queue, Worker, Job } from 'bullmq'; new Queue('a'); new Queue(); new Worker('b', work); new Job(q, 'a', { connection: { host: 'a' } });`,
  'a store that is not Redis': `import { Queue, Worker, FlowProducer, createPostgresBackend } from 'bullmq'; const connection = { host: 'postgres' }; new Queue('a', { connection }, createPostgresBackend); new Worker('a', work, { connection }, createPostgresBackend); new FlowProducer({ connection }, (options) => createPostgresBackend(options));`,
  'a class of the same name': `import 'bullmq'; class Queue {} new Queue('a', { connection: { host: 'a' } });`,
  'ts: types': `import type { Queue } from 'bullmq'; declare const Q: typeof Queue; new Q('a', { connection: { host: 'a' } });`,
  'constants that refer to themselves': `import { Queue } from 'bullmq'; const a = b, b = a; new Queue('a', { connection: a }); const c = { ...c }; new Queue('b', { connection: c }); var d = d; new Queue('c', d); const e = { options: e, host: 'a', nodes: [e] }; new Queue('d', { connection: e });`,
  'unusual code':
    `import { Queue } from 'bullmq'; new Queue(...args); new Queue('a', { [connection]: {}, ['con' + x]: {}, get connection() { return {}; } }); new Queue('a', , );`.replace(
      " new Queue('a', , );",
      '',
    ),
};

/** Cases in which no-plain-connection has no findings. */
export const valid: readonly LintCase[] = [...casesFrom(enforced), ...casesFrom(unknown)];
