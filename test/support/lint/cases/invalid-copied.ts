import { casesOf, type Case } from './case.js';

/** What is handed on by a copy, through a wrapper, or by name of a library that a comment only mentions. */
export const invalidCopied: readonly Case[] = casesOf({
  'commonjs: Object.assign(module.exports, …)': `Object.assign(module.exports, /*reexported*/require('ioredis'), { /*reexported*/a: require('ioredis').Cluster });\n`,
  'commonjs: __exportStar': `__exportStar(/*reexported*/require('ioredis'), exports);\ntslib_1.__exportStar(/*reexported*/require('ioredis'), exports);\n`,
  'commonjs: a member by its string': `module['exports'] = /*reexported*/require('ioredis');\n`,
  'commonjs: a frozen object': `module.exports = Object.freeze({ /*reexported*/R: require('ioredis') });\n`,
  'ts: an object with a cast': `import { Redis } from 'ioredis';\nexport const libs = { /*reexported*/Redis } as const;\nexport default { /*reexported*/Redis } satisfies object;\n`,
  'a copy of the exports': `import * as lib from 'ioredis';\nconst all = Object.assign({}, lib);\n/*created*/new all.Redis();\n`,
  'the first of two imports': `const lib = await Promise.race([import('ioredis')]);\n/*created*/new lib.Redis();\n`,
  'each of a list': `import { Redis, Cluster } from 'ioredis';\nexport const all = [Redis, Cluster].map((C) => /*created*/new C([]));\n`,
  'ts: accessor': `import { Redis } from 'ioredis';\nexport class S {\n  static accessor C = Redis;\n  make() { return /*created*/new S.C(); }\n}\n`,
  'another module of the same name': `angular.module('redis');\nimport { createClient } from 'redis';\n/*created*/createClient();\n`,
  'a mock that a comment mentions': `// once: jest.mock("ioredis")\nimport R from 'ioredis';\n/*created*/new R();\n`,
}).map((one) =>
  one.title.startsWith('a mock')
    ? { ...one, output: one.code.replace(`'ioredis'`, `'redis-hygiene/ioredis'`) }
    : one,
);
