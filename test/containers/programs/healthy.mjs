// A service that does not leak. It has a fixed number of clients, which are named and always in use.
import { Redis } from 'ioredis';
import { hostname } from 'node:os';

const EVERY_MS = 500;
const clients = Array.from(
  { length: Number(process.env.CONNECTIONS) },
  () => new Redis(process.env.REDIS_URL, { connectionName: `${process.env.SERVICE}@${hostname()}` }),
);

const work = () => Promise.all(clients.map((client) => client.incr('visits')));
await work();
setInterval(work, EVERY_MS);
console.log(`opened ${clients.length}`);
