import { expect, test } from 'vitest';
import { isMatchedByGlobs } from '../../../src/eslint/file-kinds.js';

const onPosix = (file: string) => ({ cwd: '/home/acme/orders', filename: `/home/acme/orders/${file}` });
const onWindows = (file: string) => ({ cwd: 'C:\\acme\\orders', filename: `c:\\acme\\orders\\${file}` });

test.for([
  [onPosix('src/redis/raw.ts'), ['src/redis/**'], true],
  [onPosix('src/redis/raw.ts'), ['./src/redis/*.ts'], true],
  [onPosix('src/orders.ts'), ['src/redis/**', 'test/**'], false],
  [onPosix('src/redis/raw.ts'), ['redis/**'], false],
  [onPosix('src/redis/raw.ts'), ['**/raw.{js,ts}'], true],
  [onPosix('.tools/raw.ts'), ['**/*.ts'], true],
  [onPosix('src/(group)/raw.ts'), ['src/\\(group\\)/*'], true],
  [onPosix('raw.ts'), [], false],
  [{ cwd: '/home/acme/orders/', filename: '/home/acme/orders/raw.ts' }, ['raw.ts'], true],
  [{ cwd: '/', filename: '/raw.ts' }, ['raw.ts'], true],
  [{ cwd: '/home/acme/orders', filename: '/home/acme/orders2/raw.ts' }, ['raw.ts'], false],
  [{ cwd: '/home/acme/orders', filename: '/elsewhere/raw.ts' }, ['/elsewhere/**'], true],
  [{ cwd: '/home/acme/orders', filename: '<input>' }, ['**/*.ts'], false],
  [onWindows('src\\redis\\raw.ts'), ['src/redis/**'], true],
  [onWindows('src\\orders.ts'), ['src/redis/**'], false],
] as const)('%j is matched by %j: %j', ([file, globs, expected]) => {
  expect(isMatchedByGlobs(file, globs)).toBe(expected);
});

test.for(['[', 'src/(group/*', 'src/*.{js,ts', 'a)'])('%s is refused as an invalid glob', (glob) => {
  expect(() => isMatchedByGlobs(onPosix('raw.ts'), ['raw.ts', glob])).toThrow(
    `"${glob}", which is not a valid glob: Missing`,
  );
});

test.for(['src/[id]/*.ts', 'src/\\[id/*.ts', '!(raw).ts', '}'])('%s is accepted as a glob', (glob) => {
  expect(isMatchedByGlobs(onPosix('raw.ts'), [glob])).toBe(false);
});
