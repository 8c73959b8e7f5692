import { casesFrom, type LintCase } from '../case.js';

const entries = {
  'a server': `import { createRedisFactory } from 'redis-hygiene'; import express from 'express';
    const redis = /*factory*/createRedisFactory({ service: 'orders' }); const client = redis.client();
    const app = express(); app.get('/', async (req, res) => res.send(await client.get('a'))); app.listen(3000);`,
  'the drop-in': `import { Redis } from 'redis-hygiene/ioredis'; const redis = /*client*/new Redis(); await redis.set('a', 1);`,
  'the default export of the drop-in': `import Redis from 'redis-hygiene/ioredis'; /*client*/new Redis().ping();`,
  'a cluster of the drop-in': `import { Cluster } from 'redis-hygiene/ioredis'; /*client*/new Cluster([]).ping();`,
  'the default factory': `import { defaultFactory } from 'redis-hygiene/ioredis'; const client = /*factory*/defaultFactory().client(); await client.ping();`,
  'in main()': `import { createRedisFactory } from 'redis-hygiene'; async function main() { const redis = /*factory*/createRedisFactory(); await redis.client().ping(); } main();`,
  'two factories, one finding at the first': `import { createRedisFactory } from 'redis-hygiene'; const a = /*factory*/createRedisFactory(); const b = createRedisFactory(); a.client(); b.client();`,
  'quit() where nothing stops': `import { Redis } from 'redis-hygiene/ioredis'; const redis = /*client*/new Redis(); app.get('/reset', () => redis.quit()); redis.on('error', () => redis.disconnect());`,
  'quit() of something else at the end': `import { Redis } from 'redis-hygiene/ioredis'; const redis = /*client*/new Redis(); redis.ping(); process.on('SIGTERM', () => db.quit()); class A { stop() { this.db.close(); } }`,
  'installShutdownHooks() imported and not called': `import { createRedisFactory, installShutdownHooks } from 'redis-hygiene'; const redis = /*factory*/createRedisFactory(); redis.client();`,
  'createRedisFactory() under another name': `import { createRedisFactory as make } from 'redis-hygiene'; make; const f = /*factory*/make(); f.client();`,
  'a namespace': `import * as hygiene from 'redis-hygiene'; const f = /*factory*/hygiene.createRedisFactory(); f.client();`,
  'commonjs: require': `const { createRedisFactory } = require('redis-hygiene'); const redis = /*factory*/createRedisFactory(); redis.client();`,
  'commonjs: the drop-in': `const Redis = require('redis-hygiene/ioredis'); const redis = /*client*/new Redis(); redis.ping();`,
  'ts: only types exported': `import { createRedisFactory } from 'redis-hygiene'; export type A = string; export {}; const redis = /*factory*/createRedisFactory(); redis.client();`,
  'a hashbang': `#!/usr/bin/env node
import { createRedisFactory } from 'redis-hygiene';
export const redis = /*factory*/createRedisFactory();`,
  'an import of another module of the project': `import { createRedisFactory } from 'redis-hygiene'; import './redis-keys.js'; import './hygiene.js'; const redis = /*factory*/createRedisFactory(); redis.client();`,
};

const options = casesFrom(
  {
    'an entry file by the option': `import { createRedisFactory } from 'redis-hygiene'; export const redis = /*factory*/createRedisFactory(); export const app = redis.client();`,
  },
  { options: { entries: ['src/{main,worker}.mjs'] }, filename: 'src/main.mjs' },
);

const tests = casesFrom(
  {
    'a test file that the option lists': `import { Redis } from 'redis-hygiene/ioredis'; /*client*/new Redis().ping();`,
  },
  { options: { entries: ['test/**'] }, filename: 'test/load.mjs' },
);

/** Cases in which require-shutdown has findings. */
export const invalid: readonly LintCase[] = [...casesFrom(entries), ...options, ...tests];
