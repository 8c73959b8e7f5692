import type { LintCase } from './case.js';

/** Raw clients in mocks, and in files that the option allows. */
export const validAllowed: readonly LintCase[] = [
  {
    title: 'jest.mock',
    language: 'commonjs',
    code: `jest.mock("redis", () => ({ createClient: jest.fn() }));\nconst { createClient } = require('redis');\ncreateClient();\n`,
  },
  {
    title: 'a token of dependency injection',
    language: 'ts',
    code: `import { Redis } from 'ioredis';\nexport const provider = { provide: Redis, useFactory: () => open() };\n`,
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
