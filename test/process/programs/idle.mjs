// Opens idle connections, and sends a command on request, which gets no reply if the server is frozen.
import { createRedisFactory, installShutdownHooks } from 'redis-hygiene';

const redis = createRedisFactory({ service: 'orders', connection: process.env.REDIS_URL });
const timeoutMs = Number(process.env.TIMEOUT_MS ?? 10_000);
installShutdownHooks(redis, { timeoutMs, onReport: (report) => send({ report }) });
const send = (message) => new Promise((resolve) => process.send(message, resolve));

const clients = [redis.client(), redis.client(), redis.client()];
await Promise.all(clients.map((client) => client.ping()));
process.on('message', (message) => {
  if (message === 'ask') clients[0].get('key').catch(() => undefined);
});
await send('ready');
