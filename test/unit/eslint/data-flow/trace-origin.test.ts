import { Linter, type Rule } from 'eslint';
import type { TSESLint, TSESTree } from '@typescript-eslint/utils';
import { expect, test } from 'vitest';
import { traceOf } from '../../../../src/eslint/data-flow/trace-origin.js';
import { LANGUAGES } from '../../../support/lint/languages.js';

/** Origins of the arguments of all `probe(…)` calls in a code, as sorted `module#path` texts. */
function originsIn(code: string, language: keyof typeof LANGUAGES = 'ts'): string[] {
  const found: string[] = [];
  const probe: Rule.RuleModule = {
    create: ({ sourceCode }) => ({
      'CallExpression[callee.name="probe"]': (node: unknown) => {
        const trace = traceOf(sourceCode as unknown as TSESLint.SourceCode);
        for (const { module, path } of (node as TSESTree.CallExpression).arguments.flatMap((one) =>
          trace(one),
        ))
          found.push(`${module}#${path.join('.')}`);
      },
    }),
  };
  const messages = new Linter().verify(
    code,
    {
      files: ['**/*.ts'],
      languageOptions: LANGUAGES[language],
      plugins: { test: { rules: { probe } } },
      rules: { 'test/probe': 2 },
    },
    { filename: 'a.ts' },
  );
  expect(messages).toEqual([]);
  return found.sort();
}

const FACTORY = `import { createRedisFactory } from 'redis-hygiene';\n`;

test.for([
  ['a default import', `import a from 'm'; probe(a)`, ['m#default']],
  ['a namespace', `import * as a from 'm'; probe(a)`, ['m#']],
  ['the result of a call', `import { a } from 'm'; const b = a(1); probe(b)`, ['m#a.()']],
  ['a member of a new instance', `import A from 'm'; probe(new A().b)`, ['m#default.().b']],
  ['a promise and its value', `import { a } from 'm'; probe(a(), await a())`, ['m#a.()', 'm#a.()']],
  [
    'a promise with catch() and finally()',
    `import { a } from 'm'; probe(await a().catch(() => {}).finally(f))`,
    ['m#a.()'],
  ],
  [
    'a pool',
    `${FACTORY}const redis = createRedisFactory({}); const pool = redis.pool(); probe(pool)`,
    ['redis-hygiene#createRedisFactory.().pool.()'],
  ],
  [
    'a lease',
    `${FACTORY}const { client } = await createRedisFactory().pool().acquire(); probe(client)`,
    ['redis-hygiene#createRedisFactory.().pool.().acquire.().client'],
  ],
  [
    'a field',
    `${FACTORY}class S { #f = createRedisFactory(); pool = this.#f.pool(); get() { probe(this.pool) } }`,
    ['redis-hygiene#createRedisFactory.().pool.()'],
  ],
  [
    'a field that is assigned',
    `${FACTORY}class S { pool; constructor() { this.pool = createRedisFactory().pool() } get() { [1].map(() => probe(this.pool)) } }`,
    ['redis-hygiene#createRedisFactory.().pool.()'],
  ],
  [
    'a getter',
    `${FACTORY}class S { get f() { return createRedisFactory() } m() { probe(this.f) } }`,
    ['redis-hygiene#createRedisFactory.()'],
  ],
  [
    'a method',
    `${FACTORY}class S { f() { return createRedisFactory() } m() { probe(this.f()) } }`,
    ['redis-hygiene#createRedisFactory.()'],
  ],
  [
    'the result of a function',
    `${FACTORY}function f() { if (x) { return null } try { return createRedisFactory() } catch {} } probe(f())`,
    ['redis-hygiene#createRedisFactory.()'],
  ],
  [
    'the result of a function, without those of nested functions',
    `import a from 'm'; function f() { const g = () => { return a }; return 1 } probe(f())`,
    [],
  ],
  [
    'the result of a callback of then()',
    `import { a } from 'm'; probe(await a().then((b) => b.c))`,
    ['m#a.().c'],
  ],
  [
    'one of several values',
    `import a from 'm'; import b from 'n'; let c = x ? a : b; c ??= a.d; probe(c)`,
    ['m#default', 'm#default.d', 'n#default'],
  ],
  ['an element', `import a from 'm'; for (const b of [0, ...[a]]) probe(b)`, ['m#default']],
  ['a parameter of a function that is not called', `import a from 'm'; function f(a) { probe(a) }`, []],
  [
    'the require function',
    `probe(require, module.require)`,
    ['node:module#createRequire.()', 'node:module#createRequire.()'],
  ],
  ['a type', `import type a from 'm'; import { type b } from 'm'; probe(a, b)`, []],
  [
    'variables that refer to each other',
    `let a = b; let b = a; b = c; import c from 'm'; probe(a, b)`,
    ['m#default', 'm#default'],
  ],
  [
    'a variable that refers to its own member',
    `import c from 'm'; let a = c; a = a.n; probe(a)`,
    Array.from({ length: 13 }, (_, n) => `m#default${'.n'.repeat(n)}`),
  ],
  ['an object that refers to itself', `const a = { get b() { return a.b } }; probe(a.b, a.b.b)`, []],
] as const)('finds the origins of %s', ([, code, expected]) => {
  expect(originsIn(code)).toEqual([...expected].sort());
});

test('60 conditions in a row are followed in linear time', () => {
  const rungs = Array.from({ length: 60 }, (_, n) => `const a${n + 1} = x ? a${n} : [a${n}][0];`);
  expect(originsIn(`import a0 from 'm';\n${rungs.join('\n')}\nprobe(a60)`)).toEqual(['m#default']);
});

/** Variables of which each may be a member of three others, so that paths of 12 members lead to 3^12 queries. */
function tangledVariables(count: number): string {
  const names = Array.from({ length: count }, (_, n) => `v${n}`);
  const writes = names.map((name, n) =>
    [1, 3, 7].map((step) => `${name} = ${names[(n + step) % count] ?? ''}.m${step};`).join(' '),
  );
  return `let ${names.join(', ')};\n${writes.join('\n')}\n`;
}

test('a search ends where a variable leads to too many others, with the origins that are near', () => {
  const code = `import a from 'm';\n${tangledVariables(40)}v5 = a; probe(v5)`;
  expect(originsIn(code)).toContain('m#default');
});

test('the searches in a file end after too many steps', () => {
  const probes = Array.from({ length: 1000 }, (_, n) => `probe(v${n % 40});`).join('\n');
  const code = (hard: string) => `import a from 'm';\n${hard}probe(a)`;
  expect(originsIn(code(''))).toEqual(['m#default']);
  expect(originsIn(code(`${tangledVariables(40)}${probes}\n`))).toEqual([]);
});

test('an origin includes the string that names the module', () => {
  const sources: string[] = [];
  const probe: Rule.RuleModule = {
    create: ({ sourceCode }) => ({
      NewExpression: ({ callee }) => {
        const trace = traceOf(sourceCode as unknown as TSESLint.SourceCode);
        for (const { source } of trace(callee as unknown as TSESTree.Node))
          sources.push(sourceCode.getText(source as never));
      },
    }),
  };
  const code = `import A, { B } from "m"; const C = require('m'); new A(); new B(); new C(); import(\`m\`).then((D) => new D());`;
  new Linter().verify(code, { plugins: { test: { rules: { probe } } }, rules: { 'test/probe': 2 } });
  expect(sources).toEqual(['"m"', '"m"', `'m'`, '`m`']);
});
