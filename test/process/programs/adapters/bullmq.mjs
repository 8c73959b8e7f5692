// A service with an HTTP server, a queue, a worker and events of BullMQ. SIGTERM stops them in this order, then Redis.
import { createServer } from 'node:http';
import { Queue, QueueEvents, Worker } from 'bullmq';
import { createRedisFactory, installShutdownHooks } from 'redis-hygiene';
import { hygienicConnection } from 'redis-hygiene/bullmq';

const send = (message) => new Promise((resolve) => process.send(message, resolve));
const redis = createRedisFactory({ service: 'orders', host: 'web-1', connection: process.env.REDIS_URL });
const errors = [];
redis.on('error', ({ code }) => errors.push(code));
const bull = hygienicConnection(redis, { closeTimeoutMs: Number(process.env.CLOSE_MS ?? 4_000) });
const done = [];

async function work({ data }) {
  if (data.index === 0) void send({ started: true });
  await new Promise((resolve) => data.endless || setTimeout(resolve, 300));
  done.push(data.index);
}

const locks = process.env.ENDLESS ? { lockDuration: 5_000, stalledInterval: 5_000 } : {};
const queue = bull.track(new Queue('invoices', { connection: bull.queue }));
const worker = bull.track(
  new Worker('invoices', work, { connection: bull.worker, concurrency: 20, ...locks }),
);
const events = bull.track(new QueueEvents('invoices', { connection: bull.events }));
const server = createServer(async (_request, response) => {
  const job = await queue.add('total', { index: -1 });
  await job.waitUntilFinished(events);
  response.end('done');
});
installShutdownHooks(redis, {
  before: [bull, server],
  onReport: ({ before, forced }) => send({ before, forced, done, errors }),
});

await Promise.all([queue, worker, events].map((part) => part.waitUntilReady()));
server.listen(0, '127.0.0.1', async () => {
  await send({ port: server.address().port });
  const endless = Boolean(process.env.ENDLESS);
  await queue.addBulk(
    Array.from({ length: 60 }, (_, index) => ({
      name: 'total',
      data: { index, endless: endless && index === 0 },
    })),
  );
});
