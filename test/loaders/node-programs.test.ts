import { expect, test } from 'vitest';
import { useRedis } from '../support/use-redis.js';
import { useProject } from './rig/project.js';
import type { LoaderLine } from './rig/table-reporter.js';

const redis = useRedis();
const fixture = useProject(['shared/service', 'node-programs']);

interface Program extends Omit<LoaderLine, 'loader'> {
  readonly loader: string;
  /** The package whose version is shown. @default Node itself */
  readonly packageName?: string;
  readonly command: string;
  /** What the program prints when its checks have passed. */
  readonly prints: RegExp;
}

const PASSED = /^passed$/m;

const PROGRAMS: readonly Program[] = [
  {
    ...{ kind: 'test runner', loader: 'node:test', tried: 'import, require' },
    command: 'node --test import.test.mjs require.test.cjs',
    prints: /^# pass 3$/m,
  },
  {
    ...{ kind: 'runtime', loader: 'node --enable-source-maps', tried: 'require' },
    command: 'node --enable-source-maps require.cjs',
    prints: PASSED,
  },
  ...['ts', 'mts'].map((extension) => ({
    ...({ kind: 'runtime', loader: 'tsx', tried: `main.${extension}` } as const),
    packageName: 'tsx',
    command: `tsx main.${extension}`,
    prints: PASSED,
  })),
  {
    ...{ kind: 'runtime', loader: 'ts-node', tried: 'main.ts, CommonJS' },
    packageName: 'ts-node',
    command: 'ts-node main.ts',
    prints: PASSED,
  },
  {
    ...{ kind: 'runtime', loader: 'ts-node', tried: 'main.mts, ES module' },
    packageName: 'ts-node',
    command: 'node --no-warnings --loader ts-node/esm main.mts',
    note: '`node --loader ts-node/esm`',
    prints: PASSED,
  },
];

test.for(PROGRAMS)('$command', async ({ command, prints, packageName, loader, ...line }, { task }) => {
  const [program = '', ...args] = command.split(' ');
  const { code, stdout, stderr } = await fixture.run(program, args, { REDIS_URL: redis.server.url });
  expect(stderr).toBe('');
  expect(stdout).toMatch(prints);
  expect(code).toBe(0);
  expect(await redis.names()).toEqual([]);
  task.meta.loader = {
    loader: packageName ? `${loader} ${fixture.versionOf(packageName)}` : loader,
    ...line,
  };
});
