import assert from 'node:assert/strict';
import { once } from 'node:events';
import Queue from 'bee-queue';
import { Redis } from 'ioredis';
import { runWork } from './rig/run-work.mjs';

await runWork(async ({ redis, takes }) => {
  const client = takes === 'client' && redis.client();
  // bee-queue tells a client by the name of its constructor, which is EventEmitter in ioredis 5 and later.
  if (client) Object.defineProperty(client, 'constructor', { value: Redis });
  const queue = new Queue('mails', { redis: client || redis.options('bee-queue') });
  await queue.ready();
  queue.process(({ data }) => Promise.resolve(data.number * 2));
  const job = queue.createJob({ number: 21 });
  const succeeded = once(job, 'succeeded');
  await job.save();
  assert.deepEqual(await succeeded, [42]);
  return () => queue.close();
});
