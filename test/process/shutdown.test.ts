import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { HookReport } from '../../src/index.js';
import { createConsumer, IOREDIS_COPIES, type Consumer } from '../support/consumer.js';
import { eventually } from '../support/eventually.js';
import { startProgram } from '../support/program.js';
import { startRedis } from '../support/redis/index.js';
import { useRedis } from '../support/use-redis.js';

const redis = useRedis();
const env = () => ({ REDIS_URL: redis.server.url });

interface ReportMessage {
  readonly report: HookReport;
}

describe.for(IOREDIS_COPIES)('with %s', (copy) => {
  let consumer: Consumer;
  beforeAll(() => {
    consumer = createConsumer(copy);
  });
  afterAll(() => consumer[Symbol.dispose]());

  test('SIGTERM with 1000 commands in flight: 1000 replies, exit code 0, CLIENT LIST is empty', async () => {
    const program = startProgram(consumer, 'inflight.mjs', env());
    await program.message();
    program.signal('SIGTERM');
    const message = await program.message<ReportMessage & { replies: number }>();
    expect(message.replies).toBe(1000);
    expect(message.report).toMatchObject({ signal: 'SIGTERM', closed: 1, forced: 0, abandonedCommands: 0 });
    expect(await program.exit).toMatchObject({ code: 0, stderr: '', stdout: '' });
    await eventually(async () => expect(await redis.rows()).toEqual([]));
  });

  test('SIGTERM while the server is frozen: exit within the deadline, and the report counts the forced connections', async ({
    skip,
  }) => {
    await using frozen = await startRedis();
    if (frozen.source === 'environment') skip('The server is shared: it cannot be paused.');
    const program = startProgram(consumer, 'idle.mjs', { REDIS_URL: frozen.url, TIMEOUT_MS: '1500' });
    await program.message();
    await frozen.pause();
    program.child.send('ask');
    program.signal('SIGTERM');
    const { report } = await program.message<ReportMessage>();
    expect(report).toMatchObject({ closed: 0, forced: 3, abandonedCommands: 1 });
    const exit = await program.exit;
    expect(exit).toMatchObject({ code: 0 });
    expect(exit.ms).toBeLessThan(1500 + 500);
    await frozen.resume();
  });

  test('a client blocked in BLPOP 0 does not delay the exit', async () => {
    const program = startProgram(consumer, 'blocked.mjs', env());
    await program.message();
    program.signal('SIGTERM');
    expect((await program.message<ReportMessage>()).report).toMatchObject({
      closed: 1,
      forced: 1,
      abandonedCommands: 1,
    });
    const exit = await program.exit;
    expect(exit.code).toBe(0);
    expect(exit.ms).toBeLessThan(1500);
    await eventually(async () => expect(await redis.rows()).toEqual([]));
  });

  test('a client that reconnects to a dead port does not delay the exit', async () => {
    const program = startProgram(consumer, 'reconnecting.mjs');
    await program.message();
    program.signal('SIGTERM');
    const message = await program.message<ReportMessage & { rejected: string }>();
    expect(message.report).toMatchObject({ forced: 1, abandonedCommands: 1 });
    expect(message.rejected).toBe('HYG_SHUT_DOWN');
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
    await eventually(async () => expect(await redis.rows()).toEqual([]));
  });
});

describe('shutdown hooks', () => {
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
    expect((await program.message<ReportMessage>()).report).toMatchObject({ signal: 'SIGINT', closed: 3 });
    expect((await program.exit).code).toBe(0);
  });

  test('PM2’s shutdown message begins a shutdown', async () => {
    const program = startProgram(consumer, 'idle.mjs', env());
    await program.message();
    program.child.send('shutdown');
    expect((await program.message<ReportMessage>()).report).toMatchObject({ closed: 3, forced: 0 });
    expect((await program.exit).code).toBe(0);
    await eventually(async () => expect(await redis.rows()).toEqual([]));
  });

  test.for([
    ['server', 'close'],
    ['function', 'close'],
    ['promise', 'close'],
    ['server', 'keep-alive'],
  ] as const)(
    'an HTTP server in before (as a %s) answers the request in progress (connection: %s)',
    async ([before, connection]) => {
      const program = startProgram(consumer, 'http.mjs', { ...env(), BEFORE: before });
      const port = await program.message<number>();
      const requested = program.message();
      const response = fetch(`http://127.0.0.1:${port}`, { headers: { connection } });
      await requested;
      program.signal('SIGTERM');
      expect(await (await response).text()).toBe('PONG');
      expect((await program.message<ReportMessage>()).report).toMatchObject({
        before: 'done',
        closed: 1,
        forced: 0,
      });
      expect((await program.exit).code).toBe(0);
    },
  );

  test.for([
    ['fails', 'failed'],
    ['hangs', 'late'],
  ])(
    'if before %s, the connections are closed all the same, and the exit code is 1',
    async ([before, outcome]) => {
      const program = startProgram(consumer, 'before-fails.mjs', { ...env(), BEFORE: before });
      await program.message();
      program.signal('SIGTERM');
      expect((await program.message<ReportMessage>()).report).toMatchObject({ before: outcome, closed: 1 });
      const exit = await program.exit;
      expect(exit.code).toBe(1);
      expect(exit.ms).toBeLessThan(1500);
      await eventually(async () => expect(await redis.rows()).toEqual([]));
    },
  );

  test('a list in before is stopped from its end, before the connections are closed', async () => {
    const program = startProgram(consumer, 'before-fails.mjs', { ...env(), BEFORE: 'list' });
    await program.message();
    program.signal('SIGTERM');
    expect(await program.message()).toEqual({ stopped: 'added last' });
    expect(await program.message()).toEqual({ stopped: 'added first' });
    expect((await program.message<ReportMessage>()).report).toMatchObject({ before: 'done', closed: 1 });
    expect((await program.exit).code).toBe(0);
  });

  test('an empty list in before counts as no before step', async () => {
    const program = startProgram(consumer, 'before-fails.mjs', { ...env(), BEFORE: 'none' });
    await program.message();
    program.signal('SIGTERM');
    expect((await program.message<ReportMessage>()).report).toMatchObject({ before: 'none', closed: 1 });
    expect((await program.exit).code).toBe(0);
  });

  test.for([
    [{}, 'done', 0],
    [{ FAILS: 'yes' }, 'failed', 1],
  ] as const)(
    'the hooks of two factories wait for each other, with %j',
    async ([settings, outcome, code]) => {
      const program = startProgram(consumer, 'two-factories.mjs', { ...env(), ...settings });
      await program.message();
      program.signal('SIGTERM');
      expect(await program.message()).toEqual({ replies: ['PONG', 'PONG'] });
      const reports = [await program.message<object>(), await program.message<object>()];
      expect(Object.assign({}, ...reports)).toEqual({ quick: 'none', slow: outcome });
      expect(await program.exit).toMatchObject({ code, stderr: '' });
      expect(await redis.rows()).toEqual([]);
    },
  );

  test('hooks that are installed during the shutdown run too', async () => {
    const program = startProgram(consumer, 'late-hooks.mjs', env());
    await program.message();
    program.signal('SIGTERM');
    const reports = [await program.message(), await program.message(), await program.message()];
    const reportOf = (name: string) => ({ name, before: 'done', closed: 1 });
    expect(new Set(reports.slice(0, 2))).toEqual(new Set([reportOf('first'), reportOf('second')]));
    expect(reports[2]).toEqual(reportOf('last'));
    expect(await program.exit).toMatchObject({ code: 0, stderr: '' });
    expect(await redis.rows()).toEqual([]);
  });

  test('a factory that is never used does not keep the process alive', async () => {
    expect(await startProgram(consumer, 'unused.mjs').exit).toMatchObject({
      code: 0,
      signal: null,
      stdout: '',
      stderr: '',
    });
  });
});
