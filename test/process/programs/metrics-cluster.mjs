// The primary of a node:cluster prints what two workers with two connections each sum up to.
import cluster from 'node:cluster';
import { once } from 'node:events';
import prometheus from 'prom-client';
import { createRedisFactory } from 'redis-hygiene';
import { registerMetrics } from 'redis-hygiene/prometheus';

if (cluster.isPrimary) {
  const registry = new prometheus.AggregatorRegistry();
  const workers = [cluster.fork(), cluster.fork()];
  await Promise.all(workers.map((worker) => once(worker, 'message')));
  console.log(await registry.clusterMetrics());
  for (const worker of workers) worker.send('stop');
  await Promise.all(workers.map((worker) => once(worker, 'exit')));
} else {
  registerMetrics();
  new prometheus.AggregatorRegistry(); // answers the primary
  const redis = createRedisFactory({ service: 'orders', connection: process.env.REDIS_URL });
  const clients = [redis.client(), redis.client()];
  const pool = redis.pool({ max: 2 });
  await Promise.all([...clients.map((client) => client.ping()), pool.use((client) => client.ping())]);
  process.on('message', async (message) => {
    if (message !== 'stop') return;
    await redis.shutdown();
    process.disconnect();
  });
  process.send('ready');
}
