// Closes its clients with quit() and ends by itself, because no connection to a sentinel keeps the process alive.
import { createRedisFactory } from 'redis-hygiene';

const redis = createRedisFactory({ service: 'orders', connection: JSON.parse(process.env.CONNECTION) });
const clients = [redis.client(), redis.client({ role: 'slave' })];
await Promise.all(clients.map((client) => client.ping()));
const pause = () => new Promise((resolve) => setTimeout(resolve, 10));
const watchers = () => redis.connections().filter(({ role }) => role === 'sentinel');
// The search for the master has a connection of its own for a moment.
const isWatched = () =>
  watchers().length === 3 &&
  new Set(watchers().map(({ target }) => target)).size === 3 &&
  watchers().every(({ state }) => state === 'ready');
while (!isWatched()) await pause();
await clients[0].quit();
while (clients[0].status !== 'end') await pause();
const between = watchers().length;
await clients[1].quit();
process.send({ between });
while (watchers().length > 0) await pause();
process.disconnect();
