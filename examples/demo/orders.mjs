// A service that uses the factory. With two more lines, every connection is named, counted and closed.
import { createRedisFactory, installShutdownHooks } from 'redis-hygiene';

process.once('disconnect', () => process.exit()); // the demo has ended

const redis = createRedisFactory({ service: 'orders', host: 'web-1', connection: process.env.REDIS_URL });
installShutdownHooks(redis, { onReport: (report) => new Promise((sent) => process.send(report, sent)) });

const client = redis.client();
const events = client.duplicate({ connectionName: 'events' });
await events.subscribe('orders');
setInterval(() => client.incr('orders'), 50);
