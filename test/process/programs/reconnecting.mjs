// A client that reconnects to a dead port without end, while a command waits.
import { createRedisFactory, installShutdownHooks } from 'redis-hygiene';

const redis = createRedisFactory({ service: 'orders', connection: 'redis://127.0.0.1:1' });
installShutdownHooks(redis, { onReport: (report) => send({ report, rejected }) });
const send = (message) => new Promise((resolve) => process.send(message, resolve));

let rejected;
const client = redis.client({ maxRetriesPerRequest: null, retryStrategy: () => 5000 });
client.on('error', () => undefined);
client.get('key').catch((error) => (rejected = error.code));
redis.once('reconnecting', () => send('ready'));
