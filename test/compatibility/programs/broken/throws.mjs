import assert from 'node:assert/strict';
import { runWork } from '../rig/run-work.mjs';

await runWork(async ({ redis }) => {
  assert.equal(await redis.client().incr('visits'), 7, 'The number of visits is wrong');
});
