import { execFile } from 'node:child_process';
import { cpSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Consumer, createConsumer, IOREDIS_COPIES } from '../support/consumer.js';
import { leftOpenFixture, openedBy } from '../support/left-open.js';
import { useRedis } from '../support/use-redis.js';

const MODULES = fileURLToPath(new URL('../../node_modules', import.meta.url));
const redis = useRedis();

interface Output {
  readonly code: number | null;
  readonly text: string;
}

describe.each(IOREDIS_COPIES)('with %s', (copy) => {
  let consumer: Consumer;
  beforeAll(() => {
    consumer = createConsumer(copy);
    symlinkSync(join(MODULES, 'vitest'), join(consumer.dir, 'node_modules', 'vitest'), 'junction');
    for (const runner of ['vitest', 'node'] as const)
      cpSync(leftOpenFixture(runner), join(consumer.dir, runner), { recursive: true });
  });
  afterAll(() => consumer[Symbol.dispose]());

  /** Runs node in a folder of the consumer, to its end by itself: what hangs is killed, and has no exit code. */
  function run(folder: string, args: readonly string[], more: NodeJS.ProcessEnv = {}): Promise<Output> {
    const env = { PATH: process.env['PATH'], NO_COLOR: '1', REDIS_URL: redis.server.url, ...more };
    const node = process.env['REDIS_HYGIENE_TEST_NODE'] ?? process.execPath;
    const options = {
      cwd: join(consumer.dir, folder),
      env,
      timeout: 100_000,
      killSignal: 'SIGKILL',
    } as const;
    return new Promise((resolve) => {
      const child = execFile(node, [...args], options, (_error, stdout, stderr) =>
        resolve({ code: child.exitCode, text: stdout + stderr }),
      );
    });
  }

  test('vitest fails for the test, or the test file, that leaves a connection open, with its line', async () => {
    const { code, text } = await run('vitest', [join(MODULES, 'vitest/vitest.mjs'), 'run']);
    const failures = [...text.matchAll(/^ FAIL +(.*)\nHygieneError: .*\n(.*)\(/gm)].map(([, who, what]) => [
      who?.trim(),
      what?.trim(),
    ]);
    const line = expect.stringContaining(openedBy('vitest/leak.test.ts')) as string;
    expect(failures.sort()).toEqual([
      ['|drop-in, file| leak.test.ts [ leak.test.ts ]', line],
      ['|drop-in, test| leak.test.ts > leaks', line],
      ['|preload, file| leak.test.ts [ leak.test.ts ]', line],
      ['|preload, test| leak.test.ts > leaks', line],
    ]);
    expect(text).toMatch(/❯ open leak\.test\.ts/); // the code of the line is shown
    expect(text).toMatch(/Test Files +4 failed \| 4 passed/);
    expect(text).toMatch(/Tests +2 failed \| 14 passed/);
    expect(code).toBe(1);
    expect(await redis.names()).toEqual([]);
  });

  test.for([
    { redisModule: 'redis-hygiene/ioredis', each: 'file', failed: 'The test file leak.test.mjs' },
    { redisModule: 'ioredis', each: 'test', failed: 'The test "leaks"' },
  ])('node:test fails for a $each that leaves a connection of $redisModule open', async (given) => {
    const preload = given.redisModule === 'ioredis' ? ['--import', 'redis-hygiene/register'] : [];
    const args = [...preload, '--import', './setup.mjs', '--test', '--test-reporter=tap'];
    const env = { EACH: given.each, REDIS_MODULE: given.redisModule };
    const { code, text } = await run('node', args, env);
    expect(text).toContain(`${given.failed} has left 1 connection open:`);
    expect(text).toContain(openedBy('node/leak.test.mjs'));
    expect(text.match(/has left/g)?.length).toBe(1);
    expect(text).toMatch(/^# fail 1$/m);
    expect(code).toBe(1);
    expect(await redis.names()).toEqual([]);
  });

  test('a test file of node:test is checked too when it is run by itself', async () => {
    const env = { EACH: 'file', REDIS_MODULE: 'redis-hygiene/ioredis' };
    const program = "import 'node:test'; await import('./setup.mjs'); await import('./leak.test.mjs');";
    const { code, text } = await run('node', ['--input-type=module', '--eval', program], env);
    expect(text).toContain(`This process has left 1 connection open:`);
    expect(code).toBe(1);
  });

  test('a process ends that has left a Cluster without a node, and the client of a library', async () => {
    const program = `
      import { test } from 'node:test';
      import Redis from 'ioredis';
      import { createRedisFactory } from 'redis-hygiene';
      await import('./setup.mjs');
      const factory = createRedisFactory({ service: 'orders', connection: process.env.REDIS_URL });
      test('leaks', () => new Redis(factory.options('library')).ping());
      test('waits', () => new Promise((resolve) => setTimeout(resolve, 300)));
      test('looks for nodes', () => void factory.cluster(['redis://127.0.0.1:1']).on('error', () => undefined));
    `;
    const args = ['--input-type=module', '--test-reporter=tap', '--eval', program];
    const { code, text } = await run('node', args, { EACH: 'test' });
    expect(
      [...text.matchAll(/The test "(.*)" has left 1 (\w+)/g)].map(([, test, noun]) => [test, noun]),
    ).toEqual([
      ['leaks', 'connection'],
      ['looks for nodes', 'Cluster'],
    ]);
    expect(text).toMatch(/^# fail 2$/m);
    expect(code).toBe(1);
    expect(await redis.names()).toEqual([]);
  });

  test('outside of a test runner, an error says what is missing', async () => {
    const program = "import { trackConnections } from 'redis-hygiene/testing'; trackConnections();";
    const { code, text } = await run('node', ['--input-type=module', '--eval', program]);
    expect(text).toContain("code: 'HYG_TEST_HOOKS'");
    expect(code).toBe(1);
  });
});
