import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { HookReport } from '../../src/index.js';
import { createConsumer, IOREDIS_COPIES, type Consumer } from '../support/consumer.js';
import { eventually } from '../support/eventually.js';
import { startProgram } from '../support/program.js';
import { startRedis } from '../support/redis/index.js';
import { useRedis } from '../support/use-redis.js';

const redis = useRedis();
const env = () => ({ REDIS_URL: redis.server.url });

interface Told {
  readonly report: HookReport;
}

describe.for(IOREDIS_COPIES)('with %s', (copy) => {
  let consumer: Consumer;
  beforeAll(() => {
    consumer = createConsumer(copy);
  });
  afterAll(() => consumer[Symbol.dispose]());

  test('SIGTERM with 1000 commands in flight: 1000 replies, exit 0, CLIENT LIST empty', async () => {
    const program = startProgram(consumer, 'inflight.mjs', env());
    await program.message();
    program.signal('SIGTERM');
    const told = await program.message<Told & { replies: number }>();
    expect(told.replies).toBe(1000);
    expect(told.report).toMatchObject({ signal: 'SIGTERM', closed: 1, forced: 0, abandonedCommands: 0 });
    expect(await program.exit).toMatchObject({ code: 0, stderr: '', stdout: '' });
    expect(await redis.rows()).toEqual([]);
  });

  test('SIGTERM while the server is frozen: exit within the deadline, and the report counts what was forced', async ({
    skip,
  }) => {
    await using frozen = await startRedis();
    if (frozen.source === 'environment') skip('The server is shared: it cannot be paused.');
    const program = startProgram(consumer, 'idle.mjs', { REDIS_URL: frozen.url, TIMEOUT_MS: '1500' });
    await program.message();
    await frozen.pause();
    program.child.send('ask');
    program.signal('SIGTERM');
    const { report } = await program.message<Told>();
    expect(report).toMatchObject({ closed: 0, forced: 3, abandonedCommands: 1 });
    const exit = await program.exit;
    expect(exit).toMatchObject({ code: 0 });
    expect(exit.ms).toBeLessThan(1500 + 500);
    await frozen.resume();
  });

  test('a client stuck in BLPOP 0 does not hold the exit', async () => {
    const program = startProgram(consumer, 'blocked.mjs', env());
    await program.message();
    program.signal('SIGTERM');
    expect((await program.message<Told>()).report).toMatchObject({
      closed: 1,
      forced: 1,
      abandonedCommands: 1,
    });
    const exit = await program.exit;
    expect(exit.code).toBe(0);
    expect(exit.ms).toBeLessThan(1500);
    await eventually(async () => expect(await redis.rows()).toEqual([]));
  });

  test('a client that reconnects to a dead port does not hold the exit', async () => {
    const program = startProgram(consumer, 'reconnecting.mjs');
    await program.message();
    program.signal('SIGTERM');
    const told = await program.message<Told & { rejected: string }>();
    expect(told.report).toMatchObject({ forced: 1, abandonedCommands: 1 });
    expect(told.rejected).toBe('HYG_SHUT_DOWN');
    const exit = await program.exit;
    expect(exit.code).toBe(0);
    expect(exit.ms).toBeLessThan(1500);
  });

  test('50 clients, duplicates and a monitor: after shutdown() the process ends by itself', async () => {
    const exit = await startProgram(consumer, 'ends.mjs', env()).exit;
    expect(exit).toMatchObject({ code: 0, signal: null });
    expect(JSON.parse(exit.stdout)).toMatchObject({
      report: { closed: 56, forced: 0 },
      left: [],
      handles: [],
    });
    expect(await redis.rows()).toEqual([]);
  });
});

describe('the hooks', () => {
  let consumer: Consumer;
  beforeAll(() => {
    consumer = createConsumer('ioredis');
  });
  afterAll(() => consumer[Symbol.dispose]());

  test('a second SIGTERM exits at once', async ({ skip }) => {
    await using frozen = await startRedis();
    if (frozen.source === 'environment') skip('The server is shared: it cannot be paused.');
    const program = startProgram(consumer, 'idle.mjs', { REDIS_URL: frozen.url });
    await program.message();
    await frozen.pause();
    program.signal('SIGTERM');
    await new Promise((resolve) => setTimeout(resolve, 200));
    program.signal('SIGTERM');
    const exit = await program.exit;
    expect(exit.code).toBe(1);
    expect(exit.ms).toBeLessThan(500);
    await frozen.resume();
  });

  test('SIGINT begins a shutdown too', async () => {
    const program = startProgram(consumer, 'idle.mjs', env());
    await program.message();
    program.signal('SIGINT');
    expect((await program.message<Told>()).report).toMatchObject({ signal: 'SIGINT', closed: 3 });
    expect((await program.exit).code).toBe(0);
  });

  test('PM2’s shutdown message begins a shutdown', async () => {
    const program = startProgram(consumer, 'idle.mjs', env());
    await program.message();
    program.child.send('shutdown');
    expect((await program.message<Told>()).report).toMatchObject({ closed: 3, forced: 0 });
    expect((await program.exit).code).toBe(0);
    expect(await redis.rows()).toEqual([]);
  });

  test.for(['server', 'function', 'promise'])(
    'an HTTP server as before (%s) answers the request under way',
    async (before) => {
      const program = startProgram(consumer, 'http.mjs', { ...env(), BEFORE: before });
      const port = await program.message<number>();
      const asked = program.message();
      const response = fetch(`http://127.0.0.1:${port}`, { headers: { connection: 'close' } });
      await asked;
      program.signal('SIGTERM');
      expect(await (await response).text()).toBe('PONG');
      expect((await program.message<Told>()).report).toMatchObject({ before: 'done', closed: 1, forced: 0 });
      expect((await program.exit).code).toBe(0);
    },
  );

  test.for([
    ['fails', 'failed'],
    ['hangs', 'late'],
  ])('a before that %s leaves Redis closed all the same, and exits with 1', async ([before, outcome]) => {
    const program = startProgram(consumer, 'before-fails.mjs', { ...env(), BEFORE: before });
    await program.message();
    program.signal('SIGTERM');
    expect((await program.message<Told>()).report).toMatchObject({ before: outcome, closed: 1 });
    const exit = await program.exit;
    expect(exit.code).toBe(1);
    expect(exit.ms).toBeLessThan(1500);
    expect(await redis.rows()).toEqual([]);
  });

  test('a list as before is stopped from its end, and then Redis is', async () => {
    const program = startProgram(consumer, 'before-fails.mjs', { ...env(), BEFORE: 'list' });
    await program.message();
    program.signal('SIGTERM');
    expect(await program.message()).toEqual({ stopped: 'added last' });
    expect(await program.message()).toEqual({ stopped: 'added first' });
    expect((await program.message<Told>()).report).toMatchObject({ before: 'done', closed: 1 });
    expect((await program.exit).code).toBe(0);
  });

  test('an empty list as before is none', async () => {
    const program = startProgram(consumer, 'before-fails.mjs', { ...env(), BEFORE: 'none' });
    await program.message();
    program.signal('SIGTERM');
    expect((await program.message<Told>()).report).toMatchObject({ before: 'none', closed: 1 });
    expect((await program.exit).code).toBe(0);
  });

  test('a factory that is never used keeps nothing alive', async () => {
    expect(await startProgram(consumer, 'unused.mjs').exit).toMatchObject({
      code: 0,
      signal: null,
      stdout: '',
      stderr: '',
    });
  });
});
