import { Cluster, type Redis } from 'ioredis';
import { expect, test } from 'vitest';
import { clientInternals } from '../../src/connect/ioredis/internals.js';
import { eventually } from '../support/eventually.js';
import { addressesOf, KEYS, useCluster, useClusterFactory } from '../support/use-cluster.js';

const [KEY, OTHER] = KEYS;

const the = useCluster();
const orders = useClusterFactory();

/** Writes to all masters, so that the Cluster has a connection to each. */
async function useMasters(cluster: Cluster): Promise<void> {
  await Promise.all(KEYS.map((key) => cluster.set(key, '1')));
}

async function openCluster(): Promise<Cluster> {
  const cluster = orders.open(the.servers);
  await useMasters(cluster);
  return cluster;
}

/** The client with which a Cluster writes this key. */
async function nodeClientOf(cluster: Cluster, key: string): Promise<Redis> {
  const slot = await cluster.cluster('KEYSLOT', key);
  const [address] = (cluster as unknown as { slots: string[][] }).slots[slot] ?? [];
  const node = cluster.nodes('master').find(({ options }) => `${options.host}:${options.port}` === address);
  return node ?? expect.unreachable(`No node has the key ${key}.`);
}

async function loseConnection(cluster: Cluster, key: string): Promise<void> {
  clientInternals(await nodeClientOf(cluster, key)).stream?.destroy();
  await eventually(async () => expect(await cluster.set(`${key}:{${key}}`, 1)).toBe('OK'));
}

test('a transaction of a Cluster whose WATCH was lost is rejected', async () => {
  const cluster = await openCluster();
  await cluster.watch(KEY);
  await loseConnection(cluster, KEY);
  await expect(cluster.multi().set(KEY, 'lost').exec()).rejects.toMatchObject({ code: 'HYG_WATCH_LOST' });
  expect(await cluster.get(KEY)).toBe('1');
  expect(await cluster.multi().set(KEY, 'new').exec()).toEqual([[null, 'OK']]);
  expect(Object.hasOwn(cluster, 'sendCommand')).toBe(false);
});

test('a Cluster of ioredis alone executes such a transaction', async () => {
  const cluster = new Cluster(addressesOf(the.servers.nodes));
  try {
    await useMasters(cluster);
    await cluster.watch(KEY);
    await loseConnection(cluster, KEY);
    expect(await cluster.multi().set(KEY, 'lost').exec()).toEqual([[null, 'OK']]);
  } finally {
    cluster.disconnect();
  }
});

test('keys that are watched on another node do not matter to a transaction', async () => {
  const cluster = await openCluster();
  await cluster.watch(KEY);
  await cluster.watch(OTHER);
  await loseConnection(cluster, OTHER);
  expect(await cluster.multi().set(KEY, 'new').exec()).toEqual([[null, 'OK']]);
  await expect(cluster.multi().set(OTHER, 'lost').exec()).rejects.toMatchObject({ code: 'HYG_WATCH_LOST' });
});

test('a watched key that has changed still makes EXEC return null', async () => {
  const cluster = await openCluster();
  await cluster.watch(KEY);
  const other = await openCluster();
  await other.set(KEY, 'changed');
  expect(await cluster.multi().set(KEY, 'lost').exec()).toBeNull();
  other.disconnect();
});

test('the client of a node guards its own transactions', async () => {
  const cluster = await openCluster();
  const node = (await nodeClientOf(cluster, KEY)).duplicate({ retryStrategy: () => 20 });
  await node.watch(KEY);
  clientInternals(node).stream?.destroy();
  await eventually(() => expect(node.status).toBe('ready'));
  await expect(node.multi().set(KEY, 'lost').exec()).rejects.toMatchObject({ code: 'HYG_WATCH_LOST' });
});
