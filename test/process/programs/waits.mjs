// A command that waits for a slot of a full server. Nothing else keeps the process alive: the IPC channel is closed.
import { createRedisFactory, installShutdownHooks } from 'redis-hygiene';

const redis = createRedisFactory({ service: 'orders', connection: process.env.REDIS_URL });
if (process.env.HOOKS) installShutdownHooks(redis, { timeoutMs: 1_000 });
const client = redis.client({ maxRetriesPerRequest: null });
client.on('error', () => undefined);
redis.once('saturated', () => process.send('full', () => process.disconnect()));
console.log(await client.ping().catch((error) => error.message));
client.disconnect();
