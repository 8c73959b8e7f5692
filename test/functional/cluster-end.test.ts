import type { ClusterOptions } from 'ioredis';
import { once } from 'node:events';
import { afterEach, expect, test } from 'vitest';
import { createRedisFactory, type RedisFactory } from '../../src/index.js';
import { eventually } from '../support/eventually.js';
import { inTime } from '../support/in-time.js';

const NOBODY = [{ host: '127.0.0.1', port: 1 }];

let factory: RedisFactory;

afterEach(() => factory.shutdown());

function open(options: ClusterOptions = {}) {
  factory = createRedisFactory({ service: 'orders', host: 'web-1' });
  const cluster = factory.cluster(NOBODY, { clusterRetryStrategy: () => 60_000, ...options });
  cluster.on('error', () => undefined);
  return cluster;
}

test.each([
  ['looks for its nodes', {}, 'connecting'],
  ['has not been asked to connect', { lazyConnect: true }, 'wait'],
  ['waits to connect again', {}, 'reconnecting'],
])('quit() of a Cluster that %s resolves before the Cluster ends', async (_state, options, before) => {
  const cluster = open(options);
  await eventually(() => expect(cluster.status).toBe(before));
  // Called as a timer or a socket would call it: process.nextTick() comes before the promise then.
  const status = await new Promise((resolve) => {
    setImmediate(() => void cluster.quit().then(() => resolve(cluster.status)));
  });
  expect(status).toBe('disconnecting');
  await inTime('the end of the Cluster', once(cluster, 'end'), 5_000);
  expect(cluster.status).toBe('end');
});
