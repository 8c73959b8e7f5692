import { Redis as Raw, type Cluster, type ClusterOptions } from 'ioredis';
import { expect, test, vi } from 'vitest';
import { clusterInternals, type ClusterInternals } from '../../src/connect/ioredis/internals.js';
import { ioredis } from '../../src/connect/ioredis/load-ioredis.js';
import { eventually } from '../support/eventually.js';

// What src/connect/cluster uses of ioredis' Cluster beyond its public types, on both majors.

function dormantCluster(options: ClusterOptions = {}): { cluster: Cluster; parts: ClusterInternals } {
  const { Cluster } = ioredis();
  const cluster = new Cluster([{ host: '127.0.0.1', port: 1 }], { lazyConnect: true, ...options });
  return { cluster, parts: clusterInternals(cluster) };
}

test('a Cluster has the parts that we use', () => {
  const { cluster, parts } = dormantCluster();
  expect(parts.startupNodes).toEqual([{ host: '127.0.0.1', port: 1 }]);
  expect(parts.connectionPool).toMatchObject({ on: expect.any(Function), reset: expect.any(Function) });
  for (const method of [
    'flushQueue',
    'setStatus',
    'refreshSlotsCache',
    'clearNodesRefreshInterval',
    'handleCloseEvent',
  ] as const) {
    expect(parts[method]).toEqual(expect.any(Function));
  }
  cluster.disconnect();
  expect(parts.manuallyClosing).toBe(true);
});

test('every status of a Cluster comes by way of setStatus', async () => {
  const { cluster, parts } = dormantCluster({ clusterRetryStrategy: () => null });
  cluster.on('error', () => undefined);
  const setStatus = vi.spyOn(parts, 'setStatus');
  await cluster.connect().catch(() => undefined);
  await eventually(() => expect(cluster.status).toBe('end'));
  expect(setStatus.mock.calls.map(([status]) => status)).toEqual(['connecting', 'close', 'end']);
});

test('a Cluster selects the client with which it subscribes by its selectSubscriber, and disconnects it', async () => {
  const { cluster, parts } = dormantCluster();
  const { subscriber } = parts;
  expect([subscriber.subscriber, subscriber.isStarted()]).toEqual([null, false]);
  const client = new Raw({ lazyConnect: true });
  subscriber.selectSubscriber = vi.fn(() => (subscriber.subscriber = client));
  cluster.on('error', () => undefined);
  await cluster.connect().catch(() => undefined);
  expect(subscriber.isStarted()).toBe(true);
  expect(subscriber.selectSubscriber).toHaveBeenCalled();
  cluster.disconnect();
  expect([client.status, subscriber.subscriber]).toEqual(['end', null]);
});

test('sharded subscribers are entered in a Map, and told of on an emitter', () => {
  const { cluster, parts } = dormantCluster({ shardedSubscribers: true });
  expect(parts.shardedSubscribers?.shardedSubscribers).toBeInstanceOf(Map);
  for (const event of ['-node', 'subscriberConnectFailed']) {
    expect(parts.subscriberGroupEmitter?.listenerCount(event)).toBe(1);
  }
  cluster.disconnect();
});
