import type { LintCase } from './case.js';

/** Exports, and the effects of the options. */
export const invalidExports: readonly LintCase[] = [
  {
    title: 'export { default } from',
    language: 'module',
    code: `export { /*reexported*/default } from 'ioredis';\n`,
  },
  {
    title: 'export a class with others',
    language: 'module',
    code: `export { ReplyError, /*reexported*/Redis as Client, Command } from 'ioredis';\n`,
  },
  {
    title: 'export default of what is imported as default',
    language: 'module',
    code: `import R from 'ioredis';\nexport default /*reexported*/R;\n`,
  },
  {
    title: 'export default of an object',
    language: 'module',
    code: `import R, { Cluster } from 'ioredis';\nexport default { /*reexported*/R, deep: { /*reexported*/Cluster }, x: 1 };\n`,
  },
  {
    title: 'export const of an object',
    language: 'module',
    code: `import { Redis } from 'ioredis';\nexport const libs = { /*reexported*/Redis, .../*reexported*/Redis };\n`,
  },
  {
    title: 'exports of exports',
    language: 'commonjs',
    code: `const R = require('ioredis');\nmodule.exports.Redis = /*reexported*/R;\nmodule.exports.make = () => /*created*/new R();\n`,
  },
  {
    title: 'export and creation',
    language: 'module',
    code: `import { Redis } from 'ioredis';\nexport const redis = /*created*/new Redis();\nexport { /*reexported*/Redis };\n`,
  },
  {
    title: 'export of an alias',
    language: 'module',
    code: `import { Redis } from 'ioredis';\nconst Client = Redis;\nexport { /*reexported*/Client as default };\n`,
  },
  {
    title: 'export of a type and of the class',
    language: 'ts',
    code: `export { type RedisOptions, /*reexported*/Redis } from 'ioredis';\n`,
  },
  {
    title: 'circular export',
    language: 'module',
    code: `import { Redis } from 'ioredis';\nimport * as own from './index.js';\nexport * from './index.js';\nexport { /*reexported*/Redis, own };\n`,
  },
  {
    title: 'option module',
    language: 'module',
    options: { module: '@acme/redis' },
    code: `import R from 'ioredis';\n/*created*/new R();\n`,
    output: `import R from '@acme/redis';\n/*created*/new R();\n`,
  },
  {
    title: 'option module, with a library that has no fix',
    language: 'module',
    options: { module: '@acme/redis' },
    code: `import { createClient } from 'redis';\n/*created*/createClient();\n`,
  },
  {
    title: 'a file that the option does not allow',
    language: 'module',
    options: { allow: ['src/redis/**', '*.test.mjs'] },
    filename: 'src/orders.mjs',
    code: `import R from 'ioredis';\n/*created*/new R();\n`,
  },
  {
    title: 'a mock of another module',
    language: 'module',
    code: `vi.mock('redis');\nimport R from 'ioredis';\n/*created*/new R();\n`,
    output: `vi.mock('redis');\nimport R from 'redis-hygiene/ioredis';\n/*created*/new R();\n`,
  },
];
