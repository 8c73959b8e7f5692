import type { Cluster } from 'ioredis';
import { expect, test, vi } from 'vitest';
import { startLoad } from '../support/cluster-load.js';
import { SLOTS, startCluster, type TestCluster, type TestNode } from '../support/cluster.js';
import { eventually } from '../support/eventually.js';
import { quietNow } from '../support/quiet-clock.js';
import {
  KEYS,
  SHARDED_SUBSCRIBER_NAME,
  SUBSCRIBER_NAME,
  recordMessages,
  isClusterName,
  nodeOf,
  portsInLedger,
  publisherOf,
  expectLedgerMatchesServers,
  useAllNodes,
  useClusterFactory,
} from '../support/use-cluster.js';

// Each test changes its own cluster of three masters and three replicas. That takes seconds on an idle machine, and longer
// while many such tests run at once.
vi.setConfig({ testTimeout: 60_000 });
const orders = useClusterFactory();

/** Finds the node at which the Cluster subscribes. */
function subscriberNode(servers: TestCluster): TestNode {
  const entry = orders.factory.connections().find(({ name }) => name === SUBSCRIBER_NAME);
  const port = Number(new URL(entry?.target ?? expect.unreachable('The Cluster has no subscriber.')).port);
  return (
    servers.nodes.find((node) => node.port === port) ??
    expect.unreachable('The subscriber is at none of the nodes.')
  );
}

interface Listener {
  /** Publishes until messages of both kinds have been received. */
  expectMessages(text: string): Promise<void>;
}

async function subscribeAll(servers: TestCluster, cluster: Cluster): Promise<Listener> {
  const messages = recordMessages(cluster);
  await cluster.subscribe('news');
  for (const key of KEYS) await cluster.ssubscribe(key);
  return {
    expectMessages: (text) =>
      eventually(async () => {
        await publisherOf(servers).publish('news', text);
        for (const key of KEYS) await cluster.spublish(key, text);
        const expected = [`message news ${text}`, ...KEYS.map((key) => `smessage ${key} ${text}`)];
        expect(messages).toEqual(expect.arrayContaining(expected));
      }, 10_000),
  };
}

test('resharding under load: all rows are named, and no connection stays on nodes that left', async () => {
  await using servers = await startCluster();
  const cluster = orders.open(servers, { scaleReads: 'all', shardedSubscribers: true });
  const listener = await subscribeAll(servers, cluster);
  await using load = startLoad(cluster, servers, isClusterName);
  await useAllNodes(cluster);

  const [leaving, replica] = [nodeOf(servers, 0), nodeOf(servers, 3)];
  await servers.moveSlots(leaving, nodeOf(servers, 1), ...SLOTS[0]);
  await eventually(async () => {
    expect(portsInLedger(orders.factory)).not.toEqual(expect.arrayContaining([leaving.port]));
    expect([...(await leaving.rows()), ...(await replica.rows())]).toEqual([]);
  });
  await servers.removeNodes(leaving, replica);
  await listener.expectMessages('after the move');
  const before = load.acknowledged;
  await eventually(() => expect(load.acknowledged).toBeGreaterThan(before + 200));
  expect([...(await leaving.rows()), ...(await replica.rows())]).toEqual([]);
  expect(load.foreignRows).toEqual([]);
  await load[Symbol.asyncDispose]();
  await eventually(async () => void (await expectLedgerMatchesServers(servers, orders.factory)));
});

test('the death of a master under load: all rows are named, writes continue, and messages arrive', async () => {
  await using servers = await startCluster();
  const cluster = orders.open(servers, { shardedSubscribers: true });
  const listener = await subscribeAll(servers, cluster);
  await listener.expectMessages('before');
  await using load = startLoad(cluster, servers, isClusterName);
  const dead = nodeOf(servers, 0);
  await dead.kill();

  await listener.expectMessages('after the failover');
  await servers.settled();
  const before = load.acknowledged;
  await eventually(() => expect(load.acknowledged).toBeGreaterThan(before + 200));
  await eventually(() => expect(portsInLedger(orders.factory)).not.toContain(dead.port));
  expect(load.foreignRows).toEqual([]);
  await load[Symbol.asyncDispose]();
  await eventually(async () => void (await expectLedgerMatchesServers(servers, orders.factory)));
});

test('messages arrive again within two seconds each time the node of the subscriber is killed', async () => {
  await using servers = await startCluster();
  const cluster = orders.open(servers);
  const messages = recordMessages(cluster);
  await cluster.subscribe('news', 'weather');
  await cluster.psubscribe('s*');
  for (const round of ['1', '2', '3']) {
    await subscriberNode(servers).kill();
    const started = quietNow();
    await eventually(async () => {
      for (const channel of ['news', 'weather', 'sports']) await publisherOf(servers).publish(channel, round);
      const expected = [`message news ${round}`, `message weather ${round}`, `pmessage s* sports ${round}`];
      expect(messages).toEqual(expect.arrayContaining(expected));
    });
    expect(quietNow() - started).toBeLessThan(2_000);
  }
});

test('connections to a frozen node that left are closed also without commands', async () => {
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
  await servers.removeNodes(...leaving);
  const remaining = () =>
    portsInLedger(orders.factory).filter((port) => leaving.some((node) => node.port === port));
  await eventually(() => expect(remaining()).toEqual([]), 8_000);
  await leaving[0]?.resume();
  await eventually(async () => expect(await leaving[0]?.rows()).toEqual([]));
  await eventually(async () => void (await expectLedgerMatchesServers(servers, orders.factory)));
});

test('sharded subscribers of a dead node dial with backoff until the failover', async () => {
  await using servers = await startCluster();
  const cluster = orders.open(servers, { shardedSubscribers: true });
  const listener = await subscribeAll(servers, cluster);
  const dead = nodeOf(servers, 0);
  let dials = 0;
  orders.factory.on('connecting', ({ connection: { name, target } }) => {
    if (name === SHARDED_SUBSCRIBER_NAME && target.endsWith(`:${dead.port}`)) dials += 1;
  });
  await dead.kill();
  await eventually(async () => expect((await nodeOf(servers, 3).admin.role())[0]).toBe('master'));
  expect(dials).toBeGreaterThan(0);
  expect(dials).toBeLessThan(20); // ioredis alone: 133, measured
  await listener.expectMessages('after the failover');
});

test('a node that was taken out and knows no slots does not make a Cluster drop all nodes', async () => {
  await using servers = await startCluster();
  const cluster = orders.open(servers, { scaleReads: 'all', slotsRefreshTimeout: 100 });
  await useAllNodes(cluster);
  const leaving = nodeOf(servers, 3);
  const others = servers.nodes.filter((node) => node !== leaving);
  await servers.removeNodes(leaving);
  // Now only the node that was taken out answers, and its CLUSTER SLOTS reply is empty.
  await Promise.all(others.map((node) => node.pause()));
  expect(await leaving.admin.cluster('SLOTS')).toEqual([]);
  await new Promise((resolve) => cluster.refreshSlotsCache(resolve));
  expect([cluster.status, cluster.nodes().length]).toEqual(['ready', 6]);
  await Promise.all(others.map((node) => node.resume()));
});
