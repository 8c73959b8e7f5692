import { expect, onTestFinished, test, vi } from 'vitest';
import { loadIoredis } from '../../src/connect/ioredis/load-ioredis.js';
import { configure, defaultFactory } from '../../src/dropin/default-factory.js';
import { Cluster } from '../../src/dropin/enforced-classes.js';
import { eventually } from '../support/eventually.js';
import {
  KEYS,
  NODE_NAME,
  SHARDED_SUBSCRIBER_NAME,
  SUBSCRIBER_NAME,
  addressesOf,
  nodeOf,
  recordMessages,
  publisherOf,
  expectLedgerMatchesServers,
  useAllNodes,
  useClusterFactory,
  useCluster,
} from '../support/use-cluster.js';

// Three masters and three replicas. No test of this file changes them.
const testCluster = useCluster();
const orders = useClusterFactory();

async function expectNoConnections(): Promise<void> {
  await eventually(async () => {
    expect(orders.factory.connections()).toEqual([]);
    expect(await testCluster.servers.rows()).toEqual([]);
  });
}

test('nodes that dial in their constructor (lazyConnect: false) are those of the Cluster too', async () => {
  const redisOptions = { lazyConnect: false };
  const cluster = orders.open(testCluster.servers, { redisOptions, shardedSubscribers: true });
  await useAllNodes(cluster);
  await eventually(async () => {
    const names = await expectLedgerMatchesServers(testCluster.servers, orders.factory);
    expect(new Set(names)).toEqual(new Set([NODE_NAME, SHARDED_SUBSCRIBER_NAME]));
  });
  const [first, ...others] = orders.factory.connections().map(({ callSite }) => callSite);
  expect(first?.join()).toContain('cluster');
  others.forEach((callSite) => expect(callSite).toEqual(first));
});

test('nodes, subscriber and sharded subscribers are named and in the ledger, with their ids', async () => {
  const cluster = orders.open(testCluster.servers, { scaleReads: 'all', shardedSubscribers: true });
  await useAllNodes(cluster);
  await eventually(async () =>
    expect(await expectLedgerMatchesServers(testCluster.servers, orders.factory)).toEqual(
      Array(6).fill(NODE_NAME),
    ),
  );

  const messages = recordMessages(cluster);
  await cluster.subscribe('news', 'weather');
  await cluster.psubscribe('n*');
  for (const key of KEYS) await cluster.ssubscribe(key);
  const all = [
    SUBSCRIBER_NAME,
    ...Array<string>(3).fill(SHARDED_SUBSCRIBER_NAME),
    ...Array<string>(6).fill(NODE_NAME),
  ].sort();
  await eventually(async () =>
    expect(await expectLedgerMatchesServers(testCluster.servers, orders.factory)).toEqual(all),
  );
  expect(orders.factory.connections().map(({ state }) => state)).toEqual(Array(10).fill('ready'));

  await publisherOf(testCluster.servers).publish('news', '1');
  for (const key of KEYS) await cluster.spublish(key, '2');
  await eventually(() =>
    expect(messages.sort()).toEqual([
      'message news 1',
      'pmessage n* news 1',
      ...['smessage a 2', 'smessage b 2', 'smessage c 2'],
    ]),
  );
});

test.each(['disconnect', 'quit'] as const)(
  '%s() closes all connections and sets the status to end',
  async (how) => {
    const cluster = orders.open(testCluster.servers, { scaleReads: 'all', shardedSubscribers: true });
    await useAllNodes(cluster);
    await cluster.subscribe('news');
    await cluster.ssubscribe('a');
    await Promise.resolve(cluster[how]());
    await expectNoConnections();
    await eventually(() => expect(cluster.status).toBe('end'));
    cluster.disconnect();
    expect(cluster.status).toBe('end');
    await expect(cluster.get('a')).rejects.toThrow('Connection is closed.');
    await expect(cluster.connect()).resolves.toBeUndefined();
    expect(await cluster.get('a')).toBe('1');
  },
);

test('disconnect() of a Cluster that looks for its nodes ends it and rejects waiting commands', async () => {
  const cluster = orders.open(testCluster.servers, {}, { nodes: addressesOf([{ port: 1 }]) });
  cluster.on('error', () => undefined);
  const waiting = cluster.get('a').catch((error: unknown) => error);
  await eventually(() => expect(cluster.status).toBe('reconnecting'));
  cluster.disconnect();
  expect(await waiting).toEqual(expect.any(Error));
  expect(cluster.status).toBe('end');
});

test('a duplicate is enforced like its original', async () => {
  const cluster = orders.open(testCluster.servers, { scaleReads: 'all' });
  await useAllNodes(cluster);
  const duplicate = cluster.duplicate();
  const messages = recordMessages(duplicate);
  await useAllNodes(duplicate);
  await duplicate.subscribe('news');
  await eventually(async () =>
    expect(await expectLedgerMatchesServers(testCluster.servers, orders.factory)).toEqual([
      SUBSCRIBER_NAME,
      ...Array<string>(12).fill(NODE_NAME),
    ]),
  );
  await publisherOf(testCluster.servers).publish('news', '1');
  await eventually(() => expect(messages).toEqual(['message news 1']));
});

test('without subscriptions there is no subscriber, and unsubscribed channels are not subscribed again', async () => {
  const cluster = orders.open(testCluster.servers);
  const messages = recordMessages(cluster);
  await cluster.set('a', '1');
  await cluster.subscribe('news', 'weather');
  await cluster.unsubscribe('news');
  await killSubscriber();
  await eventually(async () => {
    await publisherOf(testCluster.servers).publish('weather', '1');
    expect(messages).toContain('message weather 1');
  });
  await publisherOf(testCluster.servers).publish('news', '1');
  await cluster.unsubscribe('weather');
  await killSubscriber();
  await eventually(async () =>
    expect(await expectLedgerMatchesServers(testCluster.servers, orders.factory)).not.toContain(
      SUBSCRIBER_NAME,
    ),
  );
  expect(messages.filter((message) => message.includes('news'))).toEqual([]);
});

/** Makes the server close the subscriber, as an administrator would. */
async function killSubscriber(): Promise<void> {
  const row = (await testCluster.servers.rows()).find(({ name }) => name === SUBSCRIBER_NAME);
  await testCluster.servers.nodes
    .find(({ port }) => port === row?.node)
    ?.admin.client('KILL', 'ID', row?.id ?? 0);
}

test('a subscriber that is closed in a loop dials with backoff and subscribes to all channels again', async () => {
  const cluster = orders.open(testCluster.servers);
  const messages = recordMessages(cluster);
  let dials = 0;
  orders.factory.on(
    'connecting',
    ({ connection }) => void (connection.name === SUBSCRIBER_NAME && (dials += 1)),
  );
  await cluster.subscribe('news');
  await cluster.psubscribe('w*');
  const subscribe = vi.spyOn(loadIoredis().Redis.prototype, 'subscribe');
  onTestFinished(() => subscribe.mockRestore());
  const end = Date.now() + 1_500;
  while (Date.now() < end) await killSubscriber();
  expect(dials).toBeLessThan(20);
  await eventually(async () => {
    await publisherOf(testCluster.servers).publish('news', 'last');
    await publisherOf(testCluster.servers).publish('weather', 'last');
    expect(messages).toEqual(expect.arrayContaining(['message news last', 'pmessage w* weather last']));
  });
  expect(new Set(subscribe.mock.calls.map((args) => JSON.stringify(args)))).toEqual(new Set(['[["news"]]'])); // as ioredis
});

test('a startup node with options of its own is enforced too', async () => {
  const [one, two] = [nodeOf(testCluster.servers, 0).port, nodeOf(testCluster.servers, 1).port];
  const own = { host: '127.0.0.1', port: one, connectionName: 'cache' };
  const cluster = orders.open(
    testCluster.servers,
    {},
    { nodes: [own, `redis://127.0.0.1:${two}?connectionName=cache`] },
  );
  await Promise.all(KEYS.map((key) => cluster.set(key, '1')));
  const names = new Set((await testCluster.servers.rows()).map(({ name }) => name));
  expect([...names].sort()).toEqual(['orders@web-1#cache', NODE_NAME]);
});

test('a subclass of the drop-in’s Cluster is enforced like a Cluster of a factory', async () => {
  configure({ service: 'orders', host: 'web-1' });
  class Sessions extends Cluster {}
  const cluster = new Sessions(addressesOf(testCluster.servers.nodes), {
    shardedSubscribers: true,
    scaleReads: 'all',
  });
  await useAllNodes(cluster);
  await cluster.subscribe('news');
  await cluster.ssubscribe('a');
  const all = [SHARDED_SUBSCRIBER_NAME, SUBSCRIBER_NAME, ...Array<string>(6).fill(NODE_NAME)];
  await eventually(async () =>
    expect(await expectLedgerMatchesServers(testCluster.servers, defaultFactory())).toEqual(all),
  );
  expect(cluster).toBeInstanceOf(Sessions);
  await defaultFactory().shutdown();
  expect(cluster.status).toBe('end');
  await eventually(async () => expect(await testCluster.servers.rows()).toEqual([]));
});
