import { Queue, Worker } from 'bullmq';
import { afterEach, describe, expect, test } from 'vitest';
import { createRedisFactory, type RedisFactory } from '../../src/index.js';
import { eventually } from '../support/eventually.js';
import { useRedis } from '../support/use-redis.js';

const redis = useRedis();
let factory: RedisFactory;

afterEach(() => factory.shutdown());

function open(): RedisFactory {
  factory = createRedisFactory({ service: 'orders', host: 'web-1', connection: redis.server.url });
  return factory;
}

/** Sends 100 jobs through a queue to a worker, and checks that BullMQ finds its worker. */
async function runJobs(queue: Queue, worker: Worker, done: Set<number>): Promise<void> {
  await queue.addBulk(Array.from({ length: 100 }, (_, index) => ({ name: 'job', data: { index } })));
  await eventually(() => expect(done.size).toBe(100), 15_000);
  await eventually(async () => expect(await queue.getWorkers()).toHaveLength(1));
  await worker.close();
  await queue.close();
}

describe('BullMQ runs 100 jobs with a queue and a worker', () => {
  test('that use a client of the factory', async () => {
    const connection = open().client({ maxRetriesPerRequest: null });
    const done = new Set<number>();
    const queue = new Queue('jobs', { connection });
    const worker = new Worker(
      'jobs',
      (job) => Promise.resolve(done.add((job.data as { index: number }).index)),
      { connection },
    );
    await worker.waitUntilReady();
    await eventually(() => expect(factory.connections().map(({ role }) => role)).toContain('bull'));
    const [owner] = factory.connections();
    expect(factory.connections().find(({ role }) => role === 'bull')?.parent).toBe(owner?.id);
    expect((await redis.names()).filter((name) => name === '')).toEqual([]);
    await runJobs(queue, worker, done);
    await factory.shutdown();
    expect(await redis.rows()).toEqual([]);
  });

  test('that use options of the factory', async () => {
    const connection = { ...open().options('jobs'), maxRetriesPerRequest: null };
    const done = new Set<number>();
    const queue = new Queue('other', { connection });
    const worker = new Worker(
      'other',
      (job) => Promise.resolve(done.add((job.data as { index: number }).index)),
      { connection },
    );
    await worker.waitUntilReady();
    expect((await redis.names()).filter((name) => name === '')).toEqual([]);
    await runJobs(queue, worker, done);
    await eventually(() => expect(factory.connections()).toEqual([]));
  });
});
