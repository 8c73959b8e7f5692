// Registers the metrics from two copies of redis-hygiene, each with a connection of its own, and prints a scrape.
import { createRequire } from 'node:module';
import prometheus from 'prom-client';
import { createRedisFactory } from 'redis-hygiene';
import { registerMetrics } from 'redis-hygiene/prometheus';

const copy = createRequire(import.meta.url);
const options = { service: 'orders', connection: process.env.REDIS_URL };
registerMetrics();
copy('redis-hygiene-copy/prometheus').registerMetrics();
const factories = [createRedisFactory(options), copy('redis-hygiene-copy').createRedisFactory(options)];
await Promise.all(
  factories.map(async (factory) => {
    await factory.client().ping();
    await factory.pool({ max: 1 }).use((client) => client.ping());
  }),
);
console.log(await prometheus.register.metrics());
await Promise.all(factories.map((factory) => factory.shutdown()));
