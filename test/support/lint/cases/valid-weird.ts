import type { Case } from './case.js';

/** Code that nobody writes, and that ends in silence. */
export const validWeird: readonly Case[] = [
  {
    title: 'a circle of variables',
    language: 'module',
    code: `let a = b;\nvar b = a;\nnew a('redis');\nb.c();\n`,
  },
  {
    title: 'a circle of members',
    language: 'module',
    code: `let a = 'redis';\na = a.next;\nnew a.Redis();\n`,
  },
  {
    title: 'a circle through require',
    language: 'commonjs',
    code: `var load = load('ioredis');\nnew (load('ioredis'))();\n`,
  },
  {
    title: 'a circle of functions',
    language: 'commonjs',
    code: `const f = () => g();\nfunction g() { return f(); }\nnew (f('redis'))();\n`,
  },
  {
    title: 'without initial values',
    language: 'commonjs',
    code: `let a, b, c;\nvar d;\nnew a('redis');\nb();\nnew c.d(d);\n`,
  },
  {
    title: 'sparse patterns',
    language: 'commonjs',
    code: `const [, , a = 1, ...[b, { c, ...d }]] = [, ...require('ioredis'), ,];\nnew a();\nnew b();\nnew c();\nnew d();\n`,
  },
  {
    title: 'patterns with computed keys',
    language: 'commonjs',
    code: `const { [key()]: a, ['Red' + x]: b } = require('ioredis');\nnew a();\nnew b();\n`,
  },
  {
    title: 'spread arguments',
    language: 'commonjs',
    code: `const a = require(...['ioredis']);\nnew a(...a);\nnew (require())('ioredis');\nReflect.construct();\n`,
  },
  {
    title: 'this of nothing',
    language: 'commonjs',
    code: `this.Redis('ioredis');\nfunction f() { return new this.Redis(); }\n(() => this)();\n`,
  },
  {
    title: 'super',
    language: 'commonjs',
    code: `class A extends null { constructor() { super('ioredis'); super.x(); new super.Redis(); } static { new this.y(); } }\n`,
  },
  {
    title: 'generators and tags',
    language: 'commonjs',
    code: "function* f() { const x = yield require('ioredis').ReplyError; return new x(); }\nnew (f())();\ntag`redis`();\nnew (import.meta?.x)();\n".replace(
      'import.meta',
      'globalThis',
    ),
  },
  {
    title: 'the left side of nothing',
    language: 'commonjs',
    code: `exports[require('ioredis').x] = 1;\nexports.a += require('ioredis');\n[exports.b] = [1];\nmodule['x'].y = 2;\n`,
  },
  {
    title: 'empty exports',
    language: 'module',
    code: `export {};\nexport default 'ioredis';\nexport const { a, b: [c] } = {}, d = 1;\nexport let e;\n`,
  },
  {
    title: 'private members',
    language: 'module',
    code: `class A { #redis = 'redis'; static #x; has(o) { return #redis in o && new this.#redis() && A.#x(); } }\n`,
  },
  {
    title: 'labels, with and loops',
    language: 'script',
    code: `x: for (var a in { redis: 'redis' }) { for (a of [require('redis').ErrorReply]) { new a(); continue x; } }\nwith (a) { Redis(); }\n`,
  },
];
