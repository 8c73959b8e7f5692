import { expect, test } from 'vitest';
import { eventually } from '../support/eventually.js';
import { startFirewall, type Firewall } from '../support/firewall.js';
import {
  KEYS,
  SHARDED,
  SUBSCRIBER,
  addressesOf,
  collect,
  publisherOf,
  useAllNodes,
  useFactoryOfClusters,
  useServers,
} from '../support/use-cluster.js';

// Three masters and three replicas, each behind a firewall that can forget its sessions.
const at = useServers();
const orders = useFactoryOfClusters();

interface Firewalls extends AsyncDisposable {
  readonly all: readonly Firewall[];
  readonly natMap: Record<string, { readonly host: string; readonly port: number }>;
}

/** One before each node. */
async function startFirewalls(): Promise<Firewalls> {
  const pairs = await Promise.all(
    at.servers.nodes.map(async ({ port }) => ({
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

const IMPATIENT = {
  heartbeatIntervalMs: 1_000,
  heartbeatDeadlineMs: 300,
  stallLimitMs: 1_000,
  reconnectCapMs: 100,
};

/** What the nodes hold is what the ledger knows; behind a firewall the ports differ. */
async function sameIds(): Promise<void> {
  const ids = orders.factory.connections().map(({ clientId, name }) => `${String(clientId)} ${name}`);
  const rows = await at.servers.rows();
  expect(rows.map(({ id, name }) => `${id} ${name}`).sort()).toEqual(ids.sort());
}

test('a half-open subscriber is found by itself, and what its server still holds is closed', async () => {
  await using firewalls = await startFirewalls();
  // Without a ready check, and among the masters, no node has a socket until there is a command.
  const cluster = orders.open(
    at.servers,
    { natMap: firewalls.natMap, enableReadyCheck: false, scaleReads: 'all' },
    { settings: IMPATIENT, nodes: addressesOf(firewalls.all.slice(0, 3)) },
  );
  const heard = collect(cluster);
  const stale: string[] = [];
  orders.factory.on('stale', ({ connection }) => stale.push(connection.name));
  await cluster.subscribe('news');
  firewalls.all.forEach((firewall) => firewall.forget());

  await eventually(() => expect(stale).toEqual([SUBSCRIBER]), 8_000);
  await eventually(async () => {
    await publisherOf(at.servers).publish('news', '1');
    expect(heard).toContain('message news 1');
  });
  await useAllNodes(cluster);
  await eventually(sameIds);
});

test('half-open sharded subscribers are found, and what their servers still hold is closed', async () => {
  await using firewalls = await startFirewalls();
  const cluster = orders.open(
    at.servers,
    { natMap: firewalls.natMap, shardedSubscribers: true, scaleReads: 'all' },
    { settings: IMPATIENT, nodes: addressesOf(firewalls.all) },
  );
  const heard = collect(cluster);
  const stale: string[] = [];
  orders.factory.on('stale', ({ connection }) => stale.push(connection.name));
  await useAllNodes(cluster);
  for (const key of KEYS) await cluster.ssubscribe(key);
  firewalls.all.forEach((firewall) => firewall.forget());

  await eventually(() => expect(stale).toContain(SHARDED), 8_000);
  await eventually(async () => {
    await useAllNodes(cluster);
    for (const key of KEYS) await cluster.spublish(key, '2');
    expect(heard).toEqual(expect.arrayContaining(['smessage a 2', 'smessage b 2', 'smessage c 2']));
  }, 10_000);
  await eventually(sameIds);
});
