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

/** One key, or sharded channel, for each of the masters, first to last. */
export const KEYS = ['b', 'c', 'a'] as const;

/** The names of a Cluster's sockets. */
export const NODE = 'orders@web-1#cluster';
export const SUBSCRIBER = `ioredis-cluster(subscriber):${NODE}`;
export const SHARDED = `ioredis-cluster(ssubscriber):${NODE}`;

export function isOurs(name: string): boolean {
  const parts = parseConnectionName(name);
  return parts?.service === 'orders' && parts.host === 'web-1' && parts.role === 'cluster';
}

/** Where these are, as a Cluster takes it. */
export function addressesOf(ports: readonly { readonly port: number }[]): ClusterNode[] {
  return ports.map(({ port }) => ({ host: '127.0.0.1', port }));
}

interface OpenOptions {
  readonly settings?: Partial<FactoryOptions>;
  /** Where the Cluster begins. @default all nodes */
  readonly nodes?: ClusterNode[];
}

/** A factory `orders@web-1` for each test, shut down after it, and its Clusters. */
export interface FactoryOfClusters {
  readonly factory: RedisFactory;
  open(servers: TestCluster, options?: ClusterOptions, more?: OpenOptions): Cluster;
}

export function useFactoryOfClusters(): FactoryOfClusters {
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

/** A cluster of this test file's own. */
export function useServers(): { readonly servers: TestCluster } {
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

/** Writes to and reads from all nodes, so that each has a socket. */
export async function useAllNodes(cluster: Cluster): Promise<void> {
  await Promise.all(KEYS.map((key) => cluster.set(key, '1')));
  await eventually(async () => {
    await Promise.all(KEYS.map((key) => cluster.get(key)));
    expect(cluster.nodes().map(({ status }) => status)).toEqual(Array(6).fill('ready'));
  });
}

/** A node to publish at; the first ones are those that leave, or are killed. */
export function publisherOf({ nodes }: TestCluster): TestNode['admin'] {
  return nodes.findLast(({ answers }) => answers)?.admin ?? expect.unreachable('A node answers.');
}

/** The ports of the nodes to which the ledger knows a connection. */
export function portsInLedger(factory: RedisFactory): number[] {
  return factory.connections().map(({ target }) => Number(new URL(target).port));
}

/** The ledger and CLIENT LIST of all nodes that answer tell of the same sockets, all of them named. Gives the names. */
export async function sameInBoth(servers: TestCluster, factory: RedisFactory): Promise<string[]> {
  const rows = await servers.rows();
  const known = factory
    .connections()
    .map(
      ({ target, localPort, clientId, name }) =>
        `${new URL(target).port} ${String(localPort)} ${String(clientId)} ${name}`,
    );
  expect(rows.map(({ node, port, id, name }) => `${node} ${port} ${id} ${name}`).sort()).toEqual(
    known.sort(),
  );
  expect(rows.filter(({ name }) => !isOurs(name))).toEqual([]);
  return rows.map(({ name }) => name).sort();
}

/** What a Cluster hears, as words. */
export function collect(cluster: Cluster): string[] {
  const heard: string[] = [];
  cluster.on('message', (channel, word) => heard.push(`message ${channel} ${word}`));
  cluster.on('pmessage', (pattern, channel, word) => heard.push(`pmessage ${pattern} ${channel} ${word}`));
  cluster.on('smessage', (channel: string, word: string) => heard.push(`smessage ${channel} ${word}`));
  return heard;
}
