import { execFileSync } from 'node:child_process';
import { chmodSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { useRedis } from '../support/use-redis.js';
import { HAS_NODE_BINARIES, installNode } from './rig/node-binary.js';
import { useProject } from './rig/project.js';

const redis = useRedis();
const project = useProject('runtimes');

const ENV = { REDIS_HYGIENE_SERVICE: 'orders', HOSTNAME: 'web-1' };

/** Runs a program, which has to end with code 0, and returns what it prints. */
async function printedBy(binary: string, ...args: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await project.run(binary, args, { ...ENV, REDIS_URL: redis.server.url });
  expect({ args, code, stderr: code === 0 ? '' : stderr }).toEqual({ args, code: 0, stderr: '' });
  return stdout.trim();
}

async function expectToWork(binary: string, ...args: readonly string[]): Promise<void> {
  const report = JSON.parse(await printedBy(binary, ...args)) as { callSites: readonly string[] };
  expect(report).toMatchObject({
    names: ['orders@web-1', 'orders@web-2', 'orders@web-1#pool'],
    message: '7',
    refusal: 'HYG_LIMIT_CONNECTIONS',
    errors: [],
  });
  for (const callSite of report.callSites) expect(callSite).toMatch(/run\.cjs:\d+:\d+\)?$/);
}

describe.runIf(HAS_NODE_BINARIES)('Node', () => {
  // 20.19.0 is the lower edge of `engines`.
  test.for(['20.19.0', '20', '22', '24', '26'])('%s', async (version, { task }) => {
    const node = installNode(version);
    await expectToWork(node, 'import.mjs');
    await expectToWork(node, 'require.cjs');
    const preload = ['--import', 'redis-hygiene/register'];
    expect(await printedBy(node, ...preload, 'plain.mjs')).toBe('orders@web-1');
    await expectToWork(node, ...preload, 'import.mjs');
    const loader = `Node ${execFileSync(node, ['--version'], { encoding: 'utf8' }).trim().slice(1)}`;
    task.meta.loader = { kind: 'runtime', loader, tried: 'import, require, --import redis-hygiene/register' };
  });
});

describe.runIf(HAS_NODE_BINARIES)('other runtimes', () => {
  const programOf = (...path: string[]) => {
    const program = join(project.dir, 'node_modules', ...path);
    chmodSync(program, 0o755);
    return program;
  };

  test('Bun', async ({ task }) => {
    const bun = programOf('@oven/bun-linux-x64/bin/bun');
    await expectToWork(bun, 'import.mjs');
    await expectToWork(bun, 'require.cjs');
    expect(await printedBy(bun, 'x', 'redis-hygiene', 'clients', redis.server.url)).toContain(
      'redis-hygiene@',
    );
    task.meta.loader = {
      kind: 'runtime',
      loader: `Bun ${project.versionOf('@oven/bun-linux-x64')}`,
      tried: 'import, require, command line',
      note: 'the import of the drop-in prints a warning of ioredis about Promise',
    };
  });

  test('Deno', async ({ task }) => {
    const deno = programOf('@deno/linux-x64-glibc/deno');
    await expectToWork(deno, 'run', '--allow-all', 'import.mjs');
    await expectToWork(deno, 'run', '--allow-all', 'require.cjs');
    const cli = 'node_modules/redis-hygiene/dist/cli.cjs';
    expect(await printedBy(deno, 'run', '--allow-all', cli, 'clients', redis.server.url)).toContain(
      'redis-hygiene@',
    );
    task.meta.loader = {
      kind: 'runtime',
      loader: `Deno ${project.versionOf('@deno/linux-x64-glibc')}`,
      tried: 'import, require, command line',
      note: 'pass `signals: []` to installShutdownHooks and call `Deno.addSignalListener("SIGTERM", hooks.close)`: otherwise SIGTERM ends the process at once, with code 1',
    };
  });
});
