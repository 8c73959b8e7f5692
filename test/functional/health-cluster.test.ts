import { expect, test } from 'vitest';
import type { HealthReport } from '../../src/index.js';
import { startCluster } from '../support/cluster.js';
import { eventually } from '../support/eventually.js';
import { nodeOf, useAllNodes, useClusterFactory } from '../support/use-cluster.js';

const orders = useClusterFactory();

const SHORT_HEARTBEAT = { heartbeatIntervalMs: 1_000, heartbeatDeadlineMs: 300 };

const codesOf = ({ targets }: HealthReport) =>
  targets.flatMap(({ reasons }) => reasons.map(({ code }) => code));

test('a Cluster is one target: up, degraded while a node is down, and down without any node', async () => {
  await using servers = await startCluster();
  const cluster = orders.open(servers, { scaleReads: 'all' }, { settings: SHORT_HEARTBEAT });
  cluster.on('error', () => undefined);
  expect(await orders.factory.health()).toMatchObject({ status: 'down' });
  await orders.factory.ready();
  await useAllNodes(cluster);

  const up = await orders.factory.health();
  expect([up.status, up.targets.map(({ connections }) => connections.ready)]).toEqual(['up', [6]]);
  const ports = servers.nodes.slice(0, 3).map(({ port }) => `127.0.0.1:${port}`);
  expect(up.targets[0]?.target).toBe(`redis://${ports.join(',')},…`);

  const replica = nodeOf(servers, 5);
  await replica.kill();
  await eventually(async () => {
    const report = await orders.factory.health();
    expect([report.status, ...codesOf(report)]).toEqual(['degraded', 'node-down']);
    expect(report.targets[0]?.reasons[0]?.message).toContain(`redis://127.0.0.1:${replica.port}`);
  });

  await Promise.all(servers.nodes.map((node) => node.kill()));
  await eventually(async () => {
    const report = await orders.factory.health();
    expect([report.status, ...codesOf(report)]).toEqual(['down', 'cluster-not-ready']);
  }, 20_000);
  await expect(orders.factory.ready({ timeoutMs: 200 })).rejects.toMatchObject({
    code: 'HYG_NOT_READY',
    details: { missing: [{ role: 'cluster', target: up.targets[0]?.target }] },
  });
});

test('a node that hangs degrades a Cluster', async () => {
  await using servers = await startCluster();
  const cluster = orders.open(servers, { scaleReads: 'all' }, { settings: SHORT_HEARTBEAT });
  cluster.on('error', () => undefined);
  await useAllNodes(cluster);
  const hung = nodeOf(servers, 4);
  // Soon after this event the Cluster drops the node, because the other nodes agree that it has failed.
  const report = new Promise<HealthReport>((resolve) => {
    orders.factory.once('stalled', () => resolve(orders.factory.health({ timeoutMs: 50 })));
  });
  await hung.pause();
  expect((await report).status).toBe('degraded');
  expect(codesOf(await report)).toEqual(['node-down', 'stalled']);
  await hung.resume();
  await eventually(async () => expect(await orders.factory.health()).toMatchObject({ status: 'up' }), 20_000);
});

test('a Cluster that is lazy, or has ended, is nothing that was opened', async () => {
  await using servers = await startCluster();
  const cluster = orders.open(servers, { lazyConnect: true });
  expect(await orders.factory.health()).toMatchObject({ status: 'up', targets: [] });
  await orders.factory.ready({ timeoutMs: 1 });
  await cluster.connect();
  await cluster.quit();
  await eventually(async () =>
    expect(await orders.factory.health()).toMatchObject({ status: 'up', targets: [] }),
  );
});
