// An HTTP server that is closed before the Redis connections. The request under way still gets its reply from Redis.
import { createServer } from 'node:http';
import { createRedisFactory, installShutdownHooks } from 'redis-hygiene';

const redis = createRedisFactory({ service: 'orders', connection: process.env.REDIS_URL });
const client = redis.client();
const server = createServer({ keepAliveTimeout: 60_000 }, async (_request, response) => {
  send('asked');
  await new Promise((resolve) => setTimeout(resolve, 300));
  response.end(await client.ping());
});
const befores = {
  server,
  function: () => server.close(),
  promise: () => new Promise((done) => server.close(done)),
};
installShutdownHooks(redis, { before: befores[process.env.BEFORE], onReport: (report) => send({ report }) });
const send = (message) => new Promise((resolve) => process.send(message, resolve));

server.listen(0, '127.0.0.1', () => send(server.address().port));
