import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, expect, test } from 'vitest';
import type { HygieneError, SuspectEvent } from '../../src/index.js';
import { processConnectionCounts } from '../../src/ledger/connection-counts.js';
import { eventually } from '../support/eventually.js';
import { expectNothingCounted, full } from '../support/use-budget.js';
import { addressesOf, nodeOf, useAllNodes, useClusterFactory, useCluster } from '../support/use-cluster.js';

const at = useCluster();
const orders = useClusterFactory();

// afterEach hooks run in reverse order.
afterEach(() => eventually(async () => expect(await at.servers.rows()).toEqual([])));
expectNothingCounted(() => orders.factory.shutdown());

function recordErrors(): HygieneError[] {
  const errors: HygieneError[] = [];
  orders.factory.on('error', (error) => errors.push(error));
  return errors;
}

test('each node is counted for the line that opened the Cluster, but does not make it a suspect', async () => {
  const suspects: SuspectEvent[] = [];
  const cluster = orders.open(
    at.servers,
    { scaleReads: 'all', shardedSubscribers: true, slotsRefreshInterval: 50 },
    { settings: { limits: { perCallSite: 1 } } },
  );
  orders.factory.on('suspect', (event) => suspects.push(event));
  await useAllNodes(cluster);
  await cluster.subscribe('news');
  await cluster.ssubscribe('a');
  await sleep(300); // several slot refreshes
  await eventually(() => {
    expect(processConnectionCounts.used).toBe(orders.factory.connections().length);
    expect(processConnectionCounts.byRole()).toEqual({ cluster: processConnectionCounts.used });
    expect(processConnectionCounts.used).toBeGreaterThan(7);
  });
  await eventually(() => {
    const { used } = processConnectionCounts;
    expect(processConnectionCounts.byCallSite()).toEqual([
      { location: expect.stringContaining('use-cluster.ts:'), count: used },
    ]);
  });
  expect(suspects).toEqual([]);
});

test('opening a Cluster throws if the budget is full, unless the Cluster is lazy', async () => {
  const cluster = orders.open(
    at.servers,
    { scaleReads: 'all' },
    { settings: { limits: { connections: 6 } } },
  );
  await useAllNodes(cluster);
  await eventually(() => expect(processConnectionCounts.used).toBe(6));
  expect(() => orders.factory.cluster(addressesOf(at.servers.nodes))).toThrow(full);
  expect(() => cluster.duplicate()).toThrow(full);
  const lazy = orders.factory.cluster(addressesOf(at.servers.nodes), { lazyConnect: true });
  expect(lazy.status).toBe('wait');
  lazy.disconnect();
});

test('a Cluster whose first node exceeds the budget fails as if no node were reachable, and the factory emits an error', async () => {
  const cluster = orders.open(
    at.servers,
    { lazyConnect: true, clusterRetryStrategy: (times) => (times < 20 ? 20 : null) },
    { settings: { limits: { connections: 2 }, connection: { port: nodeOf(at.servers, 0).port } } },
  );
  const errors = recordErrors();
  cluster.on('error', () => undefined);
  const clients = [orders.factory.client(), orders.factory.client()];
  await Promise.all(clients.map((client) => client.ping()));

  const start = Date.now();
  const outcomes = await Promise.allSettled([cluster.connect(), cluster.get('a'), cluster.set('b', '1')]);
  // On a busy machine the retries take longer than commands wait for the budget.
  const reasons = outcomes.map((outcome) => outcome.status === 'rejected' && String(outcome.reason));
  const either = expect.stringMatching(
    /None of startup nodes is available|limits\.connections is 2/,
  ) as unknown;
  expect(reasons).toEqual([either, either, either]);
  await eventually(() => expect(cluster.status).toBe('end'));
  expect(orders.factory.connections()).toHaveLength(2);
  await eventually(() => expect(errors.length).toBeGreaterThan(0));
  // One event per second, however often the Cluster retries. The retries take half a second, or longer on a busy machine.
  expect(errors.length).toBeLessThanOrEqual(2 + Math.ceil((Date.now() - start) / 1_000));
  expect(errors[0]).toMatchObject({ code: 'HYG_LIMIT_CONNECTIONS', details: { limit: 2, used: 2 } });
  expect(errors[0]?.message).toContain('(2 command)');
});

test('a Cluster connects to its nodes as soon as the budget allows it', async () => {
  const cluster = orders.open(
    at.servers,
    { lazyConnect: true, clusterRetryStrategy: () => 20 },
    { settings: { limits: { connections: 8 }, connection: { port: nodeOf(at.servers, 0).port } } },
  );
  cluster.on('error', () => undefined);
  const clients = Array.from({ length: 8 }, () => orders.factory.client());
  await Promise.all(clients.map((client) => client.ping()));
  const reply = cluster.set('a', '1');
  await sleep(100);
  clients.forEach((client) => client.disconnect());
  expect(await reply).toBe('OK');
});

test('a Cluster refreshes its slots even if the budget is full', async () => {
  const cluster = orders.open(
    at.servers,
    { scaleReads: 'all', slotsRefreshInterval: 20 },
    { settings: { limits: { connections: 7 }, connection: { port: nodeOf(at.servers, 0).port } } },
  );
  await useAllNodes(cluster);
  await eventually(() => expect(processConnectionCounts.used).toBe(6));
  await orders.factory.client().ping();
  const errors = recordErrors();
  let refreshes = 0;
  cluster.on('refresh', () => (refreshes += 1));
  await eventually(() => expect(refreshes).toBeGreaterThan(5));
  expect(() => orders.factory.client()).toThrow(full);
  expect(errors).toEqual([]);
});

test('no command waits forever if the budget is too small for all nodes of a Cluster', async () => {
  const cluster = orders.open(
    at.servers,
    { scaleReads: 'all', clusterRetryStrategy: () => 20 },
    { settings: { limits: { connections: 5 } } },
  );
  const errors = recordErrors();
  cluster.on('error', () => undefined);
  const outcomes = await Promise.allSettled(
    Array.from({ length: 60 }, (_, index) => cluster.get(`key-${index}`)),
  );
  const fulfilled = outcomes.filter(({ status }) => status === 'fulfilled');
  expect(fulfilled.length).toBeGreaterThan(0);
  expect(processConnectionCounts.used).toBeLessThanOrEqual(6);
  await eventually(() => expect(errors[0]).toEqual(full));
  const rejected = outcomes.filter((outcome) => outcome.status === 'rejected');
  expect(new Set(rejected.map(({ reason }) => (reason as Partial<HygieneError>).code))).toEqual(
    new Set(rejected.length > 0 ? ['HYG_LIMIT_CONNECTIONS'] : []),
  );
});

test.for([1, 2])(
  'commands are rejected with the error of the budget if it is too small to reach all masters: %i connections, all nodes given',
  async (connections) => {
    const cluster = orders.open(at.servers, {}, { settings: { limits: { connections } } });
    recordErrors();
    cluster.on('error', () => undefined);
    const outcomes = await Promise.allSettled(
      Array.from({ length: 60 }, (_, index) => cluster.set(`key-${index}`, '1')),
    );
    const rejected = outcomes.filter((outcome) => outcome.status === 'rejected');
    expect(rejected.length).toBeGreaterThan(0);
    expect(rejected.map(({ reason }) => reason as unknown)).toEqual(rejected.map(() => full));
    // With room for the slots and one node, the commands of that node succeed.
    expect(rejected.length === 60).toBe(connections === 1);
  },
);

test('a node that no command goes to is not dialled, whether it is a master or a replica', async () => {
  const cluster = orders.open(at.servers);
  await cluster.set('a', '1');
  await cluster.set('a', '2');
  await eventually(() =>
    expect(cluster.nodes('slave').map(({ status }) => status)).toEqual(Array(3).fill('wait')),
  );
  const replica = cluster.nodes('slave')[0];
  expect(await replica?.readonly()).toBe('OK'); // dials nothing
  expect(replica?.status).toBe('wait');
  expect(await replica?.readwrite()).toBe('OK'); // differs from its options, so it is sent
  expect(replica?.status).toBe('ready');
});
