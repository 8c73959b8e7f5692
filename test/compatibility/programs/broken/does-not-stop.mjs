import { runWork } from '../rig/run-work.mjs';

await runWork(async ({ redis }) => {
  await redis.client().ping();
  return () => redis.client().blpop('nothing', 0);
});
