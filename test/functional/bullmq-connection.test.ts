import { FlowProducer, Queue, QueueEvents, Worker } from 'bullmq';
import { rmSync, symlinkSync } from 'node:fs';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { hygienicConnection, type HygienicConnection } from '../../src/adapters/bullmq/index.js';
import type { RedisFactory } from '../../src/index.js';
import { eventually } from '../support/eventually.js';
import { startRedis } from '../support/redis/index.js';
import { useFactory } from '../support/use-factory.js';
import { useUnixRedis } from '../support/use-unix-redis.js';

const redis = useUnixRedis();
const own = useFactory(redis);

afterEach(async () => {
  vi.unstubAllEnvs();
  await redis.admin.flushall();
});

/** Silences the `error` events of BullMQ's classes, which print what nobody listens to. */
function quiet<Part extends { on(event: 'error', listener: () => void): unknown }>(part: Part): Part {
  part.on('error', () => undefined);
  return part;
}

interface Parts {
  readonly queue: Queue;
  readonly worker: Worker;
  readonly events: QueueEvents;
}

function openParts(bull: HygienicConnection, work: (index: number) => Promise<unknown>): Parts {
  const queue = bull.track(new Queue('invoices', { connection: bull.queue }));
  const worker = bull.track(
    new Worker('invoices', ({ data }) => work((data as { index: number }).index), {
      connection: bull.worker,
      concurrency: 4,
    }),
  );
  const events = bull.track(new QueueEvents('invoices', { connection: bull.events }));
  return { queue: quiet(queue), worker: quiet(worker), events: quiet(events) };
}

function addJobs(queue: Queue, count: number) {
  return queue.addBulk(Array.from({ length: count }, (_, index) => ({ name: 'total', data: { index } })));
}

function rolesOf(factory: RedisFactory): string[] {
  return factory
    .connections()
    .map(({ role }) => role)
    .sort();
}

test.for(['enforce', 'observe'] as const)(
  'with the mode %s, queues share a client and workers another one, and BullMQ finds its workers',
  async (mode) => {
    const factory = own.open({ mode });
    const bull = hygienicConnection(factory);
    const { queue, worker, events } = openParts(bull, (index) => Promise.resolve(index * 2));
    bull.track(quiet(new FlowProducer({ connection: bull.queue })));
    bull.track(quiet(new Worker('mails', () => Promise.resolve(), { connection: bull.worker })));
    await Promise.all([queue.waitUntilReady(), worker.waitUntilReady(), events.waitUntilReady()]);

    const jobs = await addJobs(queue, 50);
    expect(await Promise.all(jobs.map((job) => job.waitUntilFinished(events)))).toEqual(
      jobs.map((_, index) => index * 2),
    );
    await eventually(async () => expect(await queue.getWorkers()).toHaveLength(1));
    expect(rolesOf(factory)).toEqual(['bull', 'bull', 'bullmq-events', 'bullmq-queue', 'bullmq-worker']);
    expect((await redis.names()).filter((name) => !/^(bull:|orders@web-1#)/.test(name))).toEqual([]);
    const connections = factory.connections();
    const shared = connections.find(({ role }) => role === 'bullmq-worker');
    for (const { callSite } of connections) expect(callSite[0]).toMatch(/bullmq-connection\.test\.ts:\d+/);
    expect(connections.filter(({ role }) => role === 'bull').map(({ parent }) => parent)).toEqual([
      shared?.id,
      shared?.id,
    ]);

    expect(await bull.close()).toEqual({ closed: 5, forced: 0, failed: 0, unfinished: [] });
    await eventually(() => expect(rolesOf(factory)).toEqual(['bullmq-queue', 'bullmq-worker']));
    await factory.shutdown();
    expect(await redis.rows()).toEqual([]);
  },
);

test('with REDIS_HYGIENE=off, BullMQ works with clients of ioredis alone', async () => {
  vi.stubEnv('REDIS_HYGIENE', 'off');
  const factory = own.open();
  expect(factory.mode).toBe('off');
  const bull = hygienicConnection(factory);
  const { queue, events } = openParts(bull, (index) => Promise.resolve(index * 2));
  await events.waitUntilReady();
  const [job] = await addJobs(queue, 1);
  expect(await job?.waitUntilFinished(events)).toBe(0);
  expect(await bull.close()).toEqual({ closed: 3, forced: 0, failed: 0, unfinished: [] });
  await factory.shutdown();
  await eventually(async () => expect(await redis.rows()).toEqual([]));
});

test('twelve workers are no suspect: the call site of each is the line that makes it', async () => {
  const factory = own.open();
  const suspects: unknown[] = [];
  factory.on('suspect', (suspect) => suspects.push(suspect));
  const bull = hygienicConnection(factory);
  const open = () => Promise.resolve();
  const lines = [
    ...[0, 1, 2, 3, 4, 5].map((one) => new Worker(`first-${one}`, open, { connection: bull.worker })),
    ...[0, 1, 2, 3, 4, 5].map((one) => new Worker(`second-${one}`, open, { connection: bull.worker })),
  ];
  await Promise.all(lines.map((worker) => bull.track(quiet(worker)).waitUntilReady()));
  expect(rolesOf(factory).filter((role) => role === 'bull')).toHaveLength(12);
  expect(suspects).toEqual([]);
  await bull.close();
});

describe('close()', () => {
  test('waits for the jobs under way, and takes no further ones', async () => {
    const bull = hygienicConnection(own.open());
    const started: number[] = [];
    const release: (() => void)[] = [];
    const { queue } = openParts(bull, async (index) => {
      started.push(index);
      await new Promise<void>((resolve) => release.push(resolve));
    });
    await addJobs(queue, 10);
    await eventually(() => expect(started).toHaveLength(4));
    const closing = bull.close();
    expect(bull.close()).toBe(closing);
    release.forEach((end) => end());
    expect(await closing).toEqual({ closed: 3, forced: 0, failed: 0, unfinished: [] });
    expect(started).toHaveLength(4);

    const after = quiet(new Queue('invoices', { connection: bull.queue }));
    expect(await after.getJobCounts('completed', 'waiting', 'active', 'failed')).toEqual({
      completed: 4,
      waiting: 6,
      active: 0,
      failed: 0,
    });
  });

  test('closes a worker by force whose job does not end, reports the job, and another worker takes it over', async () => {
    const factory = own.open();
    const bull = hygienicConnection(factory, { closeTimeoutMs: 800 });
    const options = { connection: bull.worker, lockDuration: 1_000, stalledInterval: 200 };
    const queue = bull.track(quiet(new Queue('invoices', { connection: bull.queue })));
    const never = () => new Promise<void>(() => undefined);
    const worker = bull.track(quiet(new Worker('invoices', never, options)));
    const { id } = await queue.add('total', {});
    await eventually(async () => expect(await queue.getActiveCount()).toBe(1));

    const start = performance.now();
    expect(await bull.close()).toEqual({
      closed: 1,
      forced: 1,
      failed: 0,
      unfinished: [{ queue: 'invoices', jobs: [id] }],
    });
    expect(performance.now() - start).toBeGreaterThan(590);
    expect(worker.closing).toBeDefined();
    await eventually(() =>
      expect(own.errors).toContainEqual(
        expect.objectContaining({ code: 'HYG_JOBS_UNFINISHED', details: { queue: 'invoices', jobs: [id] } }),
      ),
    );

    const other = hygienicConnection(factory);
    const done: (string | undefined)[] = [];
    other.track(
      quiet(
        new Worker('invoices', ({ id: job }) => Promise.resolve(void done.push(job)), {
          connection: other.worker,
          stalledInterval: 200,
        }),
      ),
    );
    await eventually(() => expect(done).toEqual([id]), 20_000);
    await other.close();
  });

  test('tells of the jobs that a worker had begun before it was tracked', async () => {
    const bull = hygienicConnection(own.open(), { closeTimeoutMs: 300 });
    const queue = bull.track(quiet(new Queue('invoices', { connection: bull.queue })));
    const never = () => new Promise<void>(() => undefined);
    const worker = quiet(new Worker('invoices', never, { connection: bull.worker }));
    const { id } = await queue.add('total', {});
    await eventually(async () => expect(await queue.getActiveCount()).toBe(1));
    bull.track(worker);
    expect((await bull.close()).unfinished).toEqual([{ queue: 'invoices', jobs: [id] }]);
  });

  test('stops what is tracked meanwhile, and counts it', async () => {
    const bull = hygienicConnection(own.open());
    const started: number[] = [];
    const release: (() => void)[] = [];
    const work = async (index: number) => {
      started.push(index);
      await new Promise<void>((resolve) => release.push(resolve));
    };
    const { queue } = openParts(bull, work);
    await addJobs(queue, 4);
    await eventually(() => expect(started).toHaveLength(4));
    const closing = bull.close();
    const late = bull.track(quiet(new Worker('mails', () => Promise.resolve(), { connection: bull.worker })));
    expect(late.closing).toBeDefined(); // at once, while the other worker ends its jobs
    const lateQueue = bull.track(quiet(new Queue('mails', { connection: bull.queue })));
    expect(lateQueue.closing).toBeUndefined(); // jobs may still use it
    release.forEach((end) => end());
    expect(await closing).toEqual({ closed: 5, forced: 0, failed: 0, unfinished: [] });
    expect(lateQueue.closing).toBeDefined();
    expect(own.errors).toEqual([]);
  });

  test('has ended: what is tracked then is closed at once, and told', async () => {
    const bull = hygienicConnection(own.open());
    expect(await bull.close()).toEqual({ closed: 0, forced: 0, failed: 0, unfinished: [] });
    const worker = bull.track(
      quiet(new Worker('invoices', () => Promise.resolve(), { connection: bull.worker })),
    );
    await worker.closing;
    expect(worker.closing).toBeDefined();
    await eventually(() => {
      expect(own.errors).toEqual([
        expect.objectContaining({ code: 'HYG_BULLMQ_TRACK_LATE', details: { part: 'Worker' } }),
      ]);
    });
    expect(await bull.close()).toMatchObject({ closed: 0 });
  });

  test('goes on when parts fail to close, tells of them, and does not count them as closed', async () => {
    const bull = hygienicConnection(own.open());
    class Broken {
      constructor(readonly close: () => Promise<unknown>) {}
    }
    const thrown = new Error('thrown');
    const rejected = new Error('rejected');
    bull.track(
      new Broken(() => {
        throw thrown;
      }),
    );
    bull.track(new Broken(() => Promise.reject(rejected)));
    const { queue, worker } = openParts(bull, () => Promise.resolve());
    await Promise.all([queue.waitUntilReady(), worker.waitUntilReady()]);
    const close = worker.close.bind(worker);
    worker.close = async () => {
      await close();
      throw rejected;
    };
    expect(await bull.close()).toEqual({ closed: 2, forced: 0, failed: 3, unfinished: [] });
    await eventually(() => {
      const failures = own.errors.map(({ code, cause, details }) => ({ code, cause, details }));
      const code = 'HYG_BULLMQ_CLOSE_FAILED';
      expect(failures).toEqual([
        { code, cause: rejected, details: { part: 'Worker' } },
        { code, cause: thrown, details: { part: 'Broken' } },
        { code, cause: rejected, details: { part: 'Broken' } },
      ]);
    });
  });

  test('ends in time while the server does not answer', async ({ skip }) => {
    await using frozen = await startRedis();
    if (frozen.source === 'environment') skip('The server is shared: it cannot be paused.');
    const factory = own.open({ connection: frozen.url });
    const bull = hygienicConnection(factory, { closeTimeoutMs: 500 });
    const { worker, events, queue } = openParts(bull, () => Promise.resolve());
    await Promise.all([queue.waitUntilReady(), worker.waitUntilReady(), events.waitUntilReady()]);
    await frozen.pause();
    await bull.close();
    await factory.shutdown({ timeoutMs: 500 });
    expect(factory.connections()).toEqual([]);
    await frozen.resume();
  });
});

test('a queue fails fast while Redis is away, and a worker goes on when it is back', async () => {
  const path = `${redis.path}.link`;
  symlinkSync(redis.path, path);
  const factory = own.open({ connection: { path }, reconnectCapMs: 500 });
  const bull = hygienicConnection(factory);
  const done: number[] = [];
  const { queue, worker } = openParts(bull, (index) => Promise.resolve(done.push(index)));
  await Promise.all([queue.waitUntilReady(), worker.waitUntilReady()]);
  rmSync(path);
  await redis.admin.call('CLIENT', 'KILL', 'TYPE', 'normal');
  await eventually(() => expect(factory.connections().map(({ state }) => state)).not.toContain('ready'));

  const added = performance.now();
  await expect(queue.add('total', { index: 7 })).rejects.toThrow();
  expect(performance.now() - added).toBeLessThan(5_000);
  const late = bull.track(quiet(new QueueEvents('invoices', { connection: bull.events })));
  const completed: string[] = [];
  late.on('completed', ({ jobId }) => completed.push(jobId));
  await eventually(() => {
    const dials = factory.connections().filter(({ role }) => role === 'bullmq-events');
    expect(dials.map((connection) => connection.dials > 1)).toEqual([true, true]); // its first dial has failed
  });
  symlinkSync(redis.path, path);
  await late.waitUntilReady();
  await eventually(async () => expect(await queue.add('total', { index: 8 })).toBeDefined(), 20_000);
  await eventually(() => expect(done).toContain(8), 20_000);
  await eventually(() => expect(completed).not.toEqual([]), 20_000);
  await bull.close();
  await factory.shutdown();
  rmSync(path);
});

test('a command of a queue that nobody awaits survives a restart of Redis that takes a second', async () => {
  const path = `${redis.path}.restart`;
  symlinkSync(redis.path, path);
  const factory = own.open({ connection: { path } });
  const bull = hygienicConnection(factory);
  const queue = bull.track(quiet(new Queue('invoices', { connection: bull.queue })));
  await queue.waitUntilReady();
  rmSync(path);
  await redis.admin.call('CLIENT', 'KILL', 'TYPE', 'normal');
  await eventually(() => expect(factory.connections()[0]?.state).not.toBe('ready'));
  const outcome = queue.add('total', {}).then(
    () => 'added',
    (error: unknown) => error,
  );
  await new Promise((resolve) => setTimeout(resolve, 1_000)); // the length of the restart
  symlinkSync(redis.path, path);
  expect(await outcome).toBe('added');
  await bull.close();
  await factory.shutdown();
  rmSync(path);
});

describe('refuses', () => {
  test.for([
    [{ keyPrefix: 'orders:' }, 'keyPrefix'],
    [{ commandTimeout: 500 }, 'commandTimeout'],
    [{ socketTimeout: 500 }, 'socketTimeout'],
  ] as const)('a factory with %j, before anything is opened', ([option, name]) => {
    const factory = own.open({ connection: { port: redis.server.port, ...option } });
    expect(() => hygienicConnection(factory)).toThrow(
      expect.objectContaining({ code: 'HYG_BULLMQ_OPTION', details: { option: name } }),
    );
    expect(factory.connections()).toEqual([]);
  });

  test.for([undefined, null, {}, 'worker', { close: true }])('to track %j', (wrong) => {
    const bull = hygienicConnection(own.open());
    expect(() => bull.track(wrong as never)).toThrow(expect.objectContaining({ code: 'HYG_OPTION_TYPE' }));
  });

  test('what is no factory, and options that it does not know', () => {
    const factory = own.open();
    const client = factory.client({ lazyConnect: true });
    for (const wrong of [undefined, null, 'redis://localhost', { port: 6379 }, client]) {
      expect(() => hygienicConnection(wrong as never)).toThrow(
        expect.objectContaining({ code: 'HYG_OPTION_TYPE' }),
      );
    }
    expect(() => hygienicConnection(factory, { timeoutMs: 1 } as never)).toThrow(
      expect.objectContaining({ code: 'HYG_OPTION_UNKNOWN' }),
    );
    expect(() => hygienicConnection(factory, { closeTimeoutMs: 1 })).toThrow(
      expect.objectContaining({ code: 'HYG_OPTION_RANGE' }),
    );
  });
});
