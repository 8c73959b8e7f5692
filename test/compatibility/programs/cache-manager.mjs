import assert from 'node:assert/strict';
import { createKeyv } from '@keyv/redis';
import { createCache } from 'cache-manager';
import { runWork } from './rig/run-work.mjs';

await runWork(async ({ url }) => {
  const cache = createCache({ stores: [createKeyv(url)] });
  await cache.set('cart', { pears: 3 }, 60_000);
  assert.deepEqual(await cache.get('cart'), { pears: 3 });
});
