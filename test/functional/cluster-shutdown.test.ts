import type { Cluster, ClusterOptions } from 'ioredis';
import { afterEach, expect, test } from 'vitest';
import { eventually } from '../support/eventually.js';
import { KEYS, nodeOf, useFactoryOfClusters, useServers } from '../support/use-cluster.js';

// Three masters and three replicas. The tests change what passes; the last two kill.
const at = useServers();
const orders = useFactoryOfClusters();
/** TCP sockets and timers that hold this process, before a test opens its Cluster. */
let before: Held;

interface Held {
  readonly sockets: number;
  readonly timers: number;
}

function held(): Held {
  const types = process.getActiveResourcesInfo();
  const count = (pattern: RegExp) => types.filter((type) => pattern.test(type)).length;
  return { sockets: count(/^TCP(Socket|Connect)Wrap$/), timers: count(/^Timeout$/) };
}

/** As far as they are not killed. */
async function resumeAll(): Promise<void> {
  await Promise.all(at.servers.nodes.map((node) => node.resume().catch(() => undefined)));
}

afterEach(resumeAll);

/** Without a listener for `error`: none may be needed. */
function open(options: ClusterOptions = {}): Cluster {
  before = held();
  return orders.open(at.servers, { shardedSubscribers: true, ...options });
}

async function useAll(cluster: Cluster): Promise<void> {
  await Promise.all(KEYS.map((key) => cluster.set(key, '1')));
  await cluster.subscribe('news');
  for (const key of KEYS) await cluster.ssubscribe(key);
}

/** What became of a command, or nothing yet. */
function fate(command: Promise<unknown>): { settled: boolean } {
  const seen = { settled: false };
  const settle = () => void (seen.settled = true);
  command.then(settle, settle);
  return seen;
}

/** Shuts down, and finds nothing left: in the ledger, here, at the nodes, or waiting. */
async function expectNothingLeft(
  cluster: Cluster,
  commands: readonly Promise<unknown>[] = [],
  lostAdmins = 0,
): Promise<void> {
  const fates = commands.map(fate);
  const report = await orders.factory.shutdown({ timeoutMs: 3_000 });
  expect(report.durationMs).toBeLessThan(3_200);
  expect(orders.factory.connections()).toEqual([]);
  expect(cluster.status).toBe('end');
  await eventually(() => expect(fates.filter(({ settled }) => !settled)).toEqual([]), 500);
  const now = held();
  expect(now.sockets).toBe(before.sockets - lostAdmins);
  await eventually(() => expect(held().timers).toBeLessThanOrEqual(before.timers), 500);
  await expect(cluster.get('a')).rejects.toThrow();
  expect(cluster.status).toBe('end');
  await resumeAll();
  await eventually(async () => expect(await at.servers.rows()).toEqual([]));
}

test('with all kinds of sockets', async () => {
  const cluster = open({ scaleReads: 'all' });
  await useAll(cluster);
  await expectNothingLeft(cluster);
});

test('with commands of this turn: they are answered', async () => {
  const cluster = open();
  await useAll(cluster);
  const commands = KEYS.map((key) => cluster.incr(key));
  await expectNothingLeft(cluster, commands);
  expect(await Promise.all(commands)).toEqual([2, 2, 2]);
});

test('before it has found its nodes', async () => {
  const cluster = open();
  cluster.on('error', () => undefined); // it tells that no node could be asked
  await expectNothingLeft(cluster, [cluster.get('a'), cluster.subscribe('news'), cluster.ssubscribe('a')]);
});

test('while a reshard is under way', async () => {
  const cluster = open();
  await useAll(cluster);
  const move = at.servers.moveSlots(nodeOf(at.servers, 0), nodeOf(at.servers, 1), 0, 2_000);
  const commands = Array.from({ length: 500 }, (_, index) => cluster.set(`key-${index}`, '1'));
  await commands[0];
  await expectNothingLeft(cluster, commands);
  await move;
});

test('while a node is frozen', async () => {
  const cluster = open({ scaleReads: 'all' });
  await useAll(cluster);
  await nodeOf(at.servers, 1).pause();
  await expectNothingLeft(cluster, [cluster.set('c', '2'), cluster.blpop('c', 0), cluster.set('a', '2')]);
});

test('while the slots are being asked for, of nodes that do not answer', async () => {
  const cluster = open({ slotsRefreshInterval: 50 });
  await useAll(cluster);
  await Promise.all(at.servers.nodes.map((one) => one.pause()));
  await eventually(() =>
    expect(orders.factory.connections().map(({ dials, state }) => `${dials} ${state}`)).toContain(
      '1 connected',
    ),
  );
  await expectNothingLeft(cluster);
});

test('while sharded subscribers start, at a node that answers and at one that does not', async () => {
  const cluster = open();
  await Promise.all(KEYS.map((key) => cluster.set(key, '1')));
  await nodeOf(at.servers, 1).pause();
  await expectNothingLeft(
    cluster,
    KEYS.map((key) => cluster.ssubscribe(key)),
  );
});

test('while the subscriber is between two nodes', async () => {
  const cluster = open();
  await useAll(cluster);
  let lost = 0;
  orders.factory.on(
    'closed',
    ({ connection }) => void (connection.name.includes('(subscriber)') && (lost += 1)),
  );
  // From the second loss on there is a pause before the next dial.
  await eventually(async () => {
    await Promise.all(at.servers.nodes.map(({ admin }) => admin.call('CLIENT', 'KILL', 'TYPE', 'pubsub')));
    expect(lost).toBeGreaterThan(3);
  });
  await expectNothingLeft(cluster, [cluster.subscribe('weather')]);
});

test('while a node is dead, and its successor is not elected yet', async () => {
  const cluster = open();
  await useAll(cluster);
  await nodeOf(at.servers, 0).kill();
  const commands = [cluster.set('b', '2'), cluster.ssubscribe('b'), cluster.set('a', '2')];
  await expectNothingLeft(cluster, commands, 1);
});

test('when all nodes are dead', async () => {
  await eventually(async () => expect((await nodeOf(at.servers, 3).admin.role())[0]).toBe('master'));
  await at.servers.settled();
  const cluster = open();
  cluster.on('error', () => undefined); // it tells that no node is left
  await useAll(cluster);
  const admins = at.servers.nodes.filter(({ answers }) => answers).length;
  await Promise.all(at.servers.nodes.map((one) => one.kill()));
  await eventually(() => expect(cluster.status).toBe('reconnecting'));
  await expectNothingLeft(cluster, [cluster.set('b', '2'), cluster.subscribe('news')], admins);
});
