import { casesFrom, type LintCase } from './case.js';

const MIXED = `import Redis from 'ioredis';
import type { RedisOptions } from 'ioredis';
const options: RedisOptions = {};
export const redis = /*created*/new Redis(options);
`;

/** Uncommon ways to load a module. */
const uncommonLoads = casesFrom({
  'commonjs: require.main.require': `const Redis = require.main.require('ioredis'); /*created*/new Redis();`,
  'commonjs: module.require': `const { Cluster } = module.require('ioredis'); /*created*/new Cluster([]);`,
  'createRequire() called immediately': `import { createRequire } from 'node:module'; /*created*/new (createRequire(import.meta.url)('ioredis'))();`,
  'commonjs: a parameter of a function that is called immediately': `(function (Redis) { /*created*/new Redis(); })(require('ioredis'));`,
  'Promise.all': `const [{ Redis }, own] = await Promise.all([import('ioredis'), Promise.resolve({ Redis: Map })]); /*created*/new Redis(); new own.Redis();`,
  'Promise.allSettled': `const [lib, own] = await Promise.allSettled([import('ioredis'), Promise.resolve({ Redis: Map })]);
if (lib.status === 'fulfilled') /*created*/new lib.value.Redis();
if (lib.status === 'rejected') new lib.reason.Redis();
if (own.status === 'fulfilled') new own.value.Redis();
`,
});

/** Classes, types, and indirect code. */
export const invalidCode: readonly LintCase[] = [
  ...uncommonLoads,
  {
    title: 'extends',
    language: 'module',
    code: `import Redis from 'ioredis';\nexport class Store extends /*extended*/Redis {}\n`,
  },
  {
    title: 'extends in an expression',
    language: 'commonjs',
    code: `const { Cluster } = require('ioredis');\nconst Store = class extends /*extended*/Cluster {};\n`,
  },
  {
    title: 'extends a member',
    language: 'module',
    code: `import * as lib from 'ioredis';\nclass Store extends /*extended*/lib.Redis {}\n`,
  },
  {
    title: 'extends with type arguments',
    language: 'ts',
    code: `import { Redis } from 'ioredis';\nexport abstract class Store<T> extends /*extended*/Redis implements Iterable<T> { abstract [Symbol.iterator](): Iterator<T>; }\n`,
  },
  {
    title: 'type imports are not fixed',
    language: 'ts',
    code: MIXED,
    output: MIXED.replace(`Redis from 'ioredis'`, `Redis from 'redis-hygiene/ioredis'`),
  },
  {
    title: 'members of the default import in TypeScript: no fix',
    language: 'ts',
    code: `import lib from 'ioredis';\n/*created*/new lib.Redis();\n/*created*/new lib.default();\n`,
    output: `import lib from 'ioredis';\n/*created*/new lib.Redis();\n/*created*/new lib.default();\n`,
  },
  {
    title: 'types in the same import',
    language: 'ts',
    code: `import { Redis, type RedisOptions } from 'ioredis';\nexport const make = (options: RedisOptions): Redis => /*created*/new Redis(options);\n`,
  },
  {
    title: 'as a type and as a value',
    language: 'ts',
    code: `import Redis from 'ioredis';\nexport let redis: Redis | undefined;\nredis ??= /*created*/new Redis();\n`,
  },
  {
    title: 'instantiation expression',
    language: 'ts',
    code: `import { createClient } from 'redis';\nconst make = createClient<object>;\n/*created*/make();\n`,
  },
  {
    title: 'parameter property',
    language: 'ts',
    code: `import { Redis } from 'ioredis';\nexport class Service {\n  constructor(private readonly Client = Redis) {}\n  open() {\n    return /*created*/new this.Client();\n  }\n}\n`,
  },
  {
    title: 'decorated',
    language: 'ts',
    code: `import { Redis } from 'ioredis';\ndeclare function inject(value: unknown): ClassDecorator;\n@inject(/*created*/new Redis())\nexport class Service {}\n`,
  },
  {
    title: 'declared require',
    language: 'ts',
    code: `declare const require: (id: string) => any;\nconst R = require('ioredis');\n/*created*/new R();\n`,
  },
  {
    title: 'a loop over classes',
    language: 'module',
    code: `import { Redis, Cluster } from 'ioredis';\nfor (const C of [Redis, Cluster]) /*created*/new C();\n`,
  },
  {
    title: 'array pattern',
    language: 'module',
    code: `import { Redis } from 'ioredis';\nconst [, X = 1] = [0, Redis];\n/*created*/new X();\n`,
  },
  {
    title: 'getter',
    language: 'commonjs',
    code: `const libs = { get Redis() { if (!libs) { return null; } return require('ioredis'); } };\n/*created*/new libs.Redis();\n`,
  },
  {
    title: 'static field',
    language: 'module',
    code: `import { Redis } from 'ioredis';\nclass Libs { static Redis = Redis; }\n/*created*/new Libs.Redis();\n`,
  },
  {
    title: 'assigned in the constructor',
    language: 'module',
    code: `import { Redis } from 'ioredis';\nexport class Service {\n  constructor() { this.Client = Redis; }\n  open() { return () => /*created*/new this.Client(); }\n}\n`,
  },
  {
    title: 'two libraries, only one with a fix',
    language: 'commonjs',
    code: `const R = process.env.V ? require('ioredis') : require('iovalkey');\n/*created*/new R();\n`,
    output: `const R = process.env.V ? require('ioredis') : require('iovalkey');\n/*created*/new R();\n`,
  },
  {
    title: 'two imports of one library',
    language: 'commonjs',
    code: `const R = process.env.V ? require('ioredis') : require("ioredis").default;\n/*created*/new R();\n`,
  },
  {
    title: 'several findings, one import',
    language: 'module',
    code: `import Redis, { Cluster } from 'ioredis';\n/*created*/new Redis();\n/*created*/new Redis({ lazyConnect: true });\n/*created*/new Cluster([]);\n`,
  },
  {
    title: 'two imports, only one creates clients',
    language: 'module',
    code: `import { ReplyError } from 'ioredis';\nimport { Redis } from 'ioredis';\n/*created*/new Redis();\nexport { ReplyError };\n`,
    output: `import { ReplyError } from 'ioredis';\nimport { Redis } from 'redis-hygiene/ioredis';\n/*created*/new Redis();\nexport { ReplyError };\n`,
  },
  {
    title: 'the fix changes only the name of the module',
    language: 'module',
    code: `import   Redis,{Command}from"ioredis"/* why */;;\r\n\t/*created*/new Redis( {} ) ; // ioredis 'ioredis'\r\n`,
    output: `import   Redis,{Command}from"redis-hygiene/ioredis"/* why */;;\r\n\t/*created*/new Redis( {} ) ; // ioredis 'ioredis'\r\n`,
  },
  {
    title: 'in a function, a method and a default',
    language: 'module',
    code: `import { Redis } from 'ioredis';\nexport function a(redis = /*created*/new Redis()) { return redis; }\nexport const b = { make: () => /*created*/new Redis(), c() { return /*created*/new Redis(); } };\n`,
  },
  {
    title: 'a local class shadows the import',
    language: 'module',
    code: `import { Redis } from 'ioredis';\n{ class Redis {} new Redis(); }\n/*created*/new Redis();\n`,
  },
];
