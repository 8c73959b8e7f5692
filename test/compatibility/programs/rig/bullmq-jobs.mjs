import assert from 'node:assert/strict';

/** A job is processed by a worker, which BullMQ finds by its connection's name. Returns what stops the worker. */
export async function runJob({ Queue, QueueEvents, Worker }, connection) {
  const queue = new Queue('mails', { connection });
  const events = new QueueEvents('mails', { connection });
  const worker = new Worker('mails', async ({ data }) => data.number * 2, { connection });
  await Promise.all([queue, events, worker].map((part) => part.waitUntilReady()));
  const job = await queue.add('mail', { number: 21 });
  assert.equal(await job.waitUntilFinished(events, 30_000), 42);
  assert.equal((await queue.getWorkers()).length, 1);
  return () => Promise.all([worker.close(), events.close(), queue.close()]);
}

/** Connections of BullMQ wait until Redis is back, so commands are not rejected after some retries. */
export function connectionOf({ redis, takes }) {
  const waiting = { maxRetriesPerRequest: null };
  return takes === 'client' ? redis.client(waiting) : { ...redis.options('bullmq'), ...waiting };
}
