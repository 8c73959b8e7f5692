import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { eventually } from '../eventually.js';
import { useRedis } from '../use-redis.js';
import { applyHandMade, hasHandMade, lint, runInit } from './adopt.js';
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

/** How long the adopted service may take from SIGTERM to its exit, in milliseconds: shutdownTimeoutMs and some air. */
const MOST_STOP_MS = 5_500;

/** Names that do not tell whose they are. BullMQ finds its workers by `bull:…`, so those stay. */
function foreign(names: readonly string[], service: string): readonly string[] {
  return names.filter((name) => !name.startsWith(`${service}@web-1`) && !name.startsWith('bull:'));
}

/** Runs a sample of examples/services as it stands, adopted, and under the preload, each with its own tests. */
export function describeSample(sample: SampleName): void {
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

  test('raw: its tests pass, and nobody knows whose its connections are', async () => {
    const { names, ending } = await run(raw);
    expect(names.filter((name) => name === '').length).toBeGreaterThan(0);
    expect(foreign(names, serviceName(raw))).toEqual(names.filter((name) => name === ''));
    expect(ending).toMatchObject({ signal: 'SIGTERM', stderr: '' });
  });

  test('adopted: its tests pass, all of its connections are named, and a stop leaves nothing', async () => {
    const dir = workshop.copy(folder, 'adopted');
    await runInit(dir);
    const left = await lint(dir, '--fix');
    expect(left.filter((one) => !one.startsWith('redis-hygiene/no-plain-connection'))).toEqual([]);
    expect(left.length > 0).toBe(hasHandMade(dir));
    if (hasHandMade(dir)) applyHandMade(dir);
    expect(await lint(dir)).toEqual([]);
    await compile(dir);

    const { names, ending } = await run(dir);
    expect(names).not.toEqual([]);
    expect(foreign(names, serviceName(dir))).toEqual([]);
    expect(ending).toMatchObject({ code: 0, signal: null });
    expect(ending.stderr).not.toContain('HYG_'); // a loop of the service may say that it was cut off
    expect(ending.ms).toBeLessThan(MOST_STOP_MS);
  });

  describe('with the preload', () => {
    const ways: Readonly<Record<string, Way>> = {
      'node --import': { args: ['--import', 'redis-hygiene/register'] },
      NODE_OPTIONS: { env: { NODE_OPTIONS: '--import redis-hygiene/register' } },
    };

    test.for(Object.entries(ways))('%s: unchanged, and all of its connections are named', async ([, way]) => {
      const { names, ending } = await run(raw, way);
      expect(names).not.toEqual([]);
      expect(foreign(names, serviceName(raw))).toEqual([]);
      expect(ending).toMatchObject({ signal: 'SIGTERM', stderr: '' });
    });
  });
}
