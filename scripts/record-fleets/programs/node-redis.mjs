// A pool of node-redis with its default options, and a subscriber.
import { createClient, createClientPool } from 'redis';

const url = `redis://127.0.0.1:${process.argv[2]}`;
const pool = await createClientPool({ url }, { minimum: 8, maximum: 32 }).connect();
const subscriber = await createClient({ url }).connect();
await subscriber.pSubscribe('__keyevent@0__:expired', () => undefined);
for (let round = 0; round < 8; round += 1) {
  await Promise.all(Array.from({ length: 64 }, (_, number) => pool.set(`key:${number}`, round)));
  await new Promise((resolve) => setTimeout(resolve, 500));
}
console.log('ready');
process.stdin.on('end', () => process.exit()).resume();
