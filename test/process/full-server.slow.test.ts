import type { Redis } from 'ioredis';
import { setTimeout as pause } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { createConsumer, IOREDIS_COPIES, type Consumer } from '../support/consumer.js';
import { eventually } from '../support/eventually.js';
import { startProgram, type Program } from '../support/program.js';
import { MAXCLIENTS, startSmallServer } from '../support/small-server.js';

const SECONDS = 30;
const PROCESSES = 4;

interface Report {
  readonly ready: number;
  readonly errors: Readonly<Record<string, number>>;
  readonly reported: { readonly saturated: number; readonly codes: readonly string[] };
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
