import { join } from 'node:path';
import { Linter } from 'eslint';
import { expect, test } from 'vitest';
import plugin from '../../../../src/eslint/index.js';
import { findFixObstacle } from '../../../../src/eslint/mocks/fix-obstacle.js';
import { type Files, useProjects } from '../../../support/init/project.js';

const make = useProjects();
const SOURCE = `import Redis from 'ioredis';\nnew Redis();\n`;
const MOCK = `vi.mock('ioredis');\n`;

function lint(files: Files, filename = 'src/cache.js') {
  const { dir } = make({ 'package.json': {}, 'src/cache.js': SOURCE, ...files });
  const linter = new Linter({ cwd: dir });
  const text = files[filename] ?? SOURCE;
  return linter.verify(text as string, plugin.configs.recommended, { filename: join(dir, filename) });
}

test.for([
  [
    { 'test/cache.test.js': `\n${MOCK}` },
    'There is no fix yet, because test/cache.test.js:2 replaces ioredis only. Mock "redis-hygiene/ioredis" there too, as the fix of that file does, and run the fix again.',
  ],
  [
    { 'vitest.config.ts': `export default { test: { alias: { ioredis: 'ioredis-mock' } } };` },
    'There is no fix yet, because vitest.config.ts:1 replaces ioredis only. Give "redis-hygiene/ioredis" the same alias.',
  ],
  [
    { 'a.test.js': `require('proxyquire')('./src/cache', { ioredis: Fake });` },
    'There is no fix yet, because a.test.js:1 replaces ioredis only. Replace "redis-hygiene/ioredis" there too.',
  ],
] as const)('with %j a source file has no fix: %s', ([files, expected]) => {
  const [message, ...others] = lint(files);
  expect(others).toEqual([]);
  expect(message).toMatchObject({ messageId: 'created', line: 2 });
  expect(message?.fix).toBeUndefined();
  expect(message?.message).toMatch(/owner\. Import it from "redis-hygiene\/ioredis"\. /);
  expect(message?.message).toContain(expected);
});

test('with mocks of Jest, or of the drop-in too, a source file has a fix', () => {
  const [message] = lint({
    'test/cache.test.js': `${MOCK}vi.mock('redis-hygiene/ioredis', () => import('ioredis'));\n`,
    'node_modules/x/a.test.js': MOCK,
    'test/jest.test.js': `jest.mock('ioredis');\n`,
    '__mocks__/ioredis.js': '',
    'jest.config.js': `module.exports = { moduleNameMapper: { '^ioredis$': 'ioredis-mock' } };\n`,
  });
  expect(message?.fix).toBeDefined();
  expect(message?.message).toMatch(/Import it from "redis-hygiene\/ioredis"\.$/);
});

test('a finding that has no fix anyway says nothing about mocks', () => {
  const files = {
    'test/cache.test.js': MOCK,
    'src/other.js': `import { createClient } from 'redis';\ncreateClient();\n`,
  };
  expect(lint(files, 'src/other.js')[0]?.message).not.toContain('There is no fix');
});

test('a mock is reported where a file uses ioredis or the drop-in, and nowhere else', () => {
  const mock = { 'test/cache.test.js': MOCK };
  const files = [
    mock,
    { ...mock, 'src/cache.js': '' },
    { ...mock, 'src/cache.js': SOURCE.replace('ioredis', 'redis-hygiene/ioredis') },
  ];
  const counts = files.map((given) => lint(given, 'test/cache.test.js').length);
  expect(counts).toEqual([1, 0, 1]);
});

test('a text that is no file has a fix', () => {
  const { dir } = make({ 'package.json': {}, 'a.test.js': MOCK });
  for (const filename of ['<input>', '<text>', 'cache.js'])
    expect(findFixObstacle({ filename, cwd: dir }, 'redis-hygiene/ioredis')).toBeUndefined();
});
