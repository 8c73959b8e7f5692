import type { LintCase } from './case.js';

/** Unusual code that must cause neither a finding nor a crash. */
export const validWeird: readonly LintCase[] = [
  {
    title: 'variables that refer to each other',
    language: 'module',
    code: `let a = b;\nvar b = a;\nnew a('redis');\nb.c();\n`,
  },
  {
    title: 'a variable that refers to its own member',
    language: 'module',
    code: `let a = 'redis';\na = a.next;\nnew a.Redis();\n`,
  },
  {
    title: 'a require function that refers to itself',
    language: 'commonjs',
    code: `var load = load('ioredis');\nnew (load('ioredis'))();\n`,
  },
  {
    title: 'functions that call each other',
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
    title: 'this at the top level',
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
    title: 'assignments that are no exports',
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
