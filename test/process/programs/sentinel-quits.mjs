// Says goodbye with quit() alone, and ends by itself: no connection to a sentinel holds the process.
import { createRedisFactory } from 'redis-hygiene';

const redis = createRedisFactory({ service: 'orders', connection: JSON.parse(process.env.CONNECTION) });
const clients = [redis.client(), redis.client({ role: 'slave' })];
await Promise.all(clients.map((client) => client.ping()));
const watchers = () => redis.connections().filter(({ role }) => role === 'sentinel');
while (watchers().filter(({ state }) => state === 'ready').length < 3)
  await new Promise((resolve) => setTimeout(resolve, 20));
await clients[0].quit();
const between = watchers().length;
await clients[1].quit();
process.send({ between, after: watchers().length });
process.disconnect();
