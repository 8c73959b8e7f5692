// Opens a client that does not connect, shuts down, and prints the files of redis-hygiene that were loaded.
import { createRequire } from 'node:module';
import { basename } from 'node:path';
import { createRedisFactory } from 'redis-hygiene';

const redis = createRedisFactory({ service: 'orders' });
redis.client({ lazyConnect: true });
await redis.shutdown();
const files = Object.keys(createRequire(import.meta.url).cache);
console.log(JSON.stringify(files.filter((file) => file.includes('chunks')).map((file) => basename(file))));
