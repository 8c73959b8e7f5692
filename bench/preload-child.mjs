// A service that knows nothing of the preload: says how many milliseconds after its process its first reply came.
import process from 'node:process';
import { Redis } from 'ioredis';

const redis = new Redis(process.argv[2]);
await redis.ping();
process.send(performance.now());
await redis.quit();
process.disconnect();
