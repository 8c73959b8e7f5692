import type { Cluster, ClusterOptions } from 'ioredis';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import {
  createRedisFactory,
  parseConnectionName,
  type FactoryOptions,
  type RedisFactory,
} from '../../src/index.js';
import { startCluster, type NodeRow, type TestCluster } from '../support/cluster.js';
import { eventually } from '../support/eventually.js';
import { startFirewall, type Firewall } from '../support/firewall.js';

// Three masters and three replicas, whose state no test of this file changes.
let servers: TestCluster;
let factory: RedisFactory;

beforeAll(async () => {
  servers = await startCluster();
});
afterAll(() => servers[Symbol.asyncDispose]());
afterEach(() => factory.shutdown());

function open(
  options: ClusterOptions = {},
  settings: Partial<FactoryOptions> = {},
  doors: readonly { readonly port: number }[] = servers.nodes,
): Cluster {
  factory = createRedisFactory({ service: 'orders', host: 'web-1', ...settings });
  return factory.cluster(
    doors.map(({ port }) => ({ host: '127.0.0.1', port })),
    options,
  );
}

/** One key for each of the masters, first to last. */
const KEYS = ['b', 'c', 'a'] as const;

/** Writes to and reads from all nodes, so that each has a socket. */
async function useAllNodes(cluster: Cluster): Promise<void> {
  await Promise.all(KEYS.map((key) => cluster.set(key, '1')));
  await eventually(async () => {
    await Promise.all(KEYS.map((key) => cluster.get(key)));
    expect(cluster.nodes().map(({ status }) => status)).toEqual(Array(6).fill('ready'));
  });
}

const rowText = ({ node, port, id, name }: NodeRow) => `${node} ${port} ${id} ${name}`;

function ledgerTexts(): string[] {
  return factory
    .connections()
    .map(
      ({ target, localPort, clientId, name }) => `${new URL(target).port} ${localPort} ${clientId} ${name}`,
    )
    .sort();
}

/** The ledger and CLIENT LIST of all nodes tell of the same sockets. Gives the names. */
async function namesInBoth(): Promise<string[]> {
  const rows = await servers.rows();
  expect(ledgerTexts()).toEqual(rows.map(rowText).sort());
  rows.forEach(({ name }) =>
    expect(parseConnectionName(name)).toEqual({ service: 'orders', host: 'web-1', role: 'cluster' }),
  );
  return rows.map(({ name }) => name).sort();
}

const NODE = 'orders@web-1#cluster';
const SUBSCRIBER = `ioredis-cluster(subscriber):${NODE}`;
const SHARDED = `ioredis-cluster(ssubscriber):${NODE}`;

async function gone(): Promise<void> {
  await eventually(async () => {
    expect(factory.connections()).toEqual([]);
    expect(await servers.rows()).toEqual([]);
  });
}

function collect(cluster: Cluster): string[] {
  const heard: string[] = [];
  cluster.on('message', (...message) => heard.push(`message ${message.join()}`));
  cluster.on('pmessage', (...message) => heard.push(`pmessage ${message.join()}`));
  cluster.on('smessage', (channel, message) => heard.push(`smessage ${channel},${message}`));
  return heard;
}

const admin = () => servers.nodes[0]?.admin ?? expect.unreachable('There are nodes.');

test('nodes, subscriber and sharded subscribers are named, in the ledger, and known by their ids', async () => {
  const cluster = open({ scaleReads: 'all', shardedSubscribers: true });
  await useAllNodes(cluster);
  await eventually(async () => expect(await namesInBoth()).toEqual(Array(6).fill(NODE)));

  const heard = collect(cluster);
  await cluster.subscribe('news', 'weather');
  await cluster.psubscribe('n*');
  for (const key of KEYS) await cluster.ssubscribe(key);
  const all = [SUBSCRIBER, ...Array<string>(3).fill(SHARDED), ...Array<string>(6).fill(NODE)].sort();
  await eventually(async () => expect(await namesInBoth()).toEqual(all));
  expect(factory.connections().map(({ state }) => state)).toEqual(Array(10).fill('ready'));

  await admin().publish('news', '1');
  for (const key of KEYS) await cluster.spublish(key, '2');
  await eventually(() =>
    expect(heard.sort()).toEqual([
      'message news,1',
      'pmessage n*,news,1',
      ...['smessage a,2', 'smessage b,2', 'smessage c,2'],
    ]),
  );
});

test.each(['disconnect', 'quit'] as const)('%s() leaves nothing, and says so', async (how) => {
  const cluster = open({ scaleReads: 'all', shardedSubscribers: true });
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
  factory = createRedisFactory({ service: 'orders', host: 'web-1' });
  const cluster = factory.cluster([{ host: '127.0.0.1', port: 1 }]);
  cluster.on('error', () => undefined);
  const waiting = cluster.get('a').catch((error: unknown) => error);
  await eventually(() => expect(cluster.status).toBe('reconnecting'));
  cluster.disconnect();
  expect(await waiting).toEqual(expect.any(Error));
  expect(cluster.status).toBe('end');
});

test('a copy is as its original', async () => {
  const cluster = open({ scaleReads: 'all' });
  await useAllNodes(cluster);
  const copy = cluster.duplicate();
  const heard = collect(copy);
  await useAllNodes(copy);
  await copy.subscribe('news');
  await eventually(async () =>
    expect(await namesInBoth()).toEqual([SUBSCRIBER, ...Array<string>(12).fill(NODE)]),
  );
  await admin().publish('news', '1');
  await eventually(() => expect(heard).toEqual(['message news,1']));
});

test('without a subscription there is no subscriber, and what was unsubscribed does not come back', async () => {
  const cluster = open();
  const heard = collect(cluster);
  await cluster.set('a', '1');
  await cluster.subscribe('news', 'weather');
  await cluster.unsubscribe('news');
  await killSubscriber();
  await eventually(async () => {
    await admin().publish('weather', '1');
    expect(heard).toContain('message weather,1');
  });
  await admin().publish('news', '1');
  await cluster.unsubscribe('weather');
  await killSubscriber();
  await eventually(async () => expect(await namesInBoth()).not.toContain(SUBSCRIBER));
  expect(heard.filter((message) => message.includes('news'))).toEqual([]);
});

/** Has the server close it, as an administrator would. */
async function killSubscriber(): Promise<void> {
  const row = (await servers.rows()).find(({ name }) => name === SUBSCRIBER);
  await servers.nodes.find(({ port }) => port === row?.node)?.admin.client('KILL', 'ID', row?.id ?? 0);
}

test('a subscriber that is closed again and again comes back with backoff, with all channels', async () => {
  const cluster = open();
  const heard = collect(cluster);
  let dials = 0;
  factory.on('dialling', ({ connection }) => void (connection.name === SUBSCRIBER && (dials += 1)));
  await cluster.subscribe('news');
  await cluster.psubscribe('w*');
  const end = Date.now() + 1_500;
  while (Date.now() < end) await killSubscriber();
  expect(dials).toBeLessThan(20);
  await eventually(async () => {
    await admin().publish('news', 'last');
    await admin().publish('weather', 'last');
    expect(heard).toEqual(expect.arrayContaining(['message news,last', 'pmessage w*,weather,last']));
  });
});

const IMPATIENT = {
  heartbeatIntervalMs: 1_000,
  heartbeatDeadlineMs: 300,
  stallLimitMs: 1_000,
  reconnectCapMs: 100,
};

/** What the nodes hold is what the ledger knows; behind a firewall the ports differ. */
async function sameIds(): Promise<void> {
  const ids = factory.connections().map(({ clientId, name }) => `${clientId} ${name}`);
  const rows = await servers.rows();
  expect(rows.map(({ id, name }) => `${id} ${name}`).sort()).toEqual(ids.sort());
}

test('a half-open subscriber is found by itself, and what its server still holds is closed', async () => {
  await using firewalls = await startFirewalls();
  // Without a ready check, and among the masters, no node has a socket until there is a command.
  const cluster = open(
    { natMap: firewalls.natMap, enableReadyCheck: false, scaleReads: 'all' },
    IMPATIENT,
    firewalls.all.slice(0, 3),
  );
  const heard = collect(cluster);
  const stale: string[] = [];
  factory.on('stale', ({ connection }) => stale.push(connection.name));
  await cluster.subscribe('news');
  firewalls.all.forEach((firewall) => firewall.forget());

  await eventually(() => expect(stale).toEqual([SUBSCRIBER]), 8_000);
  await eventually(async () => {
    await admin().publish('news', '1');
    expect(heard).toContain('message news,1');
  });
  await useAllNodes(cluster);
  await eventually(sameIds);
});

test('half-open sharded subscribers are found, and what their servers still hold is closed', async () => {
  await using firewalls = await startFirewalls();
  const cluster = open(
    { natMap: firewalls.natMap, shardedSubscribers: true, scaleReads: 'all' },
    IMPATIENT,
    firewalls.all,
  );
  const heard = collect(cluster);
  const stale: string[] = [];
  factory.on('stale', ({ connection }) => stale.push(connection.name));
  await useAllNodes(cluster);
  for (const key of KEYS) await cluster.ssubscribe(key);
  firewalls.all.forEach((firewall) => firewall.forget());

  await eventually(() => expect(stale).toContain(SHARDED), 8_000);
  await eventually(async () => {
    await useAllNodes(cluster);
    for (const key of KEYS) await cluster.spublish(key, '2');
    expect(heard).toEqual(expect.arrayContaining(['smessage a,2', 'smessage b,2', 'smessage c,2']));
  }, 10_000);
  await eventually(sameIds);
});

interface Firewalls extends AsyncDisposable {
  readonly all: readonly Firewall[];
  readonly natMap: Record<string, { readonly host: string; readonly port: number }>;
}

/** One before each node. */
async function startFirewalls(): Promise<Firewalls> {
  const pairs = await Promise.all(
    servers.nodes.map(async ({ port }) => ({
      key: `127.0.0.1:${port}`,
      firewall: await startFirewall({ host: '127.0.0.1', port }),
    })),
  );
  const all = pairs.map(({ firewall }) => firewall);
  return {
    all,
    natMap: Object.fromEntries(
      pairs.map(({ key, firewall }) => [key, { host: '127.0.0.1', port: firewall.port }]),
    ),
    [Symbol.asyncDispose]: async () =>
      void (await Promise.all(all.map((firewall) => firewall[Symbol.asyncDispose]()))),
  };
}
