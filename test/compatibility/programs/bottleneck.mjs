import assert from 'node:assert/strict';
import Bottleneck from 'bottleneck';
import { Redis } from 'ioredis';
import { runWork } from './rig/run-work.mjs';

await runWork(async ({ redis, takes }) => {
  const connection = takes === 'client' && new Bottleneck.IORedisConnection({ client: redis.client() });
  const limiter = new Bottleneck({
    id: 'api',
    reservoir: 2,
    strategy: Bottleneck.strategy.OVERFLOW,
    highWater: 0,
    ...(connection
      ? { connection }
      : { datastore: 'ioredis', Redis, clientOptions: redis.options('bottleneck') }),
  });
  await limiter.ready();
  const results = [1, 2].map((number) => limiter.schedule(() => Promise.resolve(number)));
  assert.deepEqual(await Promise.all(results), [1, 2]);
  assert.equal(await limiter.currentReservoir(), 0);
  return () => limiter.disconnect(false);
});
