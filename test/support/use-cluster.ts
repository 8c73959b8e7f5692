import type { Cluster, ClusterNode, ClusterOptions } from 'ioredis';
import { afterAll, afterEach, beforeAll, expect } from 'vitest';
import {
  createRedisFactory,
  parseConnectionName,
  type FactoryOptions,
  type RedisFactory,
} from '../../src/index.js';
import { eventually } from './eventually.js';
import { startCluster, type TestCluster, type TestNode } from './cluster.js';

/** A key or shard channel for each master, first to last. */
export const KEYS = ['b', 'c', 'a'] as const;

/** Names of a Cluster's connections: to its nodes, its subscriber, and its sharded subscribers. */
export const NODE_NAME = 'orders@web-1#cluster';
export const SUBSCRIBER_NAME = `ioredis-cluster(subscriber):${NODE_NAME}`;
export const SHARDED_SUBSCRIBER_NAME = `ioredis-cluster(ssubscriber):${NODE_NAME}`;

export function isClusterName(name: string): boolean {
  const parts = parseConnectionName(name);
  return parts?.service === 'orders' && parts.host === 'web-1' && parts.role === 'cluster';
}

/** Startup nodes of a Cluster at these ports. */
export function addressesOf(ports: readonly { readonly port: number }[]): ClusterNode[] {
  return ports.map(({ port }) => ({ host: '127.0.0.1', port }));
}

interface OpenOptions {
  readonly settings?: Partial<FactoryOptions>;
  /** Startup nodes. @default all nodes */
  readonly nodes?: ClusterNode[];
}

/** A factory `orders@web-1` for each test, which is shut down after the test, and its Clusters. */
export interface ClusterFactory {
  readonly factory: RedisFactory;
  open(servers: TestCluster, options?: ClusterOptions, more?: OpenOptions): Cluster;
}

export function useClusterFactory(): ClusterFactory {
  let factory: RedisFactory | undefined;
  afterEach(() => factory?.shutdown());
  return {
    get factory() {
      return factory ?? expect.unreachable('open() has not been called in this test.');
    },
    open(servers, options = {}, { settings = {}, nodes = addressesOf(servers.nodes) } = {}) {
      factory = createRedisFactory({ service: 'orders', host: 'web-1', ...settings });
      return factory.cluster(nodes, options);
    },
  };
}

/** A cluster of servers for one test file. */
export function useCluster(): { readonly servers: TestCluster } {
  let servers: TestCluster | undefined;
  beforeAll(async () => {
    servers = await startCluster();
  });
  afterAll(() => servers?.[Symbol.asyncDispose]());
  return {
    get servers() {
      return servers ?? expect.unreachable('The cluster has not been started yet.');
    },
  };
}

export function nodeOf({ nodes }: TestCluster, index: number): TestNode {
  return nodes[index] ?? expect.unreachable(`There is no node ${index}.`);
}

/** Writes to and reads from all nodes, so that the Cluster has a connection to each. */
export async function useAllNodes(cluster: Cluster): Promise<void> {
  await Promise.all(KEYS.map((key) => cluster.set(key, '1')));
  await eventually(async () => {
    await Promise.all(KEYS.map((key) => cluster.get(key)));
    expect(cluster.nodes().map(({ status }) => status)).toEqual(Array(6).fill('ready'));
  });
}

/** Admin connection of the last node that answers, for publishing. Tests remove or kill the first nodes. */
export function publisherOf({ nodes }: TestCluster): TestNode['admin'] {
  return nodes.findLast(({ answers }) => answers)?.admin ?? expect.unreachable('No node answers.');
}

/** Ports of the nodes to which the ledger has a connection. */
export function portsInLedger(factory: RedisFactory): number[] {
  return factory.connections().map(({ target }) => Number(new URL(target).port));
}

/**
 * Expects the ledger and CLIENT LIST of all nodes that answer to show the same connections, all named. Returns the names.
 */
export async function expectLedgerMatchesServers(
  servers: TestCluster,
  factory: RedisFactory,
): Promise<string[]> {
  const rows = await servers.rows();
  const expected = factory
    .connections()
    .map(
      ({ target, localPort, clientId, name }) =>
        `${new URL(target).port} ${String(localPort)} ${String(clientId)} ${name}`,
    );
  expect(rows.map(({ node, port, id, name }) => `${node} ${port} ${id} ${name}`).sort()).toEqual(
    expected.sort(),
  );
  expect(rows.filter(({ name }) => !isClusterName(name))).toEqual([]);
  return rows.map(({ name }) => name).sort();
}

/** Records the messages of a Cluster, as text. */
export function recordMessages(cluster: Cluster): string[] {
  const messages: string[] = [];
  cluster.on('message', (channel, word) => messages.push(`message ${channel} ${word}`));
  cluster.on('pmessage', (pattern, channel, word) => messages.push(`pmessage ${pattern} ${channel} ${word}`));
  cluster.on('smessage', (channel: string, word: string) => messages.push(`smessage ${channel} ${word}`));
  return messages;
}
