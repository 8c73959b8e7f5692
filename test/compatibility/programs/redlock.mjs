import { createRequire } from 'node:module';
import { useLock } from './rig/lock.mjs';
import { runWork } from './rig/run-work.mjs';

const { default: Redlock } = createRequire(import.meta.url)('redlock');

await runWork(async ({ redis }) => {
  const client = redis.client();
  await useLock(new Redlock([client], { retryCount: 1, retryDelay: 10 }), client);
});
