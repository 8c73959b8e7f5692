import type { LintCase } from './case.js';

/** Types and ambient declarations. */
export const validTypes: readonly LintCase[] = [
  {
    title: 'type import',
    language: 'ts',
    code: `import type Redis from 'ioredis';\nexport let redis: Redis;\n`,
  },
  {
    title: 'type among the names',
    language: 'ts',
    code: `import { type Redis, type RedisOptions } from 'ioredis';\nexport type Both = Redis | RedisOptions;\n`,
  },
  {
    title: 'class that is used as a type',
    language: 'ts',
    code: `import { Redis } from 'ioredis';\nexport const ping = (redis: Redis) => redis.ping();\n`,
  },
  {
    title: 'namespace of types',
    language: 'ts',
    code: `import type * as lib from 'ioredis';\nexport type Options = lib.RedisOptions;\n`,
  },
  {
    title: 'export type',
    language: 'ts',
    code: `export type { Redis } from 'ioredis';\nexport type { Cluster as C } from 'ioredis';\n`,
  },
  {
    title: 'export of types among the names',
    language: 'ts',
    code: `export { type Redis, type RedisOptions } from 'ioredis';\n`,
  },
  {
    title: 'export type *',
    language: 'ts',
    code: `export type * from 'ioredis';\nexport type * as lib from 'redis';\n`,
  },
  {
    title: 'type import that is exported',
    language: 'ts',
    code: `import type { Redis } from 'ioredis';\nexport { Redis };\nexport { type Redis as R };\n`,
  },
  {
    title: 'import type x = require',
    language: 'cts',
    code: `import type lib = require('ioredis');\nexport type R = lib.Redis;\n`,
  },
  {
    title: 'import() type',
    language: 'ts',
    code: `export type R = import('ioredis').Redis;\nexport type L = typeof import('ioredis');\n`,
  },
  {
    title: 'typeof',
    language: 'ts',
    code: `import { Redis } from 'ioredis';\nexport type Class = typeof Redis;\nexport type Made = InstanceType<typeof Redis>;\n`,
  },
  {
    title: 'implements and interface extends',
    language: 'ts',
    code: `import { Redis } from 'ioredis';\nexport interface Mine extends Redis {}\nexport abstract class Fake implements Pick<Redis, 'get'> { abstract get: Redis['get']; }\n`,
  },
  {
    title: 'declared module',
    language: 'ts',
    code: `declare module 'shim' {\n  export { Redis } from 'ioredis';\n  export * from 'redis';\n}\nexport {};\n`,
  },
  {
    title: 'declared constant',
    language: 'ts',
    code: `import { Redis } from 'ioredis';\nexport declare const Client: typeof Redis;\n`,
  },
  {
    title: 'augmentation',
    language: 'ts',
    code: `declare module 'ioredis' {\n  interface RedisCommander { mine(): Promise<string>; }\n}\nexport {};\n`,
  },
  {
    title: 'declaration file',
    language: 'ts',
    filename: 'types.d.ts',
    code: `export { Redis } from 'ioredis';\n`,
  },
];
