import { afterAll, beforeAll, expect, test } from 'vitest';
import { eventually } from '../eventually.js';
import { useRedis } from '../use-redis.js';
import { startService, type Ending } from './running.js';
import { compile, runOwnTests, serviceName, startArguments, type SampleName } from './sample.js';
import { openWorkshop, type Workshop } from './workshop.js';

/** What a run of a sample left behind. */
interface Run {
  /** Names in CLIENT LIST when its own tests had passed, sorted. */
  readonly names: readonly string[];
  readonly ending: Ending;
}

interface Way {
  readonly args?: readonly string[];
  readonly env?: NodeJS.ProcessEnv;
}

/** Runs a sample of examples/services as it stands, adopted, and under the preload, each with its own tests. */
export function describeSample(sample: SampleName): void {
  const redis = useRedis();
  let workshop: Workshop;
  let raw: string;

  beforeAll(async () => {
    workshop = openWorkshop();
    raw = workshop.copy(`examples/services/${sample}`, 'raw');
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

  test('raw: its tests pass, and nobody knows whose its connections are', async () => {
    const { names, ending } = await run(raw);
    expect(names.filter((name) => name === '').length).toBeGreaterThan(0);
    expect(names.filter((name) => name.startsWith(serviceName(raw)))).toEqual([]);
    expect(ending.stderr).toBe('');
  });
}
