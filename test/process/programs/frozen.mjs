// Handles calls as a function does: each message is a call, and the process may be frozen between two of them.
import { createRedisFactory, installShutdownHooks } from 'redis-hygiene';

const redis = createRedisFactory({
  service: 'orders',
  connection: process.env.REDIS_URL,
  profile: 'short-lived',
  heartbeatIntervalMs: 1_000,
});
installShutdownHooks(redis);
const client = redis.client();
const events = [];
for (const name of ['stale', 'stalled', 'error', 'closed']) redis.on(name, () => events.push(name));

process.on('message', async () => {
  await redis.extendTo(3_000);
  await client.incr('calls');
  process.send({ id: await client.client('ID'), events: events.splice(0) });
});
await client.ping();
process.send('ready');
