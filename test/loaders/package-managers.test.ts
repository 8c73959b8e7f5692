import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { useRedis } from '../support/use-redis.js';
import { useProject, type Install, type LoaderProject } from './rig/project.js';

const redis = useRedis();

const MEGABYTE = 1_000_000;

function filesIn(folder: string): readonly { readonly path: string; readonly size: number }[] {
  const entries = readdirSync(folder, { recursive: true, encoding: 'utf8' });
  return entries
    .map((entry) => ({ path: entry, stats: statSync(join(folder, entry)) }))
    .filter(({ stats }) => stats.isFile())
    .map(({ path, stats }) => ({ path, size: stats.size }));
}

function megabytesIn(folder: string): number {
  return filesIn(folder).reduce((sum, { size }) => sum + size, 0) / MEGABYTE;
}

describe('npm with --omit=dev', () => {
  const install: Install = ['npm', 'install', '--omit=dev', '--no-audit', '--no-fund', '--prefer-offline'];
  const project = useProject('package-managers', install);

  test('installs few and small packages, and no ESLint', async ({ task }) => {
    const modules = join(project.dir, 'node_modules');
    const { stdout: list } = await project.run('npm', ['ls', '--all', '--parseable', '--omit=dev']);
    const packages = list.trim().split('\n').slice(1); // the first line is the project
    expect(packages.length).toBeLessThanOrEqual(13);
    expect(packages.join()).toContain('redis-hygiene');
    expect(megabytesIn(modules)).toBeLessThanOrEqual(8);
    expect((await project.run('npm', ['ls', 'eslint', '--omit=dev'])).stdout).toContain('(empty)');
    const own = filesIn(join(modules, 'redis-hygiene'));
    expect(own.length).toBeLessThanOrEqual(250);
    expect(megabytesIn(join(modules, 'redis-hygiene'))).toBeLessThanOrEqual(3);
    task.meta.loader = {
      kind: 'package manager',
      loader: 'npm',
      tried: 'install --omit=dev',
      note: `${packages.length} packages with ioredis, no ESLint`,
    };
  });

  test('the service works', () => expectToWork(project, 'node', ['service.js']));

  test('the advice of HYG_IOREDIS_COPIES leaves one copy beside a library that names an exact version', async () => {
    const copies = async () =>
      (await project.run('npm', ['ls', 'ioredis', '--parseable'])).stdout.match(/ioredis$/gm)?.length;
    await project.run('npm', ['install', '--no-audit', '--no-fund', 'bullmq@5', 'ioredis@6']);
    await project.run('npm', ['dedupe']);
    expect(await copies()).toBe(2);
    await project.run('npm', ['pkg', 'set', 'overrides.ioredis=$ioredis']);
    await project.run('npm', ['install', '--no-audit', '--no-fund']);
    expect(await copies()).toBe(1);
  });
});

/** Expects that the service opens named connections, and finds one copy of ioredis. */
async function expectToWork(project: LoaderProject, command: string, args: readonly string[]): Promise<void> {
  const { code, stdout } = await project.run(command, args, { REDIS_URL: redis.server.url });
  expect({ code, stdout }).toEqual({ code: 0, stdout: 'orders@web-1\norders@web-2\norders@web-1#pool\n' });
}

interface StrictManager {
  readonly loader: string;
  /** The package manager as a program of npx. */
  readonly program: readonly string[];
  /** Runs a program of the project. */
  readonly exec: readonly string[];
  readonly tried: string;
}

const STRICT_MANAGERS: readonly StrictManager[] = [
  {
    loader: 'pnpm 10.34.9',
    program: ['--yes', 'pnpm@10.34.9'],
    exec: ['--silent', 'exec'],
    tried: 'its strict node_modules: service, command line, ESLint plugin',
  },
  {
    loader: 'Yarn 4.18.1',
    program: ['--yes', '@yarnpkg/cli-dist@4.18.1'],
    exec: ['exec'],
    tried: "Plug'n'Play: service, command line, ESLint plugin",
  },
];

describe.for(STRICT_MANAGERS)('$loader', ({ loader, program, exec, tried }) => {
  const project = useProject('package-managers', ['npx', ...program, 'install']);
  const runIn = (...args: readonly string[]) =>
    project.run('npx', [...program, ...exec, ...args], { REDIS_URL: redis.server.url });

  test('the service, the command line and the ESLint plugin work', async ({ task }) => {
    await expectToWork(project, 'npx', [...program, ...exec, 'node', 'service.js']);

    const { version } = JSON.parse(readFileSync('package.json', 'utf8')) as { version: string };
    expect((await runIn('redis-hygiene', '--version')).stdout.trim()).toBe(version);
    expect(await runIn('redis-hygiene', 'clients', redis.server.url)).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('redis-hygiene@'),
    });

    const { code, stdout } = await runIn('eslint', 'leaky.js');
    expect(code).toBe(1);
    expect(stdout).toContain('redis-hygiene/no-direct-client');
    expect(stdout).toContain('redis-hygiene/no-client-in-function');
    task.meta.loader = { kind: 'package manager', loader, tried };
  });
});
