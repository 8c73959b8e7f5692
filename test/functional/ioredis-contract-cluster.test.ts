import { Redis as Raw, type Cluster, type ClusterOptions } from 'ioredis';
import { expect, test, vi } from 'vitest';
import { clusterInternals, type ClusterInternals } from '../../src/connect/ioredis/internals.js';
import { loadIoredis } from '../../src/connect/ioredis/load-ioredis.js';
import { eventually } from '../support/eventually.js';

// Internals of ioredis' Cluster that src/connect/cluster uses. These tests run on both majors.

function createLazyCluster(options: ClusterOptions = {}): { cluster: Cluster; internals: ClusterInternals } {
  const { Cluster } = loadIoredis();
  const cluster = new Cluster([{ host: '127.0.0.1', port: 1 }], { lazyConnect: true, ...options });
  return { cluster, internals: clusterInternals(cluster) };
}

test('a Cluster has the internal members that we use', () => {
  const { cluster, internals } = createLazyCluster();
  expect(internals.slots).toEqual([]);
  expect(internals.startupNodes).toEqual([{ host: '127.0.0.1', port: 1 }]);
  expect(internals.connectionPool).toMatchObject({ on: expect.any(Function), reset: expect.any(Function) });
  for (const method of [
    'flushQueue',
    'setStatus',
    'refreshSlotsCache',
    'clearNodesRefreshInterval',
    'handleCloseEvent',
  ] as const) {
    expect(internals[method]).toEqual(expect.any(Function));
  }
  cluster.disconnect();
  expect(internals.manuallyClosing).toBe(true);
});

test('every status of a Cluster is set by setStatus', async () => {
  const { cluster, internals } = createLazyCluster({ clusterRetryStrategy: () => null });
  cluster.on('error', () => undefined);
  const setStatus = vi.spyOn(internals, 'setStatus');
  await cluster.connect().catch(() => undefined);
  await eventually(() => expect(cluster.status).toBe('end'));
  expect(setStatus.mock.calls.map(([status]) => status)).toEqual(['connecting', 'close', 'end']);
});

test('a Cluster selects the client with which it subscribes by selectSubscriber, and disconnects it', async () => {
  const { cluster, internals } = createLazyCluster();
  const { subscriber } = internals;
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

test('sharded subscribers are kept in a Map, and reported by an emitter', () => {
  const { cluster, internals } = createLazyCluster({ shardedSubscribers: true });
  expect(internals.shardedSubscribers?.shardedSubscribers).toBeInstanceOf(Map);
  for (const event of ['-node', 'subscriberConnectFailed']) {
    expect(internals.subscriberGroupEmitter?.listenerCount(event)).toBe(1);
  }
  cluster.disconnect();
});
