import assert from 'node:assert/strict';
import Queue from 'bull';
import { runWork } from './rig/run-work.mjs';

await runWork(async ({ redis, takes }) => {
  // Bull refuses these two options of the clients that wait for jobs and events.
  const waiting = { maxRetriesPerRequest: null, enableReadyCheck: false };
  const queue = new Queue('mails', {
    ...(takes === 'client' && {
      createClient: (type) => redis.client(type === 'client' ? {} : { ...waiting, connectionName: type }),
    }),
    ...(takes === 'options' && { redis: { ...redis.options('bull'), enableReadyCheck: false } }),
  });
  void queue.process(({ data }) => Promise.resolve(data.number * 2));
  const job = await queue.add({ number: 21 });
  assert.equal(await job.finished(), 42);
  return () => queue.close();
});
