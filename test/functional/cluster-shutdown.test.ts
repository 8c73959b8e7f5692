import type { Cluster, ClusterOptions } from 'ioredis';
import { afterEach, expect, onTestFinished, test, vi } from 'vitest';
import { eventually } from '../support/eventually.js';
import { quietNow } from '../support/quiet-clock.js';
import { KEYS, nodeOf, useClusterFactory, useCluster } from '../support/use-cluster.js';

// Three masters and three replicas. Only the last two tests change them for good: they kill nodes.
const testCluster = useCluster();
const orders = useClusterFactory();
/** Resources before a test opens its Cluster. */
let before: Resources;

/** Numbers of TCP sockets and timers that keep this process alive. */
interface Resources {
  readonly sockets: number;
  readonly timers: number;
}

function countResources(): Resources {
  const types = process.getActiveResourcesInfo();
  const count = (pattern: RegExp) => types.filter((type) => pattern.test(type)).length;
  return { sockets: count(/^TCP(Socket|Connect)Wrap$/), timers: count(/^Timeout$/) };
}

/** Resumes the nodes that are not killed. */
async function resumeAll(): Promise<void> {
  await Promise.all(testCluster.servers.nodes.map((node) => node.resume().catch(() => undefined)));
}

afterEach(resumeAll);

/** Opens a Cluster without a listener for `error`, because it must not need one. */
function open(options: ClusterOptions = {}): Cluster {
  before = countResources();
  return orders.open(testCluster.servers, { shardedSubscribers: true, ...options });
}

async function useAll(cluster: Cluster): Promise<void> {
  await Promise.all(KEYS.map((key) => cluster.set(key, '1')));
  await cluster.subscribe('news');
  for (const key of KEYS) await cluster.ssubscribe(key);
}

/** Records whether a command has been settled. */
function watchSettled(command: Promise<unknown>): { isSettled: boolean } {
  const state = { isSettled: false };
  const settle = () => void (state.isSettled = true);
  command.then(settle, settle);
  return state;
}

/** Shuts down, and expects nothing to be left: no entry, socket, timer, row at the nodes or waiting command. */
async function expectCleanShutdown(
  cluster: Cluster,
  commands: readonly Promise<unknown>[] = [],
  killedNodes = 0,
): Promise<void> {
  const states = commands.map(watchSettled);
  const start = quietNow();
  await orders.factory.shutdown({ timeoutMs: 3_000 });
  expect(quietNow() - start).toBeLessThan(3_200);
  expect(orders.factory.connections()).toEqual([]);
  expect(cluster.status).toBe('end');
  await eventually(() => expect(states.filter(({ isSettled }) => !isSettled)).toEqual([]), 500);
  expect(countResources().sockets).toBe(before.sockets - killedNodes);
  await eventually(() => expect(countResources().timers).toBeLessThanOrEqual(before.timers), 500);
  await expect(cluster.get('a')).rejects.toThrow();
  expect(cluster.status).toBe('end');
  await resumeAll();
  await eventually(async () => expect(await testCluster.servers.rows()).toEqual([]));
}

test('shutdown() with all kinds of connections leaves nothing', async () => {
  const cluster = open({ scaleReads: 'all' });
  await useAll(cluster);
  await expectCleanShutdown(cluster);
});

test('shutdown() closes and counts a Cluster of ioredis, while REDIS_HYGIENE=off is set', async () => {
  vi.stubEnv('REDIS_HYGIENE', 'off');
  onTestFinished(() => void vi.unstubAllEnvs());
  const cluster = open();
  await Promise.all(KEYS.map((key) => cluster.set(key, '1')));
  const replies = KEYS.map((key) => cluster.incr(key));
  expect(await orders.factory.shutdown()).toMatchObject({ closed: 1, forced: 0, abandonedCommands: 0 });
  expect([cluster.status, await Promise.all(replies)]).toEqual(['end', [2, 2, 2]]);
  await eventually(async () => expect(await testCluster.servers.rows()).toEqual([]));
  await eventually(() => expect(countResources().sockets).toBe(before.sockets));
});

test('shutdown() right after commands answers them and leaves nothing', async () => {
  const cluster = open();
  await useAll(cluster);
  const commands = KEYS.map((key) => cluster.incr(key));
  await expectCleanShutdown(cluster, commands);
  expect(await Promise.all(commands)).toEqual([2, 2, 2]);
});

test('shutdown() before the nodes are found leaves nothing', async () => {
  const cluster = open();
  cluster.on('error', () => undefined); // reports that no node could be asked
  await expectCleanShutdown(cluster, [cluster.get('a'), cluster.subscribe('news'), cluster.ssubscribe('a')]);
});

test('shutdown() during resharding leaves nothing', async () => {
  const cluster = open();
  await useAll(cluster);
  const move = testCluster.servers.moveSlots(
    nodeOf(testCluster.servers, 0),
    nodeOf(testCluster.servers, 1),
    0,
    2_000,
  );
  const commands = Array.from({ length: 500 }, (_, index) => cluster.set(`key-${index}`, '1'));
  await commands[0];
  await expectCleanShutdown(cluster, commands);
  await move;
});

test('shutdown() while a node is frozen leaves nothing', async () => {
  const cluster = open({ scaleReads: 'all' });
  await useAll(cluster);
  await nodeOf(testCluster.servers, 1).pause();
  await expectCleanShutdown(cluster, [cluster.set('c', '2'), cluster.blpop('c', 0), cluster.set('a', '2')]);
});

test('shutdown() while frozen nodes are asked for slots leaves nothing', async () => {
  const cluster = open({ slotsRefreshInterval: 50 });
  await useAll(cluster);
  await Promise.all(testCluster.servers.nodes.map((node) => node.pause()));
  await eventually(() =>
    expect(orders.factory.connections().map(({ dials, state }) => `${dials} ${state}`)).toContain(
      '1 connected',
    ),
  );
  await expectCleanShutdown(cluster);
});

test('shutdown() while sharded subscribers start, also at a frozen node, leaves nothing', async () => {
  const cluster = open();
  await Promise.all(KEYS.map((key) => cluster.set(key, '1')));
  await nodeOf(testCluster.servers, 1).pause();
  await expectCleanShutdown(
    cluster,
    KEYS.map((key) => cluster.ssubscribe(key)),
  );
});

test('shutdown() while the subscriber changes its node leaves nothing', async () => {
  const cluster = open();
  await useAll(cluster);
  let lost = 0;
  orders.factory.on(
    'closed',
    ({ connection }) => void (connection.name.includes('(subscriber)') && (lost += 1)),
  );
  // Every loss after the first is followed by a delay before the next dial.
  await eventually(async () => {
    await Promise.all(
      testCluster.servers.nodes.map(({ admin }) => admin.call('CLIENT', 'KILL', 'TYPE', 'pubsub')),
    );
    expect(lost).toBeGreaterThan(3);
  });
  await expectCleanShutdown(cluster, [cluster.subscribe('weather')]);
});

test('shutdown() between the death of a master and the failover leaves nothing', async () => {
  const cluster = open();
  await useAll(cluster);
  await nodeOf(testCluster.servers, 0).kill();
  const commands = [cluster.set('b', '2'), cluster.ssubscribe('b'), cluster.set('a', '2')];
  await expectCleanShutdown(cluster, commands, 1);
});

test('shutdown() when all nodes are dead leaves nothing', async () => {
  await eventually(async () => expect((await nodeOf(testCluster.servers, 3).admin.role())[0]).toBe('master'));
  await testCluster.servers.settled();
  const cluster = open();
  cluster.on('error', () => undefined); // reports that no node is left
  await useAll(cluster);
  const liveNodes = testCluster.servers.nodes.filter(({ answers }) => answers).length;
  await Promise.all(testCluster.servers.nodes.map((node) => node.kill()));
  await eventually(() => expect(cluster.status).toBe('reconnecting'));
  await expectCleanShutdown(cluster, [cluster.set('b', '2'), cluster.subscribe('news')], liveNodes);
});
