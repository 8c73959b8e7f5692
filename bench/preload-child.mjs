// A service that knows nothing of the preload: says what it took until its first reply came.
import process from 'node:process';
import { Redis } from 'ioredis';

const redis = new Redis(process.argv[2]);
await redis.ping();
process.send({ ms: performance.now(), cpu: process.cpuUsage() });
await redis.quit();
process.disconnect();
