import type { Cluster } from 'ioredis';
import { expect, test, vi } from 'vitest';
import { startLoad } from '../support/cluster-load.js';
import { SLOTS, startCluster, type TestCluster, type TestNode } from '../support/cluster.js';
import { eventually } from '../support/eventually.js';
import {
  KEYS,
  SHARDED,
  SUBSCRIBER,
  collect,
  isOurs,
  nodeOf,
  portsInLedger,
  publisherOf,
  sameInBoth,
  useAllNodes,
  useFactoryOfClusters,
} from '../support/use-cluster.js';

// Each test has a cluster of its own, three masters and three replicas, and changes it: seconds on a machine that is
// idle, more where many such run at once.
vi.setConfig({ testTimeout: 60_000 });
const orders = useFactoryOfClusters();

/** The node at which the Cluster subscribes. */
function subscriberNode(servers: TestCluster): TestNode {
  const entry = orders.factory.connections().find(({ name }) => name === SUBSCRIBER);
  const port = Number(new URL(entry?.target ?? expect.unreachable('There is a subscriber.')).port);
  return servers.nodes.find((one) => one.port === port) ?? expect.unreachable('It is at one of the nodes.');
}

interface Ears {
  /** Publishes until messages of both kinds have come. */
  hear(word: string): Promise<void>;
}

async function listen(servers: TestCluster, cluster: Cluster): Promise<Ears> {
  const heard = collect(cluster);
  await cluster.subscribe('news');
  for (const key of KEYS) await cluster.ssubscribe(key);
  return {
    hear: (word) =>
      eventually(async () => {
        await publisherOf(servers).publish('news', word);
        for (const key of KEYS) await cluster.spublish(key, word);
        const expected = [`message news ${word}`, ...KEYS.map((key) => `smessage ${key} ${word}`)];
        expect(heard).toEqual(expect.arrayContaining(expected));
      }, 10_000),
  };
}

test('resharding under load: named rows only, and no socket is left on nodes that left', async () => {
  await using servers = await startCluster();
  const cluster = orders.open(servers, { scaleReads: 'all', shardedSubscribers: true });
  const ears = await listen(servers, cluster);
  await using load = startLoad(cluster, servers, isOurs);
  await eventually(() => expect(new Set(portsInLedger(orders.factory)).size).toBe(6));

  const [leaving, replica] = [nodeOf(servers, 0), nodeOf(servers, 3)];
  await servers.moveSlots(leaving, nodeOf(servers, 1), ...SLOTS[0]);
  await eventually(async () => {
    expect(portsInLedger(orders.factory)).not.toEqual(expect.arrayContaining([leaving.port]));
    expect([...(await leaving.rows()), ...(await replica.rows())]).toEqual([]);
  }, 10_000);
  await servers.takeOut(leaving, replica);
  await ears.hear('after the move');
  const before = load.acknowledged;
  await eventually(() => expect(load.acknowledged).toBeGreaterThan(before + 200));
  expect([...(await leaving.rows()), ...(await replica.rows())]).toEqual([]);
  expect(load.odd).toEqual([]);
  await load[Symbol.asyncDispose]();
  await eventually(async () => void (await sameInBoth(servers, orders.factory)));
});

test('the kill of a master under load: named rows only, writes go on, messages arrive', async () => {
  await using servers = await startCluster();
  const cluster = orders.open(servers, { shardedSubscribers: true });
  const ears = await listen(servers, cluster);
  await ears.hear('before');
  await using load = startLoad(cluster, servers, isOurs);
  const dead = nodeOf(servers, 0);
  await dead.kill();

  await ears.hear('after the failover');
  await servers.settled();
  const before = load.acknowledged;
  await eventually(() => expect(load.acknowledged).toBeGreaterThan(before + 200));
  await eventually(() => expect(portsInLedger(orders.factory)).not.toContain(dead.port));
  expect(load.odd).toEqual([]);
  await load[Symbol.asyncDispose]();
  await eventually(async () => void (await sameInBoth(servers, orders.factory)));
});

test('messages arrive again when the node of the subscriber is killed, again and again', async () => {
  await using servers = await startCluster();
  const cluster = orders.open(servers);
  const heard = collect(cluster);
  await cluster.subscribe('news', 'weather');
  await cluster.psubscribe('s*');
  for (const round of ['1', '2', '3']) {
    await subscriberNode(servers).kill();
    const started = Date.now();
    await eventually(async () => {
      for (const channel of ['news', 'weather', 'sports']) await publisherOf(servers).publish(channel, round);
      const expected = [`message news ${round}`, `message weather ${round}`, `pmessage s* sports ${round}`];
      expect(heard).toEqual(expect.arrayContaining(expected));
    });
    expect(Date.now() - started).toBeLessThan(2_000);
  }
});

test('without a command, and frozen, a node that left is closed too', async () => {
  await using servers = await startCluster();
  const cluster = orders.open(servers, { slotsRefreshInterval: 200, scaleReads: 'all' });
  await eventually(async () => {
    await useAllNodes(cluster);
    expect(new Set(portsInLedger(orders.factory)).size).toBe(6);
  });
  await cluster.subscribe('news');
  const leaving = [nodeOf(servers, 0), nodeOf(servers, 3)];
  await leaving[0]?.pause();
  await servers.nodes[3]?.admin.call('CLUSTER', 'FAILOVER', 'TAKEOVER');
  await servers.moveSlots(nodeOf(servers, 3), nodeOf(servers, 1), ...SLOTS[0]);
  await servers.takeOut(...leaving);
  const left = () => portsInLedger(orders.factory).filter((port) => leaving.some((one) => one.port === port));
  await eventually(() => expect(left()).toEqual([]), 8_000);
  await leaving[0]?.resume();
  await eventually(async () => expect(await leaving[0]?.rows()).toEqual([]));
  await eventually(async () => void (await sameInBoth(servers, orders.factory)));
});

test('sharded subscribers of a dead node wait for its successor with backoff', async () => {
  await using servers = await startCluster();
  const cluster = orders.open(servers, { shardedSubscribers: true });
  const ears = await listen(servers, cluster);
  const dead = nodeOf(servers, 0);
  let dials = 0;
  orders.factory.on('connecting', ({ connection: { name, target } }) => {
    if (name === SHARDED && target.endsWith(`:${dead.port}`)) dials += 1;
  });
  await dead.kill();
  await eventually(async () => expect((await nodeOf(servers, 3).admin.role())[0]).toBe('master'));
  expect(dials).toBeGreaterThan(0);
  expect(dials).toBeLessThan(20); // ioredis alone: 133, measured
  await ears.hear('after the failover');
});

test('a node that was taken out and knows no slots empties no Cluster that asks it', async () => {
  await using servers = await startCluster();
  const cluster = orders.open(servers, { scaleReads: 'all', slotsRefreshTimeout: 100 });
  await useAllNodes(cluster);
  const leaving = nodeOf(servers, 3);
  const others = servers.nodes.filter((one) => one !== leaving);
  await servers.takeOut(leaving);
  // Now it is the only one that answers: CLUSTER SLOTS gives nothing.
  await Promise.all(others.map((one) => one.pause()));
  expect(await leaving.admin.cluster('SLOTS')).toEqual([]);
  await new Promise((resolve) => cluster.refreshSlotsCache(resolve));
  expect([cluster.status, cluster.nodes().length]).toEqual(['ready', 6]);
  await Promise.all(others.map((one) => one.resume()));
});
