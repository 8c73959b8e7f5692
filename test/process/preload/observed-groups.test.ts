import { afterAll, beforeAll, expect, test } from 'vitest';
import { startCluster } from '../../support/cluster.js';
import type { Consumer } from '../../support/consumer.js';
import { eventually } from '../../support/eventually.js';
import {
  createObservedApplication,
  NODE_REDIS_COPIES,
  type ObservedProgram,
  startObserved,
} from '../../support/observed-program.js';
import { startPreloaded } from '../../support/preloaded.js';
import { useRedis } from '../../support/use-redis.js';
import { useSentinels } from '../../support/use-sentinels.js';

const redis = useRedis();
const topology = useSentinels();
let application: Consumer;

beforeAll(() => {
  application = createObservedApplication();
});
afterAll(() => application[Symbol.dispose]());

const start = (env: NodeJS.ProcessEnv): Promise<ObservedProgram> =>
  startObserved(application, { REDIS_URL: redis.server.url, REDIS_HYGIENE_SHUTDOWN: 'SIGTERM', ...env });

/** node-redis 4 has neither pools nor Sentinels. */
const WITH_POOLS = NODE_REDIS_COPIES.filter((copy) => copy !== 'redis4');

test.for(WITH_POOLS)(
  'a pool of %s is one client of its line, and its connections are counted',
  async (LIBRARY) => {
    const program = await start({ LIBRARY });
    await program.act('pool', { minimum: 3, maximum: 12 });
    await program.agreesOn(3, redis.rows);
    await program.act('set', 50);
    const { lines, connections } = await program.agreesOn(12, redis.rows);
    expect(lines).toEqual([[connections[0]?.callSite[0], 1]]);
    expect(new Set(connections.map(({ callSite }) => callSite[0])).size).toBe(1);
    await program.act('begin', 50);
    const { report } = await program.shutDown();
    expect(report.forced).toBe(0);
    expect(await program.exit).toMatchObject({ code: 0, stderr: '' });
    expect(await redis.rows()).toEqual([]);
  },
);

test.for(NODE_REDIS_COPIES)(
  'a Cluster of %s has a connection for each node, and is closed as a whole',
  async (LIBRARY) => {
    await using cluster = await startCluster();
    const program = await start({ LIBRARY });
    const [first] = cluster.nodes;
    const rootNodes = [{ url: `redis://127.0.0.1:${first?.port}` }];
    expect((await program.act('cluster', rootNodes)).error).toBeUndefined();
    await program.act('set', 30);
    const open = (await cluster.rows()).length;
    expect(open).toBeGreaterThanOrEqual(3);
    const { lines, connections } = await program.agreesOn(open, () => cluster.rows());
    expect(lines).toEqual([[connections[0]?.callSite[0], 1]]);
    expect(new Set(connections.map(({ name }) => name))).toEqual(new Set(['consumer@web-1#node-redis']));
    await program.act('begin', 30);
    const { report } = await program.shutDown();
    expect(report).toMatchObject({ closed: open, forced: 0 });
    expect(await program.exit).toMatchObject({ code: 0, stderr: '' });
    await eventually(async () => expect(await cluster.rows()).toEqual([]));
  },
);

test.for(WITH_POOLS)(
  'a Sentinel of %s is observed with its connections to servers and sentinels',
  async (LIBRARY) => {
    const { name, sentinels, servers } = topology();
    const program = await start({ LIBRARY });
    const sentinelRootNodes = sentinels.map(({ port }) => ({ host: '127.0.0.1', port }));
    expect(
      (await program.act('sentinel', { name, sentinelRootNodes, masterPoolSize: 2 })).error,
    ).toBeUndefined();
    await program.act('set', 1); // node-redis itself hangs with more commands at once than its pool has connections
    const rows = async () => {
      const all = await Promise.all([...sentinels, ...servers].map((node) => node.rows()));
      return all.flat().filter((row) => row.name.startsWith('consumer@'));
    };
    const open = (await rows()).length;
    expect(open).toBeGreaterThanOrEqual(3);
    await program.agreesOn(open, rows);
    await program.act('begin', 1);
    const { report } = await program.shutDown();
    expect(report.forced).toBe(0);
    expect(await program.exit).toMatchObject({ code: 0, stderr: '' });
    await eventually(async () => expect(await rows()).toEqual([]));
  },
);

test('duplicates of a Cluster that the application drops are collected', async () => {
  const { exit } = startPreloaded(application, 'collected.mjs', { REDIS_URL: redis.server.url });
  expect(await exit).toMatchObject({ code: 0, stdout: 'collected object\n' });
});
