// Sends 1000 commands when the signal arrives, and counts their replies.
import { createRedisFactory, installShutdownHooks } from 'redis-hygiene';

const redis = createRedisFactory({ service: 'orders', connection: process.env.REDIS_URL });
installShutdownHooks(redis, { onReport: (report) => send({ report, replies }) });
const send = (message) => new Promise((resolve) => process.send(message, resolve));

let replies = 0;
const client = redis.client();
await client.ping();
process.once('SIGTERM', () => {
  for (let index = 0; index < 1000; index++) client.set(`key:${index}`, index).then(() => replies++);
});
await send('ready');
