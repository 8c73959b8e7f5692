import { expect, test } from 'vitest';
import { Cluster, configure, defaultFactory } from '../../src/dropin/index.js';
import { eventually } from '../support/eventually.js';
import {
  KEYS,
  NODE,
  SHARDED,
  SUBSCRIBER,
  addressesOf,
  nodeOf,
  collect,
  publisherOf,
  sameInBoth,
  useAllNodes,
  useFactoryOfClusters,
  useServers,
} from '../support/use-cluster.js';

// Three masters and three replicas, whose state no test of this file changes.
const at = useServers();
const orders = useFactoryOfClusters();

async function gone(): Promise<void> {
  await eventually(async () => {
    expect(orders.factory.connections()).toEqual([]);
    expect(await at.servers.rows()).toEqual([]);
  });
}

test('nodes, subscriber and sharded subscribers are named, in the ledger, and known by their ids', async () => {
  const cluster = orders.open(at.servers, { scaleReads: 'all', shardedSubscribers: true });
  await useAllNodes(cluster);
  await eventually(async () =>
    expect(await sameInBoth(at.servers, orders.factory)).toEqual(Array(6).fill(NODE)),
  );

  const heard = collect(cluster);
  await cluster.subscribe('news', 'weather');
  await cluster.psubscribe('n*');
  for (const key of KEYS) await cluster.ssubscribe(key);
  const all = [SUBSCRIBER, ...Array<string>(3).fill(SHARDED), ...Array<string>(6).fill(NODE)].sort();
  await eventually(async () => expect(await sameInBoth(at.servers, orders.factory)).toEqual(all));
  expect(orders.factory.connections().map(({ state }) => state)).toEqual(Array(10).fill('ready'));

  await publisherOf(at.servers).publish('news', '1');
  for (const key of KEYS) await cluster.spublish(key, '2');
  await eventually(() =>
    expect(heard.sort()).toEqual([
      'message news 1',
      'pmessage n* news 1',
      ...['smessage a 2', 'smessage b 2', 'smessage c 2'],
    ]),
  );
});

test.each(['disconnect', 'quit'] as const)('%s() leaves nothing, and says so', async (how) => {
  const cluster = orders.open(at.servers, { scaleReads: 'all', shardedSubscribers: true });
  await useAllNodes(cluster);
  await cluster.subscribe('news');
  await cluster.ssubscribe('a');
  await Promise.resolve(cluster[how]());
  await gone();
  await eventually(() => expect(cluster.status).toBe('end'));
  cluster.disconnect();
  expect(cluster.status).toBe('end');
  await expect(cluster.get('a')).rejects.toThrow('Connection is closed.');
  await expect(cluster.connect()).resolves.toBeUndefined();
  expect(await cluster.get('a')).toBe('1');
});

test('disconnect() of a Cluster that looks for its nodes ends it, and rejects what waits', async () => {
  const cluster = orders.open(at.servers, {}, { nodes: addressesOf([{ port: 1 }]) });
  cluster.on('error', () => undefined);
  const waiting = cluster.get('a').catch((error: unknown) => error);
  await eventually(() => expect(cluster.status).toBe('reconnecting'));
  cluster.disconnect();
  expect(await waiting).toEqual(expect.any(Error));
  expect(cluster.status).toBe('end');
});

test('a copy is as its original', async () => {
  const cluster = orders.open(at.servers, { scaleReads: 'all' });
  await useAllNodes(cluster);
  const copy = cluster.duplicate();
  const heard = collect(copy);
  await useAllNodes(copy);
  await copy.subscribe('news');
  await eventually(async () =>
    expect(await sameInBoth(at.servers, orders.factory)).toEqual([
      SUBSCRIBER,
      ...Array<string>(12).fill(NODE),
    ]),
  );
  await publisherOf(at.servers).publish('news', '1');
  await eventually(() => expect(heard).toEqual(['message news 1']));
});

test('without a subscription there is no subscriber, and what was unsubscribed does not come back', async () => {
  const cluster = orders.open(at.servers);
  const heard = collect(cluster);
  await cluster.set('a', '1');
  await cluster.subscribe('news', 'weather');
  await cluster.unsubscribe('news');
  await killSubscriber();
  await eventually(async () => {
    await publisherOf(at.servers).publish('weather', '1');
    expect(heard).toContain('message weather 1');
  });
  await publisherOf(at.servers).publish('news', '1');
  await cluster.unsubscribe('weather');
  await killSubscriber();
  await eventually(async () =>
    expect(await sameInBoth(at.servers, orders.factory)).not.toContain(SUBSCRIBER),
  );
  expect(heard.filter((message) => message.includes('news'))).toEqual([]);
});

/** Has the server close it, as an administrator would. */
async function killSubscriber(): Promise<void> {
  const row = (await at.servers.rows()).find(({ name }) => name === SUBSCRIBER);
  await at.servers.nodes.find(({ port }) => port === row?.node)?.admin.client('KILL', 'ID', row?.id ?? 0);
}

test('a subscriber that is closed again and again comes back with backoff, with all channels', async () => {
  const cluster = orders.open(at.servers);
  const heard = collect(cluster);
  let dials = 0;
  orders.factory.on('connecting', ({ connection }) => void (connection.name === SUBSCRIBER && (dials += 1)));
  await cluster.subscribe('news');
  await cluster.psubscribe('w*');
  const end = Date.now() + 1_500;
  while (Date.now() < end) await killSubscriber();
  expect(dials).toBeLessThan(20);
  await eventually(async () => {
    await publisherOf(at.servers).publish('news', 'last');
    await publisherOf(at.servers).publish('weather', 'last');
    expect(heard).toEqual(expect.arrayContaining(['message news last', 'pmessage w* weather last']));
  });
});

test('a node that is given with options of its own is enforced too', async () => {
  const [one, two] = [nodeOf(at.servers, 0).port, nodeOf(at.servers, 1).port];
  const own = { host: '127.0.0.1', port: one, connectionName: 'cache' };
  const cluster = orders.open(
    at.servers,
    {},
    { nodes: [own, `redis://127.0.0.1:${two}?connectionName=cache`] },
  );
  await Promise.all(KEYS.map((key) => cluster.set(key, '1')));
  const names = new Set((await at.servers.rows()).map(({ name }) => name));
  expect([...names].sort()).toEqual(['orders@web-1#cache', NODE]);
});

test('a Cluster of the drop-in, and a subclass of it, are as those of a factory', async () => {
  configure({ service: 'orders', host: 'web-1' });
  class Sessions extends Cluster {}
  const cluster = new Sessions(addressesOf(at.servers.nodes), {
    shardedSubscribers: true,
    scaleReads: 'all',
  });
  await useAllNodes(cluster);
  await cluster.subscribe('news');
  await cluster.ssubscribe('a');
  const all = [SHARDED, SUBSCRIBER, ...Array<string>(6).fill(NODE)];
  await eventually(async () => expect(await sameInBoth(at.servers, defaultFactory())).toEqual(all));
  expect(cluster).toBeInstanceOf(Sessions);
  await defaultFactory().shutdown();
  expect(cluster.status).toBe('end');
  await eventually(async () => expect(await at.servers.rows()).toEqual([]));
});
