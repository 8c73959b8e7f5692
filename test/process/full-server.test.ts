import { Redis } from 'ioredis';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createConsumer, IOREDIS_COPIES, type Consumer } from '../support/consumer.js';
import { eventually } from '../support/eventually.js';
import { startProgram, type Program } from '../support/program.js';
import { startRedis, type RedisServer } from '../support/redis/index.js';

const SECONDS = 30;
const MAXCLIENTS = 20;
const PROCESSES = 4;

interface Report {
  readonly ready: number;
  readonly errors: Readonly<Record<string, number>>;
  readonly reported: { readonly saturated: number; readonly codes: readonly string[] };
}

/** A server with maxclients 20, and a connection that observes it. */
async function startSmallServer(): Promise<{ server: RedisServer; admin: Redis }> {
  const server = await startRedis({ args: ['--maxclients', String(MAXCLIENTS)] });
  const admin = new Redis(server.port, server.host, { disableClientInfo: true });
  await admin.ping();
  return { server, admin };
}

/** Number of dials that the server has refused. */
async function countRefusals(admin: Redis): Promise<number> {
  return Number(/^rejected_connections:(\d+)/m.exec(await admin.info('stats'))?.[1]);
}

function collectReports(programs: readonly Program[]): Promise<Report[]> {
  return Promise.all(
    programs.map(async (program) => {
      const answer = program.message<Report>();
      program.child.send('report');
      return answer;
    }),
  );
}

const countReady = (reports: readonly Report[]) => reports.reduce((sum, { ready }) => sum + ready, 0);

async function measure(consumer: Consumer, kind: 'ours' | 'raw') {
  const { server, admin } = await startSmallServer();
  const programs = Array.from({ length: PROCESSES }, () =>
    startProgram(consumer, 'full.mjs', { REDIS_URL: server.url, KIND: kind }, 100_000),
  );
  await Promise.all(programs.map((program) => program.message()));
  await pause(SECONDS * 1_000);
  const perSecond = (await countRefusals(admin)) / SECONDS;
  const reports = await collectReports(programs);
  await admin.config('SET', 'maxclients', 200);
  const start = Date.now();
  await eventually(async () => expect(countReady(await collectReports(programs))).toBe(80), 40_000);
  const allReadyMs = Date.now() - start;
  programs.forEach(({ child }) => child.send('end'));
  const exits = await Promise.all(programs.map(({ exit }) => exit));
  admin.disconnect();
  await server.stop();
  return { perSecond, reports, allReadyMs, exits };
}

/** A row of the table: load on the server, and the time until all clients were ready. */
function tableRowOf({ perSecond, reports, allReadyMs }: Awaited<ReturnType<typeof measure>>) {
  const errors = reports.flatMap((one) => Object.values(one.errors));
  return {
    'refused dials/s': perSecond.toFixed(1),
    'error events': errors.reduce((sum, count) => sum + count, 0),
    'all ready after (s)': (allReadyMs / 1_000).toFixed(1),
  };
}

test(
  `80 clients in 4 processes at a server with room for ${MAXCLIENTS} dial at most a tenth as often as raw ioredis`,
  { timeout: 120_000 },
  async () => {
    // All measurements run at once, each with a server of its own.
    const pairs = await Promise.all(
      IOREDIS_COPIES.map(async (copy) => {
        using consumer = createConsumer(copy);
        const [ours, raw] = await Promise.all([measure(consumer, 'ours'), measure(consumer, 'raw')]);
        return { copy, ours, raw };
      }),
    );
    console.table(
      Object.fromEntries(
        pairs.flatMap(({ copy, ours, raw }) => [
          [`raw ${copy}`, tableRowOf(raw)],
          [`ours, ${copy}`, tableRowOf(ours)],
        ]),
      ),
    );
    for (const { ours, raw } of pairs) {
      expect(ours.perSecond).toBeLessThan(raw.perSecond / 10);
      expect(countReady(ours.reports)).toBe(MAXCLIENTS - 1); // the observer has the remaining place
      expect(ours.allReadyMs).toBeLessThan(35_000);
      expect(ours.reports.map(({ reported }) => reported)).toEqual(
        Array.from({ length: PROCESSES }, () => ({ saturated: 1, codes: ['HYG_SERVER_FULL'] })),
      );
      expect(ours.exits.map(({ code, stderr }) => [code, stderr])).toEqual(
        Array.from({ length: PROCESSES }, () => [0, '']),
      );
    }
  },
);

describe.for(IOREDIS_COPIES)('with %s', (copy) => {
  let consumer: Consumer;
  beforeAll(() => {
    consumer = createConsumer(copy);
  });
  afterAll(() => consumer[Symbol.dispose]());

  test('a process lives while a client waits for room, and ends when no client waits', async () => {
    const { server, admin } = await startSmallServer();
    await admin.config('SET', 'maxclients', 1);
    const env = { REDIS_URL: server.url, KIND: 'ours', CLIENTS: '5' };
    const program = startProgram(consumer, 'full.mjs', env);
    await program.message();
    let exited = false;
    void program.exit.then(() => (exited = true));
    program.child.send('report');
    await program.message();
    await pause(2_000);
    expect(exited).toBe(false);
    program.mark();
    program.child.send('end');
    const exit = await program.exit;
    expect(exit).toMatchObject({ code: 0, stderr: '' });
    expect(exit.ms).toBeLessThan(1_000);
    admin.disconnect();
    await server.stop();
  });

  test('a process lives until its waiting client is admitted, with nothing else that keeps it alive', async () => {
    const { server, admin } = await startSmallServer();
    await admin.config('SET', 'maxclients', 1);
    const program = startProgram(consumer, 'waits.mjs', { REDIS_URL: server.url });
    await program.message();
    await pause(1_500);
    await admin.config('SET', 'maxclients', 20);
    expect(await program.exit).toMatchObject({ code: 0, stdout: 'PONG\n', stderr: '' });
    admin.disconnect();
    await server.stop();
  });

  test('SIGTERM while clients and commands wait for room ends the process within the deadline', async () => {
    const { server, admin } = await startSmallServer();
    await admin.config('SET', 'maxclients', 1);
    const program = startProgram(consumer, 'waits.mjs', { REDIS_URL: server.url, HOOKS: '1' });
    await program.message();
    await pause(500);
    program.signal('SIGTERM');
    const exit = await program.exit;
    expect(exit).toMatchObject({ code: 0, stdout: 'Connection is closed.\n', stderr: '' });
    expect(exit.ms).toBeLessThan(1_000 + 500);
    admin.disconnect();
    await server.stop();
  });
});
