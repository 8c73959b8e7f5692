import type { LintCase } from './case.js';

/** Raw clients in mocks, and in files that the option allows. */
export const validAllowed: readonly LintCase[] = [
  {
    title: 'vi.mock',
    language: 'module',
    code: `vi.mock('ioredis');\nimport Redis from 'ioredis';\nnew Redis();\n`,
  },
  {
    title: 'vi.mock of an import()',
    language: 'module',
    code: `vi.mock(import('ioredis'), () => ({ default: class {} }));\nimport Redis from 'ioredis';\nnew Redis();\n`,
  },
  {
    title: 'jest.mock',
    language: 'commonjs',
    code: `jest.mock("redis", () => ({ createClient: jest.fn() }));\nconst { createClient } = require('redis');\ncreateClient();\n`,
  },
  {
    title: 'vi.mock with type arguments',
    language: 'ts',
    code: `vi.mock<typeof import('ioredis')>('ioredis', () => ({}));\nimport { Redis } from 'ioredis';\nnew Redis();\n`,
  },
  {
    title: 'a token of dependency injection',
    language: 'ts',
    code: `import { Redis } from 'ioredis';\nexport const provider = { provide: Redis, useFactory: () => open() };\n`,
  },
  {
    title: 'jest.unstable_mockModule',
    language: 'module',
    code: `jest.unstable_mockModule('ioredis', () => ({}));\nconst { Redis } = await import('ioredis');\nnew Redis();\n`,
  },
  {
    title: 'mock.module of node:test',
    language: 'module',
    code: `import { mock } from 'node:test';\nmock.module('ioredis', { defaultExport: class {} });\nconst { default: Redis } = await import('ioredis');\nnew Redis();\n`,
  },
  {
    title: 'a factory function of a mock',
    language: 'module',
    code: `vi.mock('ioredis', async (load) => ({ ...(await load()), Redis: class {} }));\n`,
  },
  {
    title: 'jest.requireActual',
    language: 'commonjs',
    code: `const actual = jest.requireActual('ioredis');\nactual.ReplyError.toString();\n`,
  },
  {
    title: 'allowed by a glob',
    language: 'module',
    options: { allow: ['src/redis/**'] },
    filename: 'src/redis/raw.mjs',
    code: `import R from 'ioredis';\nnew R();\n`,
  },
  {
    title: 'allowed by one of several globs',
    language: 'ts',
    options: { allow: ['a.ts', './scripts/*.{ts,mts}'] },
    filename: 'scripts/seed.ts',
    code: `import R from 'ioredis';\nnew R();\nexport * from 'redis';\n`,
  },
  {
    title: 'allowed in a hidden folder',
    language: 'module',
    options: { allow: ['**/*.mjs'] },
    filename: '.tools/raw.mjs',
    code: `import R from 'ioredis';\nnew R();\n`,
  },
  {
    title: 'allowed by a negated glob',
    language: 'module',
    options: { allow: ['!(src)/**'] },
    filename: 'tools/raw.mjs',
    code: `import R from 'ioredis';\nnew R();\n`,
  },
];
