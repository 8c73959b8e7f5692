// A service that leaks: it makes a client for each request and never closes it. With SECOND, every other request uses a
// second factory of the same process.
import { createServer } from 'node:http';
import { createRedisFactory } from 'redis-hygiene';

const options = { service: 'orders', connection: process.env.REDIS_URL };
const factories = [createRedisFactory(options)];
if (process.env.SECOND) factories.push(createRedisFactory(options));
for (const [index, redis] of factories.entries()) {
  redis.on('suspect', ({ location, count, limit }) =>
    process.send({ suspect: { factory: index, location, count, limit } }),
  );
}

let requests = 0;

async function handleRequest() {
  const redis = factories[requests++ % factories.length];
  return redis.client().incr('requests');
}

const server = createServer((_request, response) => {
  handleRequest().then(
    (count) => response.end(`${count}`),
    ({ code, message, details }) => response.writeHead(500).end(JSON.stringify({ code, message, details })),
  );
});
server.listen(0, '127.0.0.1', () => process.send({ port: server.address().port }));

process.on('message', async () => {
  server.close();
  server.closeAllConnections();
  await Promise.all(factories.map((redis) => redis.shutdown()));
  process.disconnect();
});
