import { casesFrom, type LintCase } from './case.js';

/** Copied and wrapped exports, and mocks that exist only in a comment. */
export const invalidCopied: readonly LintCase[] = casesFrom({
  'commonjs: Object.assign(module.exports, …)': `Object.assign(module.exports, /*reexported*/require('ioredis'), { /*reexported*/a: require('ioredis').Cluster });\n`,
  'commonjs: __exportStar': `__exportStar(/*reexported*/require('ioredis'), exports);\ntslib_1.__exportStar(/*reexported*/require('ioredis'), exports);\n`,
  'commonjs: module.exports by a string': `module['exports'] = /*reexported*/require('ioredis');\n`,
  'commonjs: a frozen object': `module.exports = Object.freeze({ /*reexported*/R: require('ioredis') });\n`,
  'ts: an object with a cast': `import { Redis } from 'ioredis';\nexport const libs = { /*reexported*/Redis } as const;\nexport default { /*reexported*/Redis } satisfies object;\n`,
  'a copy of the exports': `import * as lib from 'ioredis';\nconst all = Object.assign({}, lib);\n/*created*/new all.Redis();\n`,
  'Promise.race() of imports': `const lib = await Promise.race([import('ioredis')]);\n/*created*/new lib.Redis();\n`,
  'each of a list': `import { Redis, Cluster } from 'ioredis';\nexport const all = [Redis, Cluster].map((C) => /*created*/new C([]));\n`,
  'ts: accessor': `import { Redis } from 'ioredis';\nexport class S {\n  static accessor C = Redis;\n  make() { return /*created*/new S.C(); }\n}\n`,
  'a module of AngularJS with the same name': `angular.module('redis');\nimport { createClient } from 'redis';\n/*created*/createClient();\n`,
  'a mock that a comment mentions': `// once: jest.mock("ioredis")\nimport R from 'ioredis';\n/*created*/new R();\n`,
}).map((one) =>
  one.title.startsWith('a mock')
    ? { ...one, output: one.code.replace(`'ioredis'`, `'redis-hygiene/ioredis'`) }
    : one,
);
