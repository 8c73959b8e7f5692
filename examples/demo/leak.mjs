// The leak of incident 1: an unnamed client for each request, which is pinged once and never closed.
import { Redis } from 'ioredis';

process.once('disconnect', () => process.exit()); // the demo has ended

const abandoned = [];

/** Serves this many requests, one every `everyMs`. The connections stay open after the last one. */
export function serveRequests(count, everyMs) {
  const timer = setInterval(async () => {
    const client = new Redis(process.env.REDIS_URL);
    abandoned.push(client);
    if (abandoned.length === count) clearInterval(timer);
    await client.ping();
  }, everyMs);
}
