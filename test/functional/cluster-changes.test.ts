import type { Cluster, ClusterOptions } from 'ioredis';
import { afterEach, expect, test } from 'vitest';
import {
  createRedisFactory,
  parseConnectionName,
  type FactoryOptions,
  type RedisFactory,
} from '../../src/index.js';
import { startLoad } from '../support/cluster-load.js';
import { SLOTS, startCluster, type TestCluster, type TestNode } from '../support/cluster.js';
import { eventually } from '../support/eventually.js';

// Each test has a cluster of its own, three masters and three replicas, and changes it.
let factory: RedisFactory;

afterEach(() => factory.shutdown());

function open(servers: TestCluster, options: ClusterOptions = {}, settings: Partial<FactoryOptions> = {}) {
  factory = createRedisFactory({ service: 'orders', host: 'web-1', ...settings });
  const cluster = factory.cluster(
    servers.nodes.map(({ port }) => ({ host: '127.0.0.1', port })),
    options,
  );
  cluster.on('error', () => undefined);
  return cluster;
}

function isOurs(name: string): boolean {
  return parseConnectionName(name)?.service === 'orders';
}

/** One key for each of the masters, first to last. */
const KEYS = ['b', 'c', 'a'] as const;

function useAll(cluster: Cluster): Promise<unknown> {
  return Promise.all(KEYS.map((key) => cluster.get(key)));
}

function node(servers: TestCluster, index: number): TestNode {
  return servers.nodes[index] ?? expect.unreachable(`There is no node ${index}.`);
}

/** The ports of the nodes to which the ledger knows a connection. */
function portsInLedger(): number[] {
  return factory.connections().map(({ target }) => Number(new URL(target).port));
}

/** The node at which the Cluster subscribes. */
function subscriberNode(servers: TestCluster): TestNode {
  const entry = factory.connections().find(({ name }) => name.startsWith('ioredis-cluster(subscriber)'));
  const port = Number(new URL(entry?.target ?? expect.unreachable('There is a subscriber.')).port);
  return servers.nodes.find((one) => one.port === port) ?? expect.unreachable('It is at one of the nodes.');
}

/** A node that answers; the first ones are those that leave. */
function publisher({ nodes }: TestCluster): TestNode['admin'] {
  return nodes.findLast(({ answers }) => answers)?.admin ?? expect.unreachable('A node answers.');
}

interface Ears {
  readonly heard: Set<string>;
  /** Publishes at a living node until both kinds of message have come. */
  hear(word: string, ms?: number): Promise<void>;
}

async function listen(servers: TestCluster, cluster: Cluster): Promise<Ears> {
  const heard = new Set<string>();
  cluster.on('message', (_channel, word) => heard.add(`message ${word}`));
  cluster.on('smessage', (channel, word) => heard.add(`smessage ${channel} ${word}`));
  await cluster.subscribe('news');
  for (const key of KEYS) await cluster.ssubscribe(key);
  const expected = (word: string) => [`message ${word}`, ...KEYS.map((key) => `smessage ${key} ${word}`)];
  return {
    heard,
    hear: (word, ms = 10_000) =>
      eventually(async () => {
        await publisher(servers).publish('news', word);
        for (const key of KEYS) await cluster.spublish(key, word);
        expect([...heard]).toEqual(expect.arrayContaining(expected(word)));
      }, ms),
  };
}

/** The ledger and CLIENT LIST of all nodes that answer tell of the same sockets, all of them named. */
async function sameInBoth(servers: TestCluster): Promise<void> {
  const rows = await servers.rows();
  const ledger = factory
    .connections()
    .map(
      ({ target, localPort, clientId, name }) => `${new URL(target).port} ${localPort} ${clientId} ${name}`,
    );
  expect(rows.map(({ node: at, port, id, name }) => `${at} ${port} ${id} ${name}`).sort()).toEqual(
    ledger.sort(),
  );
  expect(rows.filter(({ name }) => !isOurs(name))).toEqual([]);
}

test('resharding under load: named rows only, and no socket is left on nodes that left', async () => {
  await using servers = await startCluster();
  const cluster = open(servers, { scaleReads: 'all', shardedSubscribers: true });
  const ears = await listen(servers, cluster);
  await using load = startLoad(cluster, servers, isOurs);
  await eventually(() => expect(new Set(portsInLedger()).size).toBe(6));

  const [leaving, replica] = [node(servers, 0), node(servers, 3)];
  await servers.moveSlots(leaving, node(servers, 1), ...SLOTS[0]);
  await eventually(async () => {
    expect(portsInLedger()).not.toEqual(expect.arrayContaining([leaving.port]));
    expect([...(await leaving.rows()), ...(await replica.rows())]).toEqual([]);
  });
  await servers.takeOut(leaving, replica);
  await ears.hear('after the move');
  const before = load.acknowledged;
  await eventually(() => expect(load.acknowledged).toBeGreaterThan(before + 500));
  expect([...(await leaving.rows()), ...(await replica.rows())]).toEqual([]);
  expect(load.odd).toEqual([]);
  await load[Symbol.asyncDispose]();
  await eventually(() => sameInBoth(servers));
});

test('the kill of a master under load: named rows only, writes go on, messages arrive', async () => {
  await using servers = await startCluster();
  const cluster = open(servers, { shardedSubscribers: true });
  const ears = await listen(servers, cluster);
  await ears.hear('before');
  await using load = startLoad(cluster, servers, isOurs);
  const dead = node(servers, 0);
  await dead.kill();

  await ears.hear('after the failover');
  await servers.settled();
  const before = load.acknowledged;
  await eventually(() => expect(load.acknowledged).toBeGreaterThan(before + 500));
  await eventually(() => expect(portsInLedger()).not.toContain(dead.port));
  expect(load.odd).toEqual([]);
  await load[Symbol.asyncDispose]();
  await eventually(() => sameInBoth(servers));
});

test('messages arrive again when the node of the subscriber is killed, again and again', async () => {
  await using servers = await startCluster();
  const cluster = open(servers);
  const heard = new Set<string>();
  cluster.on('message', (_channel, word) => heard.add(word));
  cluster.on('pmessage', (_pattern, _channel, word) => heard.add(`p ${word}`));
  await cluster.subscribe('news', 'weather');
  await cluster.psubscribe('s*');
  for (const round of ['1', '2', '3']) {
    await subscriberNode(servers).kill();
    const started = Date.now();
    await eventually(async () => {
      for (const channel of ['news', 'weather', 'sports'])
        await publisher(servers).publish(channel, `${channel} ${round}`);
      expect([...heard]).toEqual(
        expect.arrayContaining([`news ${round}`, `weather ${round}`, `p sports ${round}`]),
      );
    });
    expect(Date.now() - started).toBeLessThan(2_000);
  }
});

test('without a command, and frozen, a node that left is closed too', async () => {
  await using servers = await startCluster();
  const cluster = open(servers, { slotsRefreshInterval: 200, scaleReads: 'all' });
  await eventually(async () => {
    await useAll(cluster);
    expect(new Set(portsInLedger()).size).toBe(6);
  });
  await cluster.subscribe('news');
  const leaving = [node(servers, 0), node(servers, 3)];
  await leaving[0]?.pause();
  await servers.nodes[3]?.admin.call('CLUSTER', 'FAILOVER', 'TAKEOVER');
  await servers.moveSlots(node(servers, 3), node(servers, 1), ...SLOTS[0]);
  await servers.takeOut(...leaving);
  const left = () => portsInLedger().filter((port) => leaving.some((one) => one.port === port));
  await eventually(() => expect(left()).toEqual([]), 8_000);
  await leaving[0]?.resume();
  await eventually(async () => expect(await leaving[0]?.rows()).toEqual([]));
  await eventually(() => sameInBoth(servers));
});

test('sharded subscribers of a dead node wait for its successor with backoff', async () => {
  await using servers = await startCluster();
  const cluster = open(servers, { shardedSubscribers: true });
  const ears = await listen(servers, cluster);
  const dead = node(servers, 0);
  let dials = 0;
  factory.on('dialling', ({ connection: { name, target } }) => {
    if (name.includes('ssubscriber') && target.endsWith(`:${dead.port}`)) dials += 1;
  });
  await dead.kill();
  await eventually(async () => expect((await node(servers, 3).admin.role())[0]).toBe('master'));
  expect(dials).toBeGreaterThan(0);
  expect(dials).toBeLessThan(20); // ioredis alone: 133, measured
  await ears.hear('after the failover');
});
