import assert from 'node:assert/strict';
import { redisInsStore, redisStore } from 'cache-manager-ioredis-yet';
import { runWork } from './rig/run-work.mjs';

await runWork(async ({ redis, takes }) => {
  const store =
    takes === 'client' ? redisInsStore(redis.client(), {}) : await redisStore(redis.options('cache'));
  await store.set('cart', { pears: 3 }, 60_000);
  assert.deepEqual(await store.get('cart'), { pears: 3 });
  assert.ok((await store.ttl('cart')) > 50_000);
  return takes === 'client' ? undefined : () => store.client.quit();
});
