// A service in the framework that FRAMEWORK names. Each request takes a reply from Redis, and is counted twice.
import { createRedisFactory, installShutdownHooks } from 'redis-hygiene';

const [connection, shutdownDelayMs] = [process.env.REDIS_URL, Number(process.env.DELAY_MS)];
const counts = { begun: 0, finished: 0 };
const send = (message) => new Promise((resolve) => process.send(message, resolve));
const before = [];
let redis = undefined;

if (process.env.FRAMEWORK !== 'fastify') redis = createRedisFactory({ service: 'orders', connection });

/** Counts what the server itself sees. */
function count(server) {
  server.on('request', (request, response) => {
    if (request.url !== '/') return;
    counts.begun++;
    response.on('finish', () => counts.finished++);
  });
  return server;
}

const services = {
  async http() {
    const { createServer } = await import('node:http');
    const { readyz } = await import('redis-hygiene/express');
    const client = redis.client();
    const ready = readyz(redis);
    const server = createServer(async (request, response) => {
      if (request.url === '/readyz') return ready(request, response);
      response.end(String(await client.incr('requests')));
    });
    return server.listen(0, '127.0.0.1');
  },

  async express() {
    const { default: express } = await import('express');
    const { livez, readyz } = await import('redis-hygiene/express');
    const client = redis.client();
    const app = express();
    app.get('/livez', livez());
    app.get('/readyz', readyz(redis));
    app.get('/', async (_request, response) => response.send(String(await client.incr('requests'))));
    return app.listen(0, '127.0.0.1');
  },

  async koa() {
    const { default: Koa } = await import('koa');
    const { checkReadiness } = await import('redis-hygiene/express');
    const client = redis.client();
    const app = new Koa();
    app.use(async (context) => {
      if (context.path !== '/readyz') {
        context.body = String(await client.incr('requests'));
        return;
      }
      const { statusCode, body } = await checkReadiness(redis);
      context.status = statusCode;
      context.body = body;
    });
    return app.listen(0, '127.0.0.1');
  },

  async hono() {
    const [{ Hono }, { serve }] = [await import('hono'), await import('@hono/node-server')];
    const { checkReadiness } = await import('redis-hygiene/express');
    const client = redis.client();
    const app = new Hono();
    app.get('/readyz', async (context) => {
      const { statusCode, body } = await checkReadiness(redis);
      return context.json(body, statusCode);
    });
    app.get('/', async (context) => context.text(String(await client.incr('requests'))));
    return serve({ fetch: app.fetch, port: 0, hostname: '127.0.0.1' });
  },

  async fastify() {
    const { default: Fastify } = await import('fastify');
    const app = Fastify();
    await app.register(import('redis-hygiene/fastify'), {
      service: 'orders',
      connection,
      readiness: '/readyz',
    });
    redis = app.redis.factory;
    app.get('/', async () => String(await app.redis.client.incr('requests')));
    count(app.server);
    await app.listen({ port: 0, host: '127.0.0.1' });
    return app;
  },
};

const service = await services[process.env.FRAMEWORK]();
const server = service.server ?? count(service);
before.push(service);
installShutdownHooks(redis, {
  before,
  shutdownDelayMs,
  onReport: (report) => send({ counts, before: report.before, forced: report.forced }),
});
if (!server.listening) await new Promise((resolve) => server.once('listening', resolve));
await send(server.address().port);
