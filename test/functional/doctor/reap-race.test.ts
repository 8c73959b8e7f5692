import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, expect, test } from 'vitest';
import { systemClock } from '../../../src/core/clock.js';
import { nothingIsLocal } from '../../../src/doctor/attribution/ip-address.js';
import { parseFilter } from '../../../src/doctor/group/row-filter.js';
import { killCommand, planReap, type ReapPlan } from '../../../src/doctor/reap/reap-plan.js';
import { createReapPort, type Selection } from '../../../src/doctor/reap/reap-port.js';
import { type ReapPort, runReap } from '../../../src/doctor/reap/run-reap.js';
import { parseServerEndpoint } from '../../../src/doctor/server/server-endpoint.js';
import { openServer } from '../../../src/doctor/server/open-server.js';
import type { ServerConnection } from '../../../src/doctor/server/server-connection.js';
import { startNode } from '../../support/sentinels/node.js';
import { useRaw } from '../../support/use-raw.js';
import { useRedis } from '../../support/use-redis.js';

const redis = useRedis();
const raw = useRaw(redis);

const SILENT_MS = 2_100;

let opened: ServerConnection[] = [];
afterEach(() => {
  opened.forEach((server) => server.close());
  opened = [];
});

/** A port that selects connections named `leaky`, over a connection of its own. */
async function portTo({ host, port }: { host: string; port: number } = redis.server): Promise<ReapPort> {
  const server = await openServer(parseServerEndpoint(`${host}:${port}`), {
    clock: systemClock,
    timeoutMs: 5_000,
    waitMs: 0,
    tls: {},
    signal: new AbortController().signal,
    onWaiting: () => undefined,
  });
  opened.push(server);
  const source = { server, target: server.target, isLocal: nothingIsLocal, own: undefined };
  return createReapPort({ source, runId: undefined }, LEAKY, { clock: systemClock, attributePeers });
}

/** Selects connections by a condition on their rows alone. */
const LEAKY: Selection = {
  filter: parseFilter('name=leaky'),
  needsProof: false,
  records: undefined,
  heartbeatSeconds: 15,
  assumeDeadAfterSeconds: undefined,
};

function attributePeers(): never {
  throw new Error('No filter of this test asks for owners.');
}

async function planOn(port: ReapPort): Promise<ReapPlan> {
  return planReap(await port.look(), { max: 100, isSelf: () => false });
}

async function outcomes(plan: ReapPlan, port: ReapPort): Promise<string[]> {
  const signal = new AbortController().signal;
  const { results, failure } = await runReap(plan, port, { signal, onResult: () => undefined });
  if (failure) throw failure.error;
  return results.map((result) => (result.outcome === 'skipped' ? result.change : result.outcome));
}

describe('between the plan and the run', () => {
  test('a client that sent a command is skipped', async () => {
    const [first, second] = await raw.open(2, { connectionName: 'leaky' });
    await sleep(SILENT_MS);
    const port = await portTo();
    const plan = await planOn(port);
    await second?.ping();
    expect(await outcomes(plan, port)).toEqual(['closed', 'active']);
    expect(await second?.ping()).toBe('PONG');
    await expect(first?.ping()).rejects.toThrow();
  });

  test('a client that sent a command is skipped even if it is idle for longer than before', async () => {
    const [client] = await raw.open(1, { connectionName: 'leaky' });
    await sleep(SILENT_MS);
    const port = await portTo();
    const plan = await planOn(port);
    const [then] = plan.kills;
    await client?.ping();
    await sleep(2 * SILENT_MS);
    const now = (await port.list()).find(({ id }) => id === then?.row.id);
    expect(now?.idle).toBeGreaterThan(then?.row.idle ?? NaN);
    expect(await outcomes(plan, port)).toEqual(['active']);
    expect(await client?.ping()).toBe('PONG');
  });

  test('a subscriber that received a message is skipped', async () => {
    const [client] = await raw.open(1, { connectionName: 'leaky' });
    await client?.subscribe('news');
    await sleep(SILENT_MS);
    const port = await portTo();
    const plan = await planOn(port);
    await redis.admin.publish('news', 'hello');
    expect(await outcomes(plan, port)).toEqual(['active']);
  });

  test('a client with another name is skipped, and one that has closed is gone', async () => {
    const [first, second] = await raw.open(2, { connectionName: 'leaky' });
    await sleep(SILENT_MS);
    const port = await portTo();
    const plan = await planOn(port);
    await first?.client('SETNAME', 'leaky-no-more');
    second?.disconnect();
    await sleep(100);
    expect(await outcomes(plan, port)).toEqual(['renamed', 'gone']);
    expect(await first?.ping()).toBe('PONG');
  });

  test('a client that stayed silent is closed, however long the run takes', async () => {
    await raw.open(3, { connectionName: 'leaky' });
    await sleep(SILENT_MS);
    const port = await portTo();
    const plan = await planOn(port);
    await sleep(SILENT_MS);
    expect(await outcomes(plan, port)).toEqual(['closed', 'closed', 'closed']);
  });

  test('an id that belongs to another address after a restart of the server is skipped', async () => {
    const args = (port: number, dir: string) =>
      Promise.resolve(['--port', String(port), '--dir', dir, '--bind', '127.0.0.1', '--save', '']);
    await using node = await startNode({ password: undefined, args });
    const target = { host: node.host, port: node.port };
    await raw.open(10, { ...target, connectionName: 'leaky' });
    await sleep(SILENT_MS);
    const plan = await planOn(await portTo(target));
    expect(plan.kills).toHaveLength(10);

    await node.kill();
    await node.start();
    const fresh = await raw.open(20, { ...target, connectionName: 'leaky' });
    const ids = await Promise.all(fresh.map((client) => client.client('ID')));
    const reused = plan.kills.filter(({ row }) => ids.includes(row.id));
    expect(reused.length).toBeGreaterThan(5);
    const port = await portTo(target);
    expect(await outcomes({ ...plan, kills: reused }, port)).toEqual(reused.map(() => 'address'));
    // Even without the second reading the command would not close it.
    for (const { command } of reused) expect(await port.kill(command)).toBe(0);
    await Promise.all(fresh.map((client) => client.ping()));
  });
});

describe('between the second reading and the kill', () => {
  test('a client that became a subscriber is not closed, as the command names its former type', async () => {
    const [client] = await raw.open(1, { connectionName: 'leaky' });
    const port = await portTo();
    const [candidate] = (await port.list()).filter(({ name }) => name === 'leaky');
    await client?.subscribe('news');
    expect(candidate && (await port.kill(killCommand(candidate)))).toBe(0);
    expect((await redis.names()).includes('leaky')).toBe(true);
  });
});
