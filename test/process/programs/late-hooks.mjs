// Hooks that are installed during the shutdown: by a before step, and by the report of the hooks that this step installed.
import { createRedisFactory, installShutdownHooks } from 'redis-hygiene';

const send = (message) => new Promise((resolve) => process.send(message, resolve));

async function openWithHooks(service, options) {
  const redis = createRedisFactory({ service, connection: process.env.REDIS_URL });
  await redis.client().ping();
  installShutdownHooks(redis, options);
}

const report = (name) => (reported) => send({ name, before: reported.before, closed: reported.closed });

const last = { before: () => undefined, onReport: report('last') };
const second = {
  before: () => new Promise((resolve) => setTimeout(resolve, 100)),
  async onReport(reported) {
    await report('second')(reported);
    await openWithHooks('last', last);
  },
};
await openWithHooks('first', { before: () => openWithHooks('second', second), onReport: report('first') });
await send('ready');
