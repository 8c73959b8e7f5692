import type { LintCase } from './case.js';

/** Exports that only one library has. */
export const invalidLibraries: readonly LintCase[] = [
  {
    title: 'default import of the class',
    language: 'module',
    code: `import R from 'ioredis';\n/*created*/new R(6379);\n`,
  },
  {
    title: 'default as a name',
    language: 'module',
    code: `import { default as R } from 'ioredis';\n/*created*/new R;\n`,
  },
  {
    title: 'the exports are the class',
    language: 'commonjs',
    code: `const R = require('ioredis');\n/*created*/new R();\n`,
  },
  { title: 'new require()()', language: 'commonjs', code: `/*created*/new (require('ioredis'))();\n` },
  { title: 'called without new', language: 'commonjs', code: `/*created*/require('ioredis')(6379);\n` },
  {
    title: 'createClient of the class',
    language: 'commonjs',
    code: `const R = require('ioredis');\n/*created*/R.createClient();\n`,
  },
  {
    title: 'Cluster of the class',
    language: 'module',
    code: `import R from 'ioredis';\n/*created*/new R.Cluster([]);\n`,
  },
  {
    title: 'members of the class that are the class again',
    language: 'module',
    code: `import { Redis } from 'ioredis';\n/*created*/new Redis.default.Redis();\n`,
  },
  {
    title: 'Valkey of iovalkey',
    language: 'module',
    code: `import { Valkey } from 'iovalkey';\n/*created*/new Valkey();\n`,
  },
  {
    title: 'default of iovalkey',
    language: 'module',
    code: `import Valkey from 'iovalkey';\n/*created*/new Valkey();\n`,
  },
  {
    title: 'RedisClient of redis 3',
    language: 'commonjs',
    code: `const redis = require('redis');\n/*created*/new redis.RedisClient();\n`,
  },
  {
    title: 'RedisClient.create',
    language: 'module',
    code: `import { RedisClient } from '@redis/client';\n/*created*/RedisClient.create();\n`,
  },
  {
    title: 'optional call',
    language: 'commonjs',
    code: `const redis = require('redis');\n/*created*/redis?.createClient?.();\n`,
  },
  {
    title: 'chained',
    language: 'module',
    code: `import { createClient } from 'redis';\nawait /*created*/createClient().on('error', () => {}).connect();\n`,
  },
  {
    title: 'Reflect.construct',
    language: 'module',
    code: `import R from 'ioredis';\n/*created*/Reflect.construct(R, []);\n`,
  },
  {
    title: 'call()',
    language: 'commonjs',
    code: `const redis = require('redis');\n/*created*/redis.createClient.call(redis);\n`,
  },
  {
    title: 'apply()',
    language: 'commonjs',
    code: `const { createClient } = require('redis');\n/*created*/createClient.apply(null, []);\n`,
  },
  {
    title: 'a path inside the package',
    language: 'module',
    code: `import R from 'ioredis/built/Redis';\n/*created*/new R();\n`,
    output: `import R from 'ioredis/built/Redis';\n/*created*/new R();\n`,
  },
  {
    title: 'a path inside the package, of the cluster',
    language: 'commonjs',
    code: `const { default: C } = require('ioredis/built/cluster/index.js');\n/*created*/new C([]);\n`,
  },
  {
    title: 'a path inside iovalkey',
    language: 'module',
    code: `import R from 'iovalkey/built/Redis.js';\n/*created*/new R();\n`,
  },
  {
    title: 'a name in a constant: no fix',
    language: 'commonjs',
    code: `const name = 'ioredis';\nconst R = require(name);\n/*created*/new R();\n`,
    output: `const name = 'ioredis';\nconst R = require(name);\n/*created*/new R();\n`,
  },
];
