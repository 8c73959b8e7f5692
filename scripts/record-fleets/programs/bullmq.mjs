// Queues and workers of BullMQ that have done some jobs and wait for more.
import { Queue, QueueEvents, Worker } from 'bullmq';

const connection = { host: '127.0.0.1', port: Number(process.argv[2]) };
for (let number = 0; number < 40; number += 1) {
  const name = `queue-${number}`;
  const queue = new Queue(name, { connection });
  const worker = new Worker(name, () => Promise.resolve(), { connection });
  const events = new QueueEvents(name, { connection });
  await Promise.all([queue, worker, events].map((part) => part.waitUntilReady()));
  await queue.add('mail', {});
}
await new Promise((resolve) => setTimeout(resolve, 3_000));
console.log('ready');
process.stdin.on('end', () => process.exit()).resume();
