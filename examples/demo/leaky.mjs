// A service that leaks as in incident 1: it makes an unnamed client for each request, pings it once and never closes it.
import { Redis } from 'ioredis';

const abandoned = [];
setInterval(async () => {
  const client = new Redis(process.env.REDIS_URL);
  abandoned.push(client);
  await client.ping();
}, Number(process.env.EVERY_MS));
