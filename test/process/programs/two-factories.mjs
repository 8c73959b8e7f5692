// Two factories with hooks: one is done at once, the other one still stops a server that uses both.
import { createRedisFactory, installShutdownHooks } from 'redis-hygiene';

const send = (message) => new Promise((resolve) => process.send(message, resolve));
const quick = createRedisFactory({ service: 'quick', connection: process.env.REDIS_URL });
const slow = createRedisFactory({ service: 'slow', connection: process.env.REDIS_URL });
const clients = [quick.client(), slow.client()];
await Promise.all(clients.map((client) => client.ping()));

installShutdownHooks(quick, { onReport: ({ before }) => send({ quick: before }) });
installShutdownHooks(slow, {
  signals: ['SIGHUP'],
  before: async () => {
    await new Promise((resolve) => setTimeout(resolve, 300));
    await send({ replies: await Promise.all(clients.map((client) => client.ping())) });
    if (process.env.FAILS) throw new Error('before');
  },
  onReport: ({ before }) => send({ slow: before }),
});
await send('ready');
