import { runWork } from '../rig/run-work.mjs';

await runWork(async ({ redis }) => {
  await redis.client().blpop('nothing', 0);
});
