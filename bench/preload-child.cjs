// The program of preload-child.mjs in CommonJS.
const process = require('node:process');
const { Redis } = require('ioredis');

const redis = new Redis(process.argv[2]);
redis.ping().then(async () => {
  process.send({ ms: performance.now(), cpu: process.cpuUsage() });
  await redis.quit();
  process.disconnect();
});
