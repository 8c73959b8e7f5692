import { casesFrom, type LintCase } from '../case.js';

const make = `import { createRedisFactory, installShutdownHooks } from 'redis-hygiene'; const redis = createRedisFactory(); const client = redis.client();
`;

const stopped = {
  'installShutdownHooks()': `${make}installShutdownHooks(redis);`,
  'installShutdownHooks() under another name': `import { createRedisFactory, installShutdownHooks as onSignal } from 'redis-hygiene'; onSignal(createRedisFactory());`,
  'installShutdownHooks() of a namespace': `import * as h from 'redis-hygiene'; const redis = h.createRedisFactory(); h.installShutdownHooks(redis, { before: server });`,
  'shutdown()': `${make}await client.ping(); await redis.shutdown();`,
  'shutdown() in a signal handler': `${make}process.once('SIGTERM', () => redis.shutdown().then(() => process.exit(0)));`,
  'shutdown() of the default factory': `import { Redis, defaultFactory } from 'redis-hygiene/ioredis'; const r = new Redis(); await r.ping(); await defaultFactory().shutdown();`,
  'shutdown() by optional chaining': `${make}await redis?.shutdown?.();`,
  'the hooks for the drop-in': `import { Redis, defaultFactory } from 'redis-hygiene/ioredis'; import { installShutdownHooks } from 'redis-hygiene'; new Redis().ping(); installShutdownHooks(defaultFactory());`,
  'await using': `import { createRedisFactory } from 'redis-hygiene'; await using redis = createRedisFactory(); await redis.client().ping();`,
  'await using in main()': `import { createRedisFactory } from 'redis-hygiene'; async function main() { const made = createRedisFactory(); await using redis = made; await redis.client().ping(); } main();`,
  'an adapter': `${make}import { redisPlugin } from 'redis-hygiene/fastify'; app.register(redisPlugin, { redis });`,
  'an adapter for side effects': `${make}import 'redis-hygiene/express';`,
  'commonjs: an adapter': `const { createRedisFactory } = require('redis-hygiene'); const { HygieneModule } = require('redis-hygiene/nestjs'); createRedisFactory();`,
  'an adapter by import()': `${make}const { close } = await import('redis-hygiene/bullmq');`,
  'a bootstrap module of the project': `import './redis-hygiene.js'; import { Redis } from 'redis-hygiene/ioredis'; new Redis().ping();`,
  'a bootstrap module in another folder': `import { redis } from '../lib/redis-hygiene.bootstrap.mjs'; import { Redis } from 'redis-hygiene/ioredis'; new Redis().ping();`,
  'commonjs: a bootstrap module': `require('./redis-hygiene'); const { Redis } = require('redis-hygiene/ioredis'); new Redis().ping();`,
  'passed to a function that stops it': `${make}import { closeOnExit } from './exit.js'; closeOnExit(server, redis);`,
  'with close-with-grace': `${make}import closeWithGrace from 'close-with-grace'; closeWithGrace({ delay: 500 }, async () => { await redis.shutdown(); });`,
};

const closed = {
  'quit() in a signal handler': `import { Redis } from 'redis-hygiene/ioredis'; const redis = new Redis(); process.on('SIGTERM', () => redis.quit());`,
  'disconnect() in the method of a class that stops it': `import { Redis } from 'redis-hygiene/ioredis'; class Cache { #redis = new Redis(); async stop() { await this.#redis.disconnect(); } } run(new Cache());`,
  'ts: quit() in onModuleDestroy()': `import { Redis } from 'redis-hygiene/ioredis'; class Cache implements OnModuleDestroy { private readonly redis: Redis; constructor() { this.redis = new Redis(); } async onModuleDestroy() { await Promise.all([this.redis.quit()]); } } register(Cache);`,
  'close() of a subscriber of a factory': `${make}const sub = redis.subscriber(); const service = { async close() { try { await sub.close(); } finally { log('closed'); } } }; start(service);`,
  'quit() in a callback of a function that stops': `import { Redis } from 'redis-hygiene/ioredis'; const redis = new Redis(); lifecycle.onStop(async () => { await redis.quit(); });`,
  'quit() in a hook of fastify': `import { Redis } from 'redis-hygiene/ioredis'; const redis = new Redis(); app.addHook('onClose', (instance, done) => redis.quit(done));`,
  'quit() in a listener for the end of a server': `import { Redis } from 'redis-hygiene/ioredis'; const redis = new Redis(); server.on('close', () => redis.quit());`,
};

const noEntries = {
  'a module that exports the factory': `import { createRedisFactory } from 'redis-hygiene'; export const redis = createRedisFactory();`,
  'a default export': `import { Redis } from 'redis-hygiene/ioredis'; export default new Redis();`,
  'exports in a list': `import { Redis } from 'redis-hygiene/ioredis'; const redis = new Redis(); export { redis as cache };`,
  'a re-export': `import { Redis } from 'redis-hygiene/ioredis'; new Redis(); export * from './keys.js';`,
  'commonjs: module.exports': `const { Redis } = require('redis-hygiene/ioredis'); module.exports = { redis: new Redis() };`,
  'commonjs: exports.a = exports.b': `const { Redis } = require('redis-hygiene/ioredis'); const redis = new Redis(); let a = 1; a = exports.a = exports.b = redis;`,
  'cts: export =': `import { Redis } from 'redis-hygiene/ioredis'; const redis = new Redis(); export = redis;`,
  'an entry file that opens nothing': `import { HygieneError, parseConnectionName } from 'redis-hygiene'; parseConnectionName('a@b');`,
  'ts: types only': `import type { RedisFactory } from 'redis-hygiene'; declare const a: RedisFactory; a.client();`,
  'raw clients, which another rule reports': `import Redis from 'ioredis'; import { parseConnectionName } from 'redis-hygiene'; new Redis().ping();`,
  'exports of the drop-in that are no clients': `import { Command, ReplyError } from 'redis-hygiene/ioredis'; new Command('get', ['a']); new ReplyError('a');`,
};

const opened = `import { Redis } from 'redis-hygiene/ioredis'; new Redis().ping();`;
const files = [
  'test/a.mjs',
  'src/__tests__/a.mjs',
  'src/a.test.mjs',
  'a.spec.mjs',
  'vitest.config.mjs',
  'e2e/a.mjs',
];
const others = files.map((filename): LintCase => ({
  title: filename,
  language: 'module',
  code: opened,
  filename,
}));

/** Cases in which require-shutdown has no findings. */
export const valid: readonly LintCase[] = [
  ...casesFrom(stopped),
  ...casesFrom(closed),
  ...casesFrom(noEntries),
  ...others,
];
