import { expect, test } from 'vitest';
import { eventually } from '../support/eventually.js';
import { startFirewall, type Firewall } from '../support/firewall.js';
import {
  KEYS,
  SHARDED_SUBSCRIBER_NAME,
  SUBSCRIBER_NAME,
  addressesOf,
  recordMessages,
  publisherOf,
  useAllNodes,
  useClusterFactory,
  useCluster,
} from '../support/use-cluster.js';

// Three masters and three replicas, each behind a firewall that can forget its sessions.
const testCluster = useCluster();
const orders = useClusterFactory();

interface Firewalls extends AsyncDisposable {
  readonly all: readonly Firewall[];
  readonly natMap: Record<string, { readonly host: string; readonly port: number }>;
}

/** Starts a firewall in front of each node. */
async function startFirewalls(): Promise<Firewalls> {
  const pairs = await Promise.all(
    testCluster.servers.nodes.map(async ({ port }) => ({
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

const SHORT_HEARTBEAT = {
  heartbeatIntervalMs: 1_000,
  heartbeatDeadlineMs: 300,
  stallLimitMs: 1_000,
  reconnectCapMs: 100,
};

/** Expects the nodes and the ledger to show the same client ids. Ports differ behind a firewall. */
async function expectSameIds(): Promise<void> {
  const ids = orders.factory.connections().map(({ clientId, name }) => `${String(clientId)} ${name}`);
  const rows = await testCluster.servers.rows();
  expect(rows.map(({ id, name }) => `${id} ${name}`).sort()).toEqual(ids.sort());
}

test('a half-open subscriber is detected without commands, and its orphan is reaped', async () => {
  await using firewalls = await startFirewalls();
  // Without a ready check no master has a connection until there is a command.
  const cluster = orders.open(
    testCluster.servers,
    { natMap: firewalls.natMap, enableReadyCheck: false, scaleReads: 'all' },
    { settings: SHORT_HEARTBEAT, nodes: addressesOf(firewalls.all.slice(0, 3)) },
  );
  const messages = recordMessages(cluster);
  const stale: string[] = [];
  orders.factory.on('stale', ({ connection }) => stale.push(connection.name));
  await cluster.subscribe('news');
  firewalls.all.forEach((firewall) => firewall.forget());

  await eventually(() => expect(stale).toEqual([SUBSCRIBER_NAME]), 8_000);
  await eventually(async () => {
    await publisherOf(testCluster.servers).publish('news', '1');
    expect(messages).toContain('message news 1');
  });
  await useAllNodes(cluster);
  await eventually(expectSameIds);
});

test('half-open sharded subscribers are detected, and their orphans are reaped', async () => {
  await using firewalls = await startFirewalls();
  const cluster = orders.open(
    testCluster.servers,
    { natMap: firewalls.natMap, shardedSubscribers: true, scaleReads: 'all' },
    { settings: SHORT_HEARTBEAT, nodes: addressesOf(firewalls.all) },
  );
  const messages = recordMessages(cluster);
  const stale: string[] = [];
  orders.factory.on('stale', ({ connection }) => stale.push(connection.name));
  await useAllNodes(cluster);
  for (const key of KEYS) await cluster.ssubscribe(key);
  firewalls.all.forEach((firewall) => firewall.forget());

  await eventually(() => expect(stale).toContain(SHARDED_SUBSCRIBER_NAME), 8_000);
  await eventually(async () => {
    await useAllNodes(cluster);
    for (const key of KEYS) await cluster.spublish(key, '2');
    expect(messages).toEqual(expect.arrayContaining(['smessage a 2', 'smessage b 2', 'smessage c 2']));
  });
  await eventually(expectSameIds);
});
