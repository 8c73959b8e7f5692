import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { eventually } from '../eventually.js';
import { useRedis } from '../use-redis.js';
import { applyAdoptPatch, hasPatch, lint, runInit } from './adopt.js';
import { startService, type Ending } from './running.js';
import { compile, runOwnTests, startArguments, type SampleName } from './sample.js';
import { createSampleFolder, type SampleFolder } from './sample-folder.js';

/** Names that CLIENT LIST shows for a sample after its own tests, sorted. */
interface Expected {
  readonly raw: readonly string[];
  readonly adopted: readonly string[];
  readonly preloaded: readonly string[];
  /** Lint findings that `--fix` cannot resolve, one for each place. */
  readonly leftovers?: readonly string[];
}

interface Run {
  readonly names: readonly string[];
  readonly ending: Ending;
}

interface StartOptions {
  readonly args?: readonly string[];
  readonly env?: NodeJS.ProcessEnv;
}

/** Longest time from SIGTERM to the exit of an adopted service: shutdownTimeoutMs and a margin. */
const MAX_STOP_MS = 5_500;

/** Time limit of a test that runs ESLint twice, init, tsc, and the service with its tests, on a busy machine. */
const TEST_TIMEOUT_MS = 120_000;

/** Runs a sample of examples/services unchanged, adopted, and with the preload, each time with its own tests. */
export function describeSample(sample: SampleName, expected: Expected): void {
  const redis = useRedis();
  const folder = `examples/services/${sample}`;
  let sampleFolder: SampleFolder;
  let raw: string;

  beforeAll(async () => {
    sampleFolder = createSampleFolder();
    raw = sampleFolder.copy(folder, 'raw');
    await compile(raw);
  });
  afterAll(() => sampleFolder[Symbol.dispose]());

  async function run(dir: string, { args = [], env = {} }: StartOptions = {}): Promise<Run> {
    const command = { dir, args: [...args, ...startArguments(dir)] };
    await using service = await startService({ ...command, env: { REDIS_URL: redis.server.url, ...env } });
    await runOwnTests(dir, service.url);
    const names = await redis.names();
    const ending = await service.stop('SIGTERM');
    await eventually(async () => expect(await redis.rows()).toEqual([]));
    return { names, ending };
  }

  test(
    'unchanged: its tests pass, and its connections have no names of redis-hygiene',
    { timeout: TEST_TIMEOUT_MS },
    async () => {
      const { names, ending } = await run(raw);
      expect(names).toEqual(expected.raw);
      expect(ending).toMatchObject({ signal: 'SIGTERM', stderr: '' });
    },
  );

  test(
    'adopted: its tests pass, its connections are named, and a stop closes all of them',
    { timeout: TEST_TIMEOUT_MS },
    async () => {
      const dir = sampleFolder.copy(folder, 'adopted');
      await runInit(dir);
      const leftovers = await lint(dir, '--fix');
      expect(leftovers).toEqual(expected.leftovers ?? []);
      if (hasPatch(dir)) {
        applyAdoptPatch(dir);
        expect(await lint(dir)).toEqual([]);
      }
      await compile(dir);

      const { names, ending } = await run(dir);
      expect(names).toEqual(expected.adopted);
      expect(ending).toMatchObject({ code: 0, signal: null });
      expect(ending.stderr).not.toContain('HYG_'); // a loop of the service may log that it was interrupted
      expect(ending.ms).toBeLessThan(MAX_STOP_MS);
    },
  );

  describe('with the preload', () => {
    const variants: Readonly<Record<string, StartOptions>> = {
      'node --import': { args: ['--import', 'redis-hygiene/register'] },
      NODE_OPTIONS: { env: { NODE_OPTIONS: '--import redis-hygiene/register' } },
    };

    test.for(Object.entries(variants))(
      '%s: its tests pass unchanged, and its connections are named',
      { timeout: TEST_TIMEOUT_MS },
      async ([, options]) => {
        const { names, ending } = await run(raw, options);
        expect(names).toEqual(expected.preloaded);
        expect(ending).toMatchObject({ signal: 'SIGTERM', stderr: '' });
      },
    );
  });
}
