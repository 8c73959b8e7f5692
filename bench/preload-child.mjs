// A service without any code for the preload. Reports the time until its first reply.
import process from 'node:process';
import { Redis } from 'ioredis';

const redis = new Redis(process.argv[2]);
await redis.ping();
process.send({ ms: performance.now(), cpu: process.cpuUsage() });
await redis.quit();
process.disconnect();
