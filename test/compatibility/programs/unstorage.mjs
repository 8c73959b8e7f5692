import assert from 'node:assert/strict';
import { createStorage } from 'unstorage';
import redisDriver from 'unstorage/drivers/redis';
import { runWork } from './rig/run-work.mjs';

await runWork(async ({ redis }) => {
  const storage = createStorage({ driver: redisDriver(redis.options('unstorage')) });
  await storage.setItem('cart:7', { pears: 3 });
  assert.deepEqual(await storage.getItem('cart:7'), { pears: 3 });
  assert.deepEqual(await storage.getKeys('cart'), ['cart:7']);
  return () => storage.dispose();
});
