// A service that leaks as in the incident: a client for each request, pinged once, never closed, never named.
import { Redis } from 'ioredis';

const abandoned = [];
setInterval(async () => {
  const client = new Redis(process.env.REDIS_URL);
  abandoned.push(client);
  await client.ping();
}, Number(process.env.EVERY_MS));
