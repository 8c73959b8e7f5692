import type { TSESLint } from '@typescript-eslint/utils';
import { expect, test } from 'vitest';
import { createFileFilter } from '../../../src/eslint/rule.js';

const gate = createFileFilter(['ioredis', '@redis/client', 'redis-hygiene']);
const isOpen = (text: string) => gate({ text } as unknown as TSESLint.SourceCode);

test.for([
  `import 'ioredis'`,
  'require("@redis/client")',
  'import(`ioredis/built/Redis`)',
  `from'redis-hygiene/ioredis'`,
])('open for %s', (text) => {
  expect(isOpen(text)).toBe(true);
});

test.for([
  `import 'ioredis-mock'`,
  '// ioredis',
  `'ioredis"`,
  `'@redis.client'`,
  `'@redis-client'`,
  `'x/ioredis'`,
  '',
])('shut for %s', (text) => {
  expect(isOpen(text)).toBe(false);
});
