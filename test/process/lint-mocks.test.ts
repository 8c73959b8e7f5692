import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { linters } from '../support/lint/linters.js';
import { createProject, type Project } from '../support/lint/project.js';

const SOURCE = `import Redis from 'ioredis';

const redis = new Redis({ host: '127.0.0.1', port: 1, retryStrategy: null });
redis.on('error', () => undefined);

export const visits = () => redis.incr('visits');
`;

const FIXED_SOURCE = SOURCE.replace('ioredis', 'redis-hygiene/ioredis');

/** Fails where the source gets a real client, because no server listens at port 1. */
const TEST = `import { expect, test, vi } from 'vitest';
import Redis from 'ioredis';
import { visits } from '../src/visits.js';

vi.mock('ioredis', () => ({
  default: vi.fn(function () {
    this.on = () => this;
    this.incr = async () => 42;
  }),
}));

test('counts', async () => {
  expect(await visits()).toBe(42);
  expect(Redis).toHaveBeenCalledOnce();
});
`;

const FIXED_TEST = TEST.replace(
  `\n}));\n`,
  `\n}));\nvi.mock('redis-hygiene/ioredis', () => import('ioredis'));\n`,
);

function createService(): Project {
  const project = createProject();
  project.write('src/visits.js', SOURCE);
  project.write('test/visits.test.js', TEST);
  project.write(
    'eslint.config.js',
    `import plugin from 'redis-hygiene/eslint';\nexport default [plugin.configs.recommended];\n`,
  );
  return project;
}

const textsIn = ({ dir }: Project) =>
  ['src/visits.js', 'test/visits.test.js'].map((file) => readFileSync(join(dir, file), 'utf8'));

const fix = (project: Project, path: string) => project.run('eslint/bin/eslint.js', ['--fix', path]);

async function runTests(project: Project): Promise<number> {
  return (await project.run('vitest/vitest.mjs', ['run'])).code;
}

describe('a service whose tests mock ioredis', { timeout: 180_000 }, () => {
  test('is fixed in two runs, and its tests pass after each', async () => {
    using project = createService();
    expect(await runTests(project)).toBe(0);

    const first = await fix(project, '.');
    expect(textsIn(project)).toEqual([SOURCE, FIXED_TEST]);
    expect(first).toMatchObject({
      code: 1,
      stdout: expect.stringContaining('test/visits.test.js:5 replaces ioredis only'),
    });
    expect(await runTests(project)).toBe(0);

    const second = await fix(project, '.');
    expect(textsIn(project)).toEqual([FIXED_SOURCE, FIXED_TEST]);
    expect(second).toMatchObject({ code: 0, stdout: '' });
    expect(await runTests(project)).toBe(0);

    await fix(project, '.');
    expect(textsIn(project)).toEqual([FIXED_SOURCE, FIXED_TEST]);
  });

  test('would open real connections if its sources alone were fixed', async () => {
    using project = createService();
    project.write('src/visits.js', FIXED_SOURCE);
    expect(await runTests(project)).toBe(1);
  });

  test('stays as it is if only its sources are linted', async () => {
    using project = createService();
    await fix(project, 'src');
    await fix(project, 'src');
    expect(textsIn(project)).toEqual([SOURCE, TEST]);
  });

  test('has no fix for its sources in an editor either, which passes the text by standard input', async () => {
    using project = createService();
    const args = ['--fix-dry-run', '--format', 'json', '--stdin', '--stdin-filename', 'src/visits.js'];
    const { stdout } = await project.run('eslint/bin/eslint.js', args, SOURCE);
    const [result] = JSON.parse(stdout) as { output?: string; messages: { message: string }[] }[];
    expect(result?.output).toBeUndefined();
    expect(result?.messages[0]?.message).toContain('There is no fix yet');
  });
});

test('a service whose tests mock ioredis with Jest is fixed in one run, and its tests stay as they are', async () => {
  using project = createService();
  const test = `jest.mock('ioredis');\nimport { visits } from '../src/visits.js';\nvisits();\n`;
  project.write('test/visits.test.js', test);
  project.write('__mocks__/ioredis.js', 'export default class {}\n');
  project.write('jest.config.js', `export default { moduleNameMapper: { '^ioredis$': 'ioredis-mock' } };\n`);
  expect(await fix(project, '.')).toMatchObject({ code: 0, stdout: '' });
  expect(textsIn(project)).toEqual([FIXED_SOURCE, test]);
});

test.for(linters)('$name fixes mocks first, and sources in the next run', async (linter) => {
  using project = createService();
  linter.configure(project, 'no-direct-client', []);
  project.write('src/visits.mjs', SOURCE);
  project.write('test/visits.test.mjs', TEST);
  const texts = () =>
    ['src/visits.mjs', 'test/visits.test.mjs'].map((file) => readFileSync(join(project.dir, file), 'utf8'));
  await linter.fix(project);
  expect(texts()[1]).toBe(FIXED_TEST);
  await linter.fix(project);
  expect(texts()).toEqual([FIXED_SOURCE, FIXED_TEST]);
});
