import { runWork } from '../rig/run-work.mjs';

await runWork(async ({ redis }) => {
  await redis.client().ping();
  return () => console.error('Error: this library is not made for that version');
});
