import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { eventually } from '../eventually.js';
import { useRedis } from '../use-redis.js';
import { applyHandMade, hasHandMade, lint, runInit } from './adopt.js';
import { startService, type Ending } from './running.js';
import { compile, runOwnTests, startArguments, type SampleName } from './sample.js';
import { openWorkshop, type Workshop } from './workshop.js';

/** What CLIENT LIST shows of a sample when its own tests have passed, sorted. */
interface Expected {
  readonly raw: readonly string[];
  readonly adopted: readonly string[];
  readonly preloaded: readonly string[];
  /** The rules that tell a person what no tool can change, once for each place. */
  readonly handMade?: readonly string[];
}

interface Run {
  readonly names: readonly string[];
  readonly ending: Ending;
}

interface Way {
  readonly args?: readonly string[];
  readonly env?: NodeJS.ProcessEnv;
}

/** How long the adopted service may take from SIGTERM to its exit, in milliseconds: shutdownTimeoutMs and some air. */
const MOST_STOP_MS = 5_500;

/** ESLint twice, init, tsc, and the service with its tests, on a machine that has much else to do. */
const LIMIT_MS = 120_000;

/** Runs a sample of examples/services as it stands, adopted, and under the preload, each with its own tests. */
export function describeSample(sample: SampleName, expected: Expected): void {
  const redis = useRedis();
  const folder = `examples/services/${sample}`;
  let workshop: Workshop;
  let raw: string;

  beforeAll(async () => {
    workshop = openWorkshop();
    raw = workshop.copy(folder, 'raw');
    await compile(raw);
  });
  afterAll(() => workshop[Symbol.dispose]());

  async function run(dir: string, { args = [], env = {} }: Way = {}): Promise<Run> {
    const command = { dir, args: [...args, ...startArguments(dir)] };
    await using service = await startService({ ...command, env: { REDIS_URL: redis.server.url, ...env } });
    await runOwnTests(dir, service.url);
    const names = await redis.names();
    const ending = await service.stop('SIGTERM');
    await eventually(async () => expect(await redis.rows()).toEqual([]));
    return { names, ending };
  }

  test('raw: its tests pass, and nobody knows whose its connections are', { timeout: LIMIT_MS }, async () => {
    const { names, ending } = await run(raw);
    expect(names).toEqual(expected.raw);
    expect(ending).toMatchObject({ signal: 'SIGTERM', stderr: '' });
  });

  test(
    'adopted: its tests pass, all is named, and a stop leaves nothing',
    { timeout: LIMIT_MS },
    async () => {
      const dir = workshop.copy(folder, 'adopted');
      await runInit(dir);
      const left = await lint(dir, '--fix');
      expect(left).toEqual(expected.handMade ?? []);
      if (hasHandMade(dir)) {
        applyHandMade(dir);
        expect(await lint(dir)).toEqual([]);
      }
      await compile(dir);

      const { names, ending } = await run(dir);
      expect(names).toEqual(expected.adopted);
      expect(ending).toMatchObject({ code: 0, signal: null });
      expect(ending.stderr).not.toContain('HYG_'); // a loop of the service may say that it was cut off
      expect(ending.ms).toBeLessThan(MOST_STOP_MS);
    },
  );

  describe('with the preload', () => {
    const ways: Readonly<Record<string, Way>> = {
      'node --import': { args: ['--import', 'redis-hygiene/register'] },
      NODE_OPTIONS: { env: { NODE_OPTIONS: '--import redis-hygiene/register' } },
    };

    test.for(Object.entries(ways))(
      '%s: unchanged, its tests pass, and all is named',
      { timeout: LIMIT_MS },
      async ([, way]) => {
        const { names, ending } = await run(raw, way);
        expect(names).toEqual(expected.preloaded);
        expect(ending).toMatchObject({ signal: 'SIGTERM', stderr: '' });
      },
    );
  });
}
