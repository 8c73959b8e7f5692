import { Queue, Worker } from 'bullmq';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { createConsumer, IOREDIS_COPIES, type Consumer } from '../../support/consumer.js';
import { eventually } from '../../support/eventually.js';
import { startProgram } from '../../support/program.js';
import { useRedis } from '../../support/use-redis.js';

const redis = useRedis();

interface Ended {
  readonly before: string;
  readonly forced: number;
  readonly done: readonly number[];
  readonly errors: readonly string[];
}

/** Runs what is left in the queue, and returns the numbers of those jobs. */
async function runRest(): Promise<number[]> {
  const { host, port } = redis.server;
  const done: number[] = [];
  const options = { connection: { host, port }, stalledInterval: 500, concurrency: 20 };
  const work = ({ data }: { data: { index: number } }) => Promise.resolve(void done.push(data.index));
  const worker = new Worker('invoices', work, options);
  const queue = new Queue('invoices', { connection: { host, port } });
  await eventually(async () => {
    expect(await queue.getJobCountByTypes('waiting', 'active', 'delayed', 'failed')).toBe(0);
  }, 60_000);
  await worker.close();
  await queue.close();
  return done;
}

const numbers = Array.from({ length: 60 }, (_, index) => index);
const sorted = (list: readonly number[]) => list.toSorted((one, other) => one - other);

afterEach(() => redis.admin.flushall());

describe.for(IOREDIS_COPIES)('a worker with %s and SIGTERM in the middle', (copy) => {
  let consumer: Consumer;
  beforeAll(() => {
    consumer = createConsumer(copy, ['bullmq']);
  });
  afterAll(() => consumer[Symbol.dispose]());

  test('ends its jobs, answers the request that waits for one, and leaves the rest: none is lost or run twice', async () => {
    const program = startProgram(consumer, 'adapters/bullmq.mjs', { REDIS_URL: redis.server.url });
    const { port } = await program.message<{ port: number }>();
    await program.message(); // the first job has begun
    const answer = fetch(`http://127.0.0.1:${port}`);
    await eventually(async () => {
      expect(await redis.admin.hlen('bull:invoices:61')).toBeGreaterThan(0); // the job of the request
    });
    program.signal('SIGTERM');
    expect(await (await answer).text()).toBe('done');
    const ended = await program.message<Ended>();
    expect(ended).toMatchObject({ before: 'done', forced: 0, errors: [] });
    const exit = await program.exit;
    expect(exit).toMatchObject({ code: 0, stderr: '' });
    expect(exit.ms).toBeLessThan(10_000);
    await eventually(async () => expect(await redis.rows()).toEqual([]));
    expect(sorted([...ended.done.filter((index) => index >= 0), ...(await runRest())])).toEqual(numbers);
  });

  test('whose job does not end is closed in time, and another worker takes the job over', async () => {
    const env = { REDIS_URL: redis.server.url, ENDLESS: 'yes', CLOSE_MS: '1500' };
    const program = startProgram(consumer, 'adapters/bullmq.mjs', env);
    await program.message();
    await program.message();
    program.signal('SIGTERM');
    const ended = await program.message<Ended>();
    expect(ended).toMatchObject({ before: 'done', errors: ['HYG_JOBS_UNFINISHED'] });
    const exit = await program.exit;
    expect(exit.code).toBe(0);
    expect(exit.ms).toBeLessThan(10_000);
    await eventually(async () => expect(await redis.rows()).toEqual([]));
    const rest = await runRest();
    expect(rest).toContain(0);
    expect(sorted([...ended.done, ...rest])).toEqual(numbers);
  });
});
