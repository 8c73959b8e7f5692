import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, expect, test } from 'vitest';
import { runCli } from '../../support/command-io.js';
import { eventually } from '../../support/eventually.js';
import { startFirewall, type Firewall } from '../../support/firewall.js';
import { useFactory } from '../../support/use-factory.js';
import { useRaw } from '../../support/use-raw.js';
import { useRedis } from '../../support/use-redis.js';

const redis = useRedis();
const raw = useRaw(redis);
const orders = useFactory(redis);

const reap = (...args: string[]) => runCli(['reap', redis.server.url, ...args]);

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
    const { code, stdout, stderr } = await reap('--where', 'name=leaky', '--yes');
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
    const { stdout } = await reap('--where', 'name=*er', '--max', '3', '--yes');
    expect(stdout).toContain('1 more client would exceed --max');
    await eventually(async () => expect(await redis.names()).toEqual(['younger']));
  });

  test('--json prints the same results', async () => {
    const [first, second] = await raw.open(2, { connectionName: 'leaky' });
    await sleep(SILENT_MS);
    const ids = [await first?.client('ID'), await second?.client('ID')];
    await sleep(SILENT_MS);
    const { stdout } = await reap('--where', 'name=leaky', '--yes', '--json');
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
      targets: [
        {
          target: `${redis.server.host}:${redis.server.port}`,
          kills: ids.map((id) => ({ id, name: 'leaky', ageSeconds: expect.any(Number), outcome: 'closed' })),
        },
      ],
    });
  });
});

describe('a provably stale connection', () => {
  let firewall: Firewall | undefined;
  afterEach(() => firewall?.[Symbol.asyncDispose]());

  const ROLES = ['subscriber', 'pool', 'blocking'];

  test('is closed, but not one of the same service that is alive', async () => {
    firewall = await startFirewall(redis.server);
    const options = { heartbeatIntervalMs: 1_000, heartbeatDeadlineMs: 300 };
    const lost = orders.open({ ...options, host: 'lost', connection: firewall.url });
    for (const role of ROLES) await lost.client({ connectionName: role }).ping();
    firewall.forget();
    await lost.shutdown({ timeoutMs: 100 }); // the firewall drops the FIN
    const alive = orders.open({ ...options, host: 'alive' });
    for (const role of ROLES) await alive.client({ connectionName: role }).ping();
    const [healthy, stale] = ['alive', 'lost'].map((host) =>
      ROLES.map((role) => `orders@${host}#${role}`).sort(),
    );
    expect(await redis.names()).toEqual([...(healthy ?? []), ...(stale ?? [])]);

    await sleep(4_000);
    const { code, stdout } = await reap('--heartbeat', '1s', '--yes');
    expect(stdout.match(/closed {2}silent for [4-6]s, heartbeat interval 1s$/gm)).toHaveLength(ROLES.length);
    expect(code).toBe(0);
    await eventually(async () => expect(await redis.names()).toEqual(healthy));
  });

  test('is closed with --stale only if it matches the filter too', async () => {
    firewall = await startFirewall(redis.server);
    const lost = orders.open({ host: 'lost', connection: firewall.url });
    for (const role of ROLES) await lost.client({ connectionName: role }).ping();
    firewall.forget();
    await lost.shutdown({ timeoutMs: 100 });
    await raw.open(1, { connectionName: 'orders@lost' });
    await sleep(4_000);
    const { stdout } = await reap('--heartbeat', '1s', '--stale', '--where', 'name=orders@lost*l', '--yes');
    expect(stdout.match(/closed {2}silent/g)).toHaveLength(1);
    const others = ['orders@lost', 'orders@lost#blocking', 'orders@lost#subscriber'];
    await eventually(async () => expect(await redis.names()).toEqual(others));
  });
});
