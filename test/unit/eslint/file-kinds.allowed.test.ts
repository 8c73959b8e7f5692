import { expect, test } from 'vitest';
import { isAllowed } from '../../../src/eslint/file-kinds.js';

const posix = (file: string) => ({ cwd: '/home/acme/orders', filename: `/home/acme/orders/${file}` });
const windows = (file: string) => ({ cwd: 'C:\\acme\\orders', filename: `c:\\acme\\orders\\${file}` });

test.for([
  [posix('src/redis/raw.ts'), ['src/redis/**'], true],
  [posix('src/redis/raw.ts'), ['./src/redis/*.ts'], true],
  [posix('src/orders.ts'), ['src/redis/**', 'test/**'], false],
  [posix('src/redis/raw.ts'), ['redis/**'], false],
  [posix('src/redis/raw.ts'), ['**/raw.{js,ts}'], true],
  [posix('.tools/raw.ts'), ['**/*.ts'], true],
  [posix('src/(group)/raw.ts'), ['src/\\(group\\)/*'], true],
  [posix('raw.ts'), [], false],
  [{ cwd: '/home/acme/orders/', filename: '/home/acme/orders/raw.ts' }, ['raw.ts'], true],
  [{ cwd: '/', filename: '/raw.ts' }, ['raw.ts'], true],
  [{ cwd: '/home/acme/orders', filename: '/home/acme/orders2/raw.ts' }, ['raw.ts'], false],
  [{ cwd: '/home/acme/orders', filename: '/elsewhere/raw.ts' }, ['/elsewhere/**'], true],
  [{ cwd: '/home/acme/orders', filename: '<input>' }, ['**/*.ts'], false],
  [windows('src\\redis\\raw.ts'), ['src/redis/**'], true],
  [windows('src\\orders.ts'), ['src/redis/**'], false],
] as const)('%j in %j: %j', ([place, globs, expected]) => {
  expect(isAllowed(place, globs)).toBe(expected);
});

test.for(['[', 'src/(group/*', 'src/*.{js,ts', 'a)'])('%s is no glob', (glob) => {
  expect(() => isAllowed(posix('raw.ts'), ['raw.ts', glob])).toThrow(`"${glob}", which is no glob: Missing`);
});

test.for(['src/[id]/*.ts', 'src/\\[id/*.ts', '!(raw).ts', '}'])('%s is a glob', (glob) => {
  expect(isAllowed(posix('raw.ts'), [glob])).toBe(false);
});
