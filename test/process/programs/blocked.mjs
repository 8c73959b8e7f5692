// A consumer that is blocked in BLPOP 0, and an idle client.
import { createRedisFactory, installShutdownHooks } from 'redis-hygiene';

const redis = createRedisFactory({ service: 'orders', connection: process.env.REDIS_URL });
installShutdownHooks(redis, { onReport: (report) => send({ report }) });
const send = (message) => new Promise((resolve) => process.send(message, resolve));

const [client, consumer] = [redis.client(), redis.client()];
await Promise.all([client.ping(), consumer.ping()]);
consumer.blpop('nothing', 0).catch(() => undefined);
await send('ready');
