// The same in CommonJS.
const process = require('node:process');
const { Redis } = require('ioredis');

const redis = new Redis(process.argv[2]);
redis.ping().then(async () => {
  process.send(performance.now());
  await redis.quit();
  process.disconnect();
});
