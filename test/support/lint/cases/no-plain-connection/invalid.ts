import { casesFrom, type LintCase } from '../case.js';

const bullmq = casesFrom({
  'a queue without another store': `import { Queue, Worker } from 'bullmq'; new Queue('a', { connection: /*plain*/{ host: 'redis' } }, undefined); new Worker('a', work, { connection: /*plain*/{ host: 'redis' } });`,
  'a queue': `import { Queue } from 'bullmq'; new Queue('mail', { connection: /*plain*/{ host: 'redis', port: 6379 } });`,
  'a worker': `import { Worker } from 'bullmq'; new Worker('mail', async (job) => {}, { connection: /*plain*/{ host: process.env.REDIS_HOST }, concurrency: 5 });`,
  'events and flows': `import { QueueEvents, FlowProducer } from 'bullmq'; new QueueEvents('mail', { connection: /*plain*/{ port: 1 } }); new FlowProducer({ connection: /*plain*/{} });`,
  'a constant':
    `import { Queue } from 'bullmq'; const connection = { host: 'redis' }; new Queue('a', /*here*/{ connection: /*plain*/connection });`.replace(
      '/*here*/',
      '',
    ),
  shorthand: `import { Queue } from 'bullmq'; const connection = { host: 'redis' }; export const q = new Queue('a', { /*plain*/connection });`,
  'options in a constant': `import * as bull from 'bullmq'; const options = { connection: /*plain*/{ host: 'redis' } }; new bull.Queue('a', options); new bull.Worker('a', work, options);`,
  'a variable that is set in if and else': `import { Queue } from 'bullmq'; let connection; if (isProduction) { connection = { host: 'redis' }; } else { connection = { host: 'localhost' }; } new Queue('a', { /*plain*/connection });`,
  'options that are set in if and else': `import Queue from 'bull'; let cfg = { redis: /*plain*/{ host: 'a' } }; if (process.env.REDIS_URL) cfg = { redis: /*plain*/process.env.REDIS_URL }; new Queue('mail', cfg);`,
  'options that a function returns in if and else': `import { BullModule } from '@nestjs/bullmq'; BullModule.forRootAsync({ useFactory: () => { if (isProduction) { return { connection: /*plain*/{ host: 'redis' } }; } return { connection: /*plain*/{ host: 'localhost' } }; } });`,
  'a constant that is spread': `import { Queue } from 'bullmq'; const base = { host: 'redis' }; new Queue('a', { connection: /*plain*/{ ...base, maxRetriesPerRequest: null } });`,
  'a conditional': `import { Queue } from 'bullmq'; new Queue('a', { connection: /*plain*/isTest ? { host: 'localhost' } : { host: 'redis' } });`,
  sentinels: `import { Queue } from 'bullmq'; new Queue('a', { connection: /*plain*/{ sentinels: [{ host: 's1', port: 26379 }], name: 'main' } });`,
  'commonjs: require': `const { Queue } = require('bullmq'); const q = new Queue('a', { connection: /*plain*/{ host: 'redis' } });`,
  'ts: with types': `import { Queue, type ConnectionOptions } from 'bullmq'; const connection = { host: 'redis' } as const satisfies ConnectionOptions; new Queue<Job>('a', { connection: /*plain*/connection as ConnectionOptions });`,
  'a subclass': `import { Queue, Worker } from 'bullmq'; export class Mail extends Queue { constructor() { super('mail', { connection: /*plain*/{ host: 'redis' } }); } }
    const Own = class extends Worker { constructor(name) { const of = class extends Map { constructor() { super([[1, { connection: { host: 'redis' } }]]); } }; super(name, of, { connection: /*plain*/{ host: 'redis' } }); } };`,
  'after unknown options': `import { Queue } from 'bullmq'; new Queue('a', { ...defaults, connection: /*plain*/{ host: 'redis' } });`,
});

const queues = casesFrom({
  'bull: a URL': `import Queue from 'bull'; new Queue('mail', /*plain*/'redis://redis:6379'); new Queue('a', /*plain*/process.env.REDIS_URL, { limiter }); Queue('b', /*plain*/\`redis://\${host}\`);`,
  'bull: options': `import Bull from 'bull'; new Bull('mail', { redis: /*plain*/{ host: 'redis' } });`,
  'bull: a URL as an option': `import Bull from 'bull'; new Bull('mail', { redis: /*plain*/process.env.REDIS_URL ?? 'redis://localhost' });`,
  'commonjs: bee-queue': `const Queue = require('bee-queue'); new Queue('a', { redis: /*plain*/{ host: 'redis' }, isWorker: false });`,
  bottleneck: `import Bottleneck from 'bottleneck'; new Bottleneck({ datastore: 'ioredis', clientOptions: /*plain*/{ host: 'redis' } }); new Bottleneck.Group({ datastore: 'ioredis', clientOptions: /*plain*/{ host: 'b' } });`,
  'graphql-redis-subscriptions': `import { RedisPubSub } from 'graphql-redis-subscriptions'; new RedisPubSub({ connection: /*plain*/{ host: 'redis' } }); new RedisPubSub({ connection: /*plain*/'redis://redis' });`,
  'mqemitter-redis': `import emitter from 'mqemitter-redis'; emitter(/*plain*/{ port: 6379, host: 'redis' }); emitter(/*plain*/{ connectionString: url });`,
  'node-resque': `import { Queue } from 'node-resque'; const connection = { pkg: 'ioredis', host: 'redis', port: 6379 }; new Queue({ /*plain*/connection }, jobs);`,
});

const nest = casesFrom({
  '@nestjs/bullmq': `import { BullModule } from '@nestjs/bullmq'; export const imports = [
      BullModule.forRoot({ connection: /*plain*/{ host: 'redis' } }), BullModule.forRoot('key', { connection: /*plain*/{ host: 'redis' } }),
      BullModule.registerQueue({ name: 'a' }, { name: 'b', connection: /*plain*/{ host: 'redis' } }),
      BullModule.forRootAsync({ useFactory: (config) => ({ connection: /*plain*/{ host: config.get('HOST') } }) }),
      BullModule.registerQueueAsync({ name: 'c', useFactory: async () => { const a = 1; return { connection: /*plain*/{ host: 'redis' } }; } }),
    ];`,
  'ts: in a decorator': `import { BullModule } from '@nestjs/bull'; @Module({ imports: [BullModule.forRoot({ redis: /*plain*/{ host: 'redis' } }), BullModule.forRoot({ url: /*plain*/'redis://redis' })] }) export class AppModule {}`,
  '@nestjs-modules/ioredis': `import { RedisModule } from '@nestjs-modules/ioredis'; RedisModule.forRoot(/*plain*/{ type: 'single', url: 'redis://redis' }); RedisModule.forRoot({ type: 'single', options: /*plain*/{ host: 'redis' } });
    RedisModule.forRootAsync({ useFactory: () => (/*plain*/{ type: 'cluster', nodes: [{ host: 'a', port: 1 }] }) });`,
  '@liaoliaots/nestjs-redis': `import { RedisModule } from '@liaoliaots/nestjs-redis'; RedisModule.forRoot({ config: /*plain*/{ host: 'redis' } }); RedisModule.forRoot({ config: /*plain*/[{ host: 'a' }, { namespace: 'b', url: 'redis://b' }] });`,
  '@nestjs/microservices': `import { Transport, ClientsModule } from '@nestjs/microservices'; NestFactory.createMicroservice(AppModule, { transport: Transport.REDIS, options: /*plain*/{ host: 'redis', port: 6379 } });
    ClientsModule.register([{ name: 'MATH', transport: Transport.REDIS, options: /*plain*/{ host: 'redis' } }]);`,
  'throttler storages': `import { ThrottlerStorageRedisService } from '@nest-lab/throttler-storage-redis'; new ThrottlerStorageRedisService(/*plain*/'redis://redis'); new ThrottlerStorageRedisService(/*plain*/{ host: 'redis' });`,
});

const stores = casesFrom({
  '@fastify/redis': `import fastifyRedis from '@fastify/redis'; app.register(fastifyRedis, /*plain*/{ host: 'redis' }); await app.register(fastifyRedis, /*plain*/{ url: process.env.REDIS_URL, namespace: 'a' });`,
  'commonjs: @fastify/redis': `fastify.register(require('@fastify/redis'), /*plain*/{ host: '127.0.0.1' }); const { fastifyRedis } = require('@fastify/redis'); fastify.register(fastifyRedis, /*plain*/{ port: 1 });`,
  'import() of @fastify/redis': `app.register(import('@fastify/redis'), /*plain*/{ host: 'redis' });`,
  unstorage: `import redisDriver from 'unstorage/drivers/redis'; createStorage({ driver: redisDriver(/*plain*/{ base: 'a', url: 'redis://redis' }) }); redisDriver(/*plain*/{ cluster: [{ host: 'a' }] });`,
  '@keyv/redis': `import KeyvRedis, { createKeyv } from '@keyv/redis'; new KeyvRedis(/*plain*/'redis://redis'); createKeyv(/*plain*/{ url: 'redis://redis' }); createKeyv(/*plain*/'redis://' + host);`,
  'cache-manager-ioredis-yet': `import { redisStore } from 'cache-manager-ioredis-yet'; await caching(redisStore, /*plain*/{ host: 'redis', ttl: 1 }); await redisStore(/*plain*/{ host: 'redis' });`,
  'cache-manager-ioredis': `import redisStore from 'cache-manager-ioredis'; caching(/*plain*/{ store: redisStore, host: 'redis', ttl: 600 });`,
  'catbox-redis': `import { Engine as CatboxRedis } from '@hapi/catbox-redis'; new Hapi.Server({ cache: [{ name: 'a', provider: { constructor: CatboxRedis, options: /*plain*/{ host: 'redis', partition: 'a' } } }] });
    new Catbox.Client(CatboxRedis, /*plain*/{ host: 'redis' }); new CatboxRedis(/*plain*/{ url: 'redis://redis' });`,
});

/** Cases in which no-plain-connection has findings. */
export const invalid: readonly LintCase[] = [...bullmq, ...queues, ...nest, ...stores];
