import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { runCli } from '../../support/command-io.js';
import { useFactory } from '../../support/use-factory.js';
import { useRaw } from '../../support/use-raw.js';
import { useRedis } from '../../support/use-redis.js';

const MAXCLIENTS = 500;

const redis = useRedis();
const raw = useRaw(redis);
const orders = useFactory(redis);

let dir = '';
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'redis-hygiene-fleet-'));
});
afterAll(() => rm(dir, { recursive: true, force: true }));
beforeEach(() => redis.admin.config('SET', 'maxclients', MAXCLIENTS));

/** Without the process table, unnamed connections of this process have no service. */
const LIVE = ['--no-processes', '--live'];

async function budget(text: string, ...args: string[]) {
  const file = join(dir, 'fleet.yaml');
  await writeFile(file, text);
  return runCli(['budget', file, ...args]);
}

const fleet = (maxclients: string, connections: number, reserve = 20) => `
targets: { main: { ${maxclients} reserve: ${reserve} } }
services: { orders: { replicas: 2, connections: ${connections}, surge: 1 } }`;

describe('the file alone', () => {
  test.each([
    [100, 0, 'fits'],
    [180, 1, 'The rollout of orders makes 540 connections, 60 more than the 480'],
    [300, 1, 'Without any rollout there are 600 connections, 120 more'],
  ])('%d connections each: exit code %d', async (connections, code, message) => {
    const result = await budget(fleet(`maxclients: ${MAXCLIENTS},`, connections));
    expect(result.stdout).toContain(message);
    expect([result.code, result.stderr]).toEqual([code, '']);
  });

  test('--rollouts alone checks one rollout at a time', async () => {
    const text = `
targets: { main: { maxclients: 100, reserve: 0 } }
services:
  a: { replicas: 1, connections: 30, surge: 1 }
  b: { replicas: 1, connections: 30, surge: 1 }`;
    expect((await budget(text)).code).toBe(1);
    expect((await budget(text, '--rollouts', 'alone')).code).toBe(0);
  });

  test('an invalid file: every mistake with its position, and exit code 2', async () => {
    const result = await budget('targets: { main: { maxclient: 1 } }\nservices: { a: { replicas: x } }');
    expect(result.stderr).toMatch(
      /fleet\.yaml:1:20 targets\.main\.maxclient: unknown key; did you mean maxclients\?/,
    );
    expect(result.stderr).toMatch(/fleet\.yaml:2:18 services\.a\.replicas: expected a whole number/);
    expect(result.stderr).toContain('(HYG_FLEET_INVALID)');
    expect([result.code, result.stdout]).toEqual([2, '']);
  });

  test('a missing file, or a file without maxclients: exit code 2', async () => {
    expect(await runCli(['budget', join(dir, 'none.yaml')])).toMatchObject({ code: 2, stdout: '' });
    const result = await budget(fleet('', 1));
    expect(result.stderr).toContain('targets.main has no maxclients');
    expect(result.code).toBe(2);
  });
});

describe('with --live', () => {
  test('maxclients comes from the server if the file has none', async () => {
    const { code, stdout, stderr } = await budget(fleet('', 10), ...LIVE, redis.server.url);
    expect(stdout).toContain(
      `main: room for ${MAXCLIENTS - 20} connections (maxclients ${MAXCLIENTS}, reserve 20)`,
    );
    expect([code, stderr]).toEqual([0, '']);
  });

  test('if file and server differ, a warning says so and the lower value counts', async () => {
    const { code, stdout, stderr } = await budget(
      fleet('maxclients: 10000,', 200),
      ...LIVE,
      redis.server.url,
    );
    expect(stderr).toMatch(
      /warning main: the file has maxclients 10000, \S+ has 500; the lower one counts\./,
    );
    expect(stdout).toContain('(maxclients 500, reserve 20)');
    expect(code).toBe(1);
  });

  test('declared services, undeclared services and unnamed connections are counted', async () => {
    const factory = orders.open();
    await Promise.all([factory.client().ping(), factory.client({ connectionName: 'pool' }).ping()]);
    await raw.open(3, { connectionName: 'billing@bill-1' });
    await raw.open(2, { connectionName: 'legacy' });
    await raw.open(1);
    const { code, stdout } = await budget(fleet('maxclients: 500,', 2), ...LIVE, redis.server.url, '--json');
    const { live, ok } = JSON.parse(stdout) as { live: unknown[]; ok: boolean };
    expect(live).toEqual([
      {
        target: 'main',
        server: `${redis.server.host}:${redis.server.port}`,
        services: [
          {
            service: 'orders',
            observed: 2,
            steady: 4,
            peak: 6,
            replicas: 2,
            hosts: 1,
            perReplica: 2,
            largestReplica: { host: 'web-1', connections: 2 },
            status: 'steady',
          },
        ],
        undeclared: [{ service: 'billing', connections: 3 }],
        unrecognized: 2,
        unnamed: 2, // one is the test's own
        servers: 0,
        commands: 1,
        reserveUse: { connections: 8, reserve: 20, over: 0 },
      },
    ]);
    expect([ok, code]).toEqual([true, 0]);
  });

  test('a replica above its share is more than declared', async () => {
    await raw.open(3, { connectionName: 'orders@web-1' });
    const { code, stdout } = await budget(fleet('maxclients: 500,', 2), ...LIVE, redis.server.url);
    expect(stdout).toMatch(/^orders +3 +4 +6 +1 of 2 +3 of 2 \(web-1\) +more than declared$/m);
    expect(code).toBe(1);
  });

  test('undeclared connections must fit into the reserve', async () => {
    await raw.open(5, { connectionName: 'billing@bill-1' });
    const { code, stdout } = await budget(fleet('maxclients: 500,', 2, 5), ...LIVE, redis.server.url);
    expect(stdout).toContain(
      '7 of 5 reserved connections in use, 2 too many (5 billing, 1 unnamed, 1 redis-hygiene doctor).',
    );
    expect(code).toBe(1);
  });

  test('each server is compared with its own target', async () => {
    const text = `
targets: { main: , queue: { maxclients: 500 } }
services: { orders: { replicas: 1, targets: { main: { connections: 5 }, queue: { pools: [2] } } } }`;
    const { url } = redis.server;
    const { code, stdout, stderr } = await budget(text, ...LIVE, `main=${url}`, '--live', `queue=${url}`);
    expect(stderr).toBe('');
    expect(stdout).toMatch(/^main as it is on .*\n\n.*\norders +0 +5/m);
    expect(stdout).toMatch(/^queue as it is on .*\n\n.*\norders +0 +2/m);
    expect(code).toBe(0);
    expect(await budget(text, ...LIVE, url)).toMatchObject({ code: 2, stdout: '' });
  });

  test('with an unreachable server, the file is still checked, and the exit code is 2', async () => {
    const { code, stdout, stderr } = await budget(fleet('maxclients: 500,', 2), '--live', '127.0.0.1:1');
    expect(stdout).toContain('main: room for 480');
    expect(stderr).toContain('127.0.0.1:1 cannot be reached');
    expect(code).toBe(2);
  });
});
