import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { runCli } from '../../support/command-io.js';
import { eventually } from '../../support/eventually.js';
import { useFactory } from '../../support/use-factory.js';
import { useRaw } from '../../support/use-raw.js';
import { useRedis } from '../../support/use-redis.js';

const redis = useRedis();
const raw = useRaw(redis);
const orders = useFactory(redis);

const reap = (...args: string[]) => runCli(['reap', redis.server.url, ...args]);

/** Without the last look. */
const AT_ONCE = ['--settle', '0s'];

/** The server reports idle times in whole seconds. */
const SILENT_MS = 2_100;

describe('a dry run', () => {
  test('prints the exact commands, and closes nothing', async () => {
    await raw.open(2, { connectionName: 'leaky' });
    await sleep(SILENT_MS);
    const { code, stdout, stderr } = await reap('--where', 'name=leaky idle>=1');
    const list = String(await redis.admin.client('LIST'));
    const rows = list.split('\n').filter((row) => row.includes(' name=leaky '));
    const commands = rows.map((row) => {
      const [, id = '', addr = ''] = /^id=(\d+) addr=(\S+)/.exec(row) ?? [];
      return `CLIENT KILL ID ${id} ADDR ${addr} TYPE normal SKIPME yes`;
    });
    expect(commands).toHaveLength(2);
    const printed = stdout.split('\n').filter((line) => line.startsWith('CLIENT'));
    expect(printed.map((line) => line.replace(/ +#.*/, ''))).toEqual(commands);
    expect(printed[0]).toMatch(/# leaky, silent for \ds, matches the filter$/);
    expect(stderr).toContain('Nothing was closed: this was a dry run.');
    expect(code).toBe(0);
    // The printed commands close the connections.
    for (const command of commands)
      expect(await redis.admin.call(...(command.split(' ') as [string]))).toBe(1);
  });

  test('lists nothing on a healthy server', async () => {
    orders.open();
    await orders.factory.client().ping();
    const { code, stdout, stderr } = await reap('--heartbeat', '1s');
    expect(stdout).toMatch(/^\S+: 0 of \d+ clients would be closed\n$/);
    expect(stderr).toBe('');
    expect(code).toBe(0);
  });
});

describe('with --yes', () => {
  test('only matching clients are closed, with a line for each', async () => {
    await raw.open(3, { connectionName: 'leaky' });
    await raw.open(2, { connectionName: 'healthy' });
    await sleep(SILENT_MS);
    const { code, stdout, stderr } = await reap('--where', 'name=leaky', '--yes', ...AT_ONCE);
    expect(
      stdout.match(/id=\d+ addr=\S+ leaky {2}closed {2}silent for \ds, matches the filter$/gm),
    ).toHaveLength(3);
    expect(stdout).toMatch(/: 3 of \d+ clients closed\n$/);
    expect(stderr).toBe('');
    expect(code).toBe(0);
    await eventually(async () => expect(await redis.names()).toEqual(['healthy', 'healthy']));
  });

  test('at most --max clients are closed, the longest idle first', async () => {
    await raw.open(2, { connectionName: 'older' });
    await sleep(SILENT_MS);
    await raw.open(2, { connectionName: 'younger' });
    await sleep(SILENT_MS);
    const { stdout } = await reap('--where', 'name=*er', '--max', '3', '--yes', ...AT_ONCE);
    expect(stdout).toContain('1 more client left because of --max: run it again');
    await eventually(async () => expect(await redis.names()).toEqual(['younger']));
  });

  test('--json prints the same results', async () => {
    const [first, second] = await raw.open(2, { connectionName: 'leaky' });
    await sleep(SILENT_MS);
    const ids = [await first?.client('ID'), await second?.client('ID')];
    await sleep(SILENT_MS);
    const { stdout } = await reap('--where', 'name=leaky', '--yes', '--json', ...AT_ONCE);
    expect(JSON.parse(stdout)).toMatchObject({
      schema: 'redis-hygiene/reap',
      version: 1,
      mode: 'run',
      planned: 2,
      closed: 2,
      skipped: 0,
      failed: 0,
      untouched: 0,
      deferred: 0,
      unproven: 0,
      targets: [
        {
          target: `${redis.server.host}:${redis.server.port}`,
          unproven: [],
          kills: ids.map((id) => ({
            id,
            name: 'leaky',
            proof: 'filter',
            ageSeconds: expect.any(Number),
            outcome: 'closed',
          })),
        },
      ],
    });
  });
});
