import { Redlock } from '@sesamecare-oss/redlock';
import { useLock } from './rig/lock.mjs';
import { runWork } from './rig/run-work.mjs';

await runWork(async ({ redis }) => {
  const client = redis.client();
  await useLock(new Redlock([client], { retryCount: 1, retryDelay: 10 }), client);
});
