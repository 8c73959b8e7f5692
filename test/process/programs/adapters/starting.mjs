// A Fastify application that is told to stop while its start waits for a Redis that is away.
import Fastify from 'fastify';
import { createRedisFactory, installShutdownHooks } from 'redis-hygiene';

const factory = createRedisFactory({ service: 'orders', connection: process.env.REDIS_URL });
factory.on('error', () => undefined);
const app = Fastify();
installShutdownHooks(factory, {
  before: app,
  onReport: ({ before }) => new Promise((resolve) => process.send({ before }, resolve)),
});
app.register(import('redis-hygiene/fastify'), { factory, clients: { sessions: {} }, ready: true });
app.ready().catch(() => undefined);
const opened = setInterval(() => {
  if (factory.connections().length === 0) return;
  clearInterval(opened);
  process.send('starting'); // the plugin has opened its client, and waits
}, 10);
