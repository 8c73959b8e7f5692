import assert from 'node:assert/strict';
import { RateLimiterRedis } from 'rate-limiter-flexible';
import { runWork } from './rig/run-work.mjs';

await runWork(async ({ redis }) => {
  const limiter = new RateLimiterRedis({ storeClient: redis.client(), points: 2, duration: 60 });
  await limiter.consume('someone');
  await limiter.consume('someone');
  await assert.rejects(limiter.consume('someone'), ({ remainingPoints }) => remainingPoints === 0);
});
