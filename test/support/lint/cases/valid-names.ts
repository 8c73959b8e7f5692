import type { LintCase } from './case.js';

/** Names that refer to something other than a client library. */
export const validNames: readonly LintCase[] = [
  {
    title: 'the drop-in',
    language: 'module',
    code: `import Redis, { Cluster } from 'redis-hygiene/ioredis';\nnew Redis();\nnew Cluster([]);\nexport { Redis };\n`,
  },
  {
    title: 'the drop-in by require',
    language: 'commonjs',
    code: `const Redis = require('redis-hygiene/ioredis');\nmodule.exports = { Redis, redis: new Redis() };\n`,
  },
  {
    title: 'a factory',
    language: 'module',
    code: `import { createRedisFactory } from 'redis-hygiene';\nconst redis = createRedisFactory({ service: 'redis' });\nexport const client = redis.client();\n`,
  },
  {
    title: 'a local class',
    language: 'module',
    code: `class Redis {}\nexport const redis = new Redis('ioredis');\n`,
  },
  {
    title: 'a class in a block',
    language: 'module',
    code: `import { Redis } from 'ioredis';\n{\n  class Redis {}\n  new Redis();\n}\nexport const is = (x) => x instanceof Redis;\n`,
  },
  {
    title: 'a parameter of the same name',
    language: 'module',
    code: `import { Redis } from 'ioredis';\nexport function make(Redis) {\n  return new Redis();\n}\nexport const is = (x) => x instanceof Redis;\n`,
  },
  {
    title: 'a catch parameter of the same name',
    language: 'commonjs',
    code: `const redis = require('redis');\ntry { go(redis); } catch (redis) { redis.createClient(); }\n`,
  },
  {
    title: 'a local function called require',
    language: 'module',
    code: `const require = (name) => class {};\nconst Redis = require('ioredis');\nnew Redis();\n`,
  },
  {
    title: 'a require that is a parameter',
    language: 'commonjs',
    code: `module.exports = function (require) {\n  const Redis = require('ioredis');\n  return new Redis();\n};\n`,
  },
  {
    title: 'another module',
    language: 'module',
    code: `import Redis from './redis.js';\nimport { createClient } from 'redis-mock';\nnew Redis('redis');\ncreateClient();\n`,
  },
  {
    title: 'modules with similar names',
    language: 'module',
    code: `import A from 'ioredis-mock';\nimport B from 'redis-om';\nimport C from '@acme/ioredis';\nnew A();\nnew B();\nnew C('ioredis');\n`,
  },
  {
    title: 'a string',
    language: 'module',
    code: `console.log('ioredis', "redis", \`ioredis\`);\nnew Map([['ioredis', 1]]);\n`,
  },
  {
    title: 'the same member of something else',
    language: 'module',
    code: `import { ReplyError } from 'redis';\nimport http2 from './http2.js';\nhttp2.createClient(ReplyError);\n`,
  },
  {
    title: 'a class that has the name of a method',
    language: 'module',
    code: `import { ErrorReply } from 'redis';\nexport class Service {\n  createClient() { return ErrorReply; }\n  open() { return this.createClient(); }\n}\n`,
  },
  {
    title: 'property of an unknown name',
    language: 'commonjs',
    code: `const lib = require('redis');\nmodule.exports = (name) => new lib[name]();\n`,
  },
  {
    title: 'module of an unknown name',
    language: 'commonjs',
    code: `const name = process.env.LIB || 'ioredis';\nconst R = require(name);\nnew R();\n`,
  },
  { title: 'require.resolve', language: 'commonjs', code: `exports.path = require.resolve('ioredis');\n` },
  {
    title: 'import.meta.resolve',
    language: 'module',
    code: `export const path = import.meta.resolve('ioredis');\n`,
  },
  {
    title: 'type arguments of a mock',
    language: 'ts',
    code: `import { ErrorReply } from 'redis';\nexport const make = <T,>(Class: new () => T) => new Class();\nmake(ErrorReply as any);\n`,
  },
];
