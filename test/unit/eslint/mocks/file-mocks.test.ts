import { describe, expect, test } from 'vitest';
import { readFileMocks } from '../../../../src/eslint/mocks/file-mocks.js';

const DROP_IN = 'redis-hygiene/ioredis';
const replacementIn = (name: string, text: string, module = DROP_IN) =>
  readFileMocks(name, text, module)?.replacement;

describe('a file that replaces ioredis only', () => {
  test.for([
    ['a.test.ts', `import x from 'x';\nvi.mock('ioredis');\n`, 'call', 2],
    ['a.test.ts', `\njest.unstable_mockModule('ioredis', fake);`, 'call', 2],
    ['a.test.ts', `mock.module('ioredis', { defaultExport: Fake });`, 'call', 1],
    ['a.test.ts', `vi.mock('ioredis');\n// vi.mock('${DROP_IN}');\n`, 'call', 1],
    ['a.test.ts', `vi.mock('ioredis');\nvi.unmock('${DROP_IN}');\n`, 'call', 1],
    ['a.test.ts', `vi.mock('ioredis');\nimport '${DROP_IN}';\n`, 'call', 1],
    ['a.test.ts', `vi.unmock('ioredis');`, 'call', 1],
    ['a.test.ts', `/* istanbul ignore next */ vi.mock('ioredis');`, 'call', 1],
    ['vitest.config.ts', `alias: {\n  ioredis: 'ioredis-mock' }`, 'alias', 2],
    ['vite.config.mjs', `alias: { 'ioredis': fake }`, 'alias', 1],
    ['vitest.config.ts', `alias: [{ find: 'ioredis', replacement: 'ioredis-mock' }]`, 'alias', 1],
    ['vitest.unit.config.ts', `alias: [{ find: /^ioredis$/, replacement: 'ioredis-mock' }]`, 'alias', 1],
    ['vitest.config.ts', `alias: { ioredis: fake }, deps: { inline: ['redis-hygiene'] }`, 'alias', 1],
    ['a.test.js', `const load = require('proxyquire');\nload('./a', { ioredis: Fake });`, 'library', 2],
    ['a.test.js', `import esmock from 'esmock';\nawait esmock('./a', { 'ioredis': Fake });`, 'library', 2],
    ['a.test.js', `const mock = require('mock-require');\nmock('ioredis', Fake);`, 'library', 2],
  ] as const)('%s: %s', ([name, text, form, line]) => {
    expect(replacementIn(name, text)).toEqual({ form, line });
  });
});

describe('a file that replaces nothing, or the drop-in too, or does so with Jest', () => {
  test.for([
    ['a.test.ts', `vi.mock('ioredis');\nvi.mock('${DROP_IN}', () => import('ioredis'));\n`],
    ['a.test.ts', `vi.unmock('ioredis');\nvi.unmock('${DROP_IN}');\n`],
    ['a.test.ts', `  // vi.mock('ioredis');\n`],
    ['a.test.ts', `/*\n * vi.mock('ioredis');\n */\n`],
    ['a.test.ts', `/* vi.mock('ioredis'); */\n`],
    ['a.test.ts', `vi.mock('redis');\nimport 'ioredis';`],
    ['a.ts', `const table = { ioredis: 1 };`],
    ['vitest.config.ts', `alias: { ioredis: 'ioredis-mock', '${DROP_IN}': 'ioredis-mock' }`],
    [
      'vitest.config.ts',
      String.raw`alias: [{ find: /^(redis-hygiene\/)?ioredis$/, replacement: 'ioredis-mock' }]`,
    ],
    ['vitest.config.ts', `external: ['ioredis']`],
    ['a.test.ts', `jest.mock('ioredis');`],
    ['a.test.ts', `jest\n  .doMock('ioredis', () => require('ioredis-mock'));`],
    ['a.test.ts', `jest.setMock('ioredis', Fake);\njest.unmock('ioredis');`],
    ['jest.config.js', `moduleNameMapper: { '^ioredis$': 'ioredis-mock' }`],
    ['a.test.js', `const load = require('proxyquire');\nload('./a', { ioredis: F, '${DROP_IN}': F });`],
    ['a.test.js', `const load = require('proxyquire');\nimport { Redis } from 'ioredis';\nload('./a', {});`],
    ['a.test.js', ''],
  ] as const)('%s: %s', ([name, text]) => {
    expect(replacementIn(name, text)).toBeUndefined();
  });
});

test('the module to use instead may be another one', () => {
  const text = `vi.mock('ioredis');\nvi.mock('@acme/redis');\n`;
  expect(replacementIn('a.test.ts', text, '@acme/redis')).toBeUndefined();
  expect(replacementIn('a.test.ts', text)).toEqual({ form: 'call', line: 1 });
});

test.for([
  [`import Redis from 'ioredis';`, true],
  [`import 'ioredis';`, true],
  [`const Redis = require("ioredis");`, true],
  ['const lib = await import(`ioredis`);', true],
  [`export * from '${DROP_IN}';`, true],
  [`import Redis from 'ioredis';\nvi.mock('ioredis');`, false],
  [`import Redis from 'ioredis';\nvi.mock('${DROP_IN}');`, false],
  [`import Redis from 'ioredis';\njest.mock('ioredis');`, false],
  [`// import Redis from 'ioredis';`, false],
  [`import Mock from 'ioredis-mock';`, false],
  [`const name = 'ioredis';`, false],
] as const)('%s: whether the file uses either module is %s', ([text, isUser]) => {
  expect(readFileMocks('a.ts', text, DROP_IN)?.isUser).toBe(isUser);
});
