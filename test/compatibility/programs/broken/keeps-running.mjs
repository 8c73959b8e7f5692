import { runWork } from '../rig/run-work.mjs';

await runWork(async ({ redis }) => {
  await redis.client().ping();
  setInterval(() => undefined, 1_000);
});
