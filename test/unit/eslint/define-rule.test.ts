import type { TSESLint } from '@typescript-eslint/utils';
import { expect, test } from 'vitest';
import { createFileFilter } from '../../../src/eslint/define-rule.js';

const filter = createFileFilter(['ioredis', '@redis/client', 'redis-hygiene']);
const isChecked = (text: string) => filter({ text } as unknown as TSESLint.SourceCode);

test.for([
  `import 'ioredis'`,
  'require("@redis/client")',
  'import(`ioredis/built/Redis`)',
  `from'redis-hygiene/ioredis'`,
])('a file with %s is checked', (text) => {
  expect(isChecked(text)).toBe(true);
});

test.for([
  `import 'ioredis-mock'`,
  '// ioredis',
  `'ioredis"`,
  `'@redis.client'`,
  `'@redis-client'`,
  `'x/ioredis'`,
  '',
])('a file with %s is skipped', (text) => {
  expect(isChecked(text)).toBe(false);
});
