// A service that uses the factory. Its connections have names, and on SIGTERM its work stops before they are closed.
import { createRedisFactory, installShutdownHooks } from 'redis-hygiene';

process.once('disconnect', () => process.exit()); // the demo has ended

const redis = createRedisFactory({ service: 'orders', host: 'web-1', connection: process.env.REDIS_URL });
const client = redis.client();
const work = setInterval(() => client.incr('orders'), 50);
installShutdownHooks(redis, {
  before: () => clearInterval(work),
  onReport: (report) => new Promise((sent) => process.send(report, sent)),
});

const events = client.duplicate({ connectionName: 'events' });
await events.subscribe('orders');
