import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test, type TestContext } from 'vitest';
import type { ConnectionInfo } from '../../src/index.js';
import { eventually } from '../support/eventually.js';
import { record } from './figures/figure.js';
import { OURS } from './rig/contestant.js';
import { startFaultProgram, type FaultProgram } from './rig/program.js';
import type { Rig } from './rig/rig.js';
import type { FaultServer } from './rig/server.js';
import { faults } from './rig/use-rig.js';

/** Time for which clients work while their server breaks connections. */
const SOAK_MS = Number(process.env['REDIS_HYGIENE_FAULTS_SOAK_S'] ?? 600) * 1_000;
/** Pause between two faults: long enough for work in between, short enough for a hundred of them. */
const PAUSE_MS = 4_000;
/** Longer than `stallLimitMs` of the program. */
const MAX_STOP_MS = 8_000;
/** A busy machine needs long to settle. */
const SETTLE_MS = 60_000;
/** The heap of a process at work is not constant. A leak of one object per command would be several times that. */
const HEAP_ALLOWANCE_BYTES = 8_000_000;

interface Finish {
  readonly pending: number;
  readonly done: number;
  readonly messages: number;
  readonly rejected: Readonly<Record<string, number>>;
  readonly harm: readonly string[];
}

await faults('soak', (rig) => {
  test.for(OURS)(
    `${SOAK_MS / 1_000} s of work beside faults of the server leave nothing behind: %s`,
    { timeout: SOAK_MS + 5 * SETTLE_MS },
    async (who, context) => {
      await using server = await rig().redis();
      const { host, port } = server;
      const program = startFaultProgram({
        namespace: rig().namespaces.client,
        file: 'soak.mjs',
        args: [JSON.stringify({ host, port }), String(SOAK_MS / 1_000 + 600)],
        ioredis: who === 'ours5' ? '5' : '6',
        env: rig().tools.env,
      });
      try {
        await soak(rig(), server, program, who, context);
      } finally {
        await program.end();
      }
    },
  );
});

/** Lets the program work while its server breaks connections, and checks what is left. */
async function soak(
  rig: Rig,
  server: FaultServer,
  program: FaultProgram,
  who: (typeof OURS)[number],
  context: TestContext,
): Promise<void> {
  await program.up;
  const counts = { killed: 0, stopped: 0, restarted: 0 };
  const heaps: number[] = [];
  for (const end = Date.now() + SOAK_MS; Date.now() < end;) {
    await sleep(PAUSE_MS);
    heaps.push((await program.ask({ action: 'heap' })) as number);
    await breakSomething(rig, server, counts);
  }
  await expectLedgerAsOnServer(rig, server.port, program);
  const finish = (await program.ask({ action: 'finish' })) as Finish;
  recordFigures(context, who, { ...counts, ...finish, heaps });
  expect(finish).toMatchObject({ pending: 0, harm: [] });
  expect(growthOf(heaps)).toBeLessThan(HEAP_ALLOWANCE_BYTES);
  expect(await program.ask({ action: 'shutdown' })).toEqual({ forced: 0, sockets: 0, left: 0, harm: [] });
  await eventually(async () => expect(await rig.observer.rows(server.port)).toEqual([]), SETTLE_MS);
}

/** Lets the server close a third of the connections, stops it for a while, or restarts it. */
async function breakSomething(
  { observer }: Rig,
  server: FaultServer,
  counts: { killed: number; stopped: number; restarted: number },
): Promise<void> {
  const random = Math.random();
  if (random < 0.6) {
    const rows = (await observer.rows(server.port)).filter(() => Math.random() < 0.3);
    for (const { id } of rows) await observer.call(server.port, 'client', 'KILL', 'ID', id);
    counts.killed += rows.length;
  } else if (random < 0.85) {
    server.pause();
    await sleep(Math.random() * MAX_STOP_MS);
    server.resume();
    counts.stopped += 1;
  } else {
    await server.kill();
    await sleep(Math.random() * 2_000);
    await server.start();
    counts.restarted += 1;
  }
}

/** The ledger, the sockets of the process and the rows of the server agree once nothing is broken any more. */
async function expectLedgerAsOnServer({ observer }: Rig, port: number, program: FaultProgram): Promise<void> {
  await eventually(async () => {
    const { ledger, sockets } = (await program.ask({ action: 'connections' })) as {
      readonly ledger: readonly ConnectionInfo[];
      readonly sockets: number;
    };
    const rows = await observer.rows(port);
    expect(ledger.map(({ localPort }) => localPort).sort()).toEqual(
      rows.map(({ flow }) => flow.client.port).sort(),
    );
    expect(sockets).toBe(rows.length);
  }, SETTLE_MS);
}

/** Growth of the heap from the second quarter of the run to the last one, in bytes, by their medians. */
function growthOf(heaps: readonly number[]): number {
  const quarter = Math.floor(heaps.length / 4);
  return median(heaps.slice(-quarter)) - median(heaps.slice(quarter, 2 * quarter));
}

function median(values: readonly number[]): number {
  return [...values].sort((one, other) => one - other)[Math.floor(values.length / 2)] ?? 0;
}

function recordFigures(
  context: TestContext,
  who: (typeof OURS)[number],
  {
    heaps,
    ...figures
  }: Finish & { killed: number; stopped: number; restarted: number; heaps: readonly number[] },
): void {
  const figure = (row: string, value: number | string) => record(context, who, `10 soak: ${row}`, value);
  const { killed, stopped, restarted, done, messages, pending, harm, rejected } = figures;
  figure('connections killed', killed);
  figure('stops, restarts of the server', `${stopped}, ${restarted}`);
  figure('pieces of work done', done);
  figure('messages received', messages);
  figure(
    'rejected',
    Object.values(rejected).reduce((sum, count) => sum + count, 0),
  );
  figure('pending at the end', pending);
  figure('unhandled rejections, exceptions, warnings', harm.length);
  figure(
    'heap in the second quarter, MB',
    (median(heaps.slice(0, Math.floor(heaps.length / 2))) / 1e6).toFixed(1),
  );
  figure('growth of the heap until the last quarter, MB', (growthOf(heaps) / 1e6).toFixed(1));
  console.log(`${who}: ${JSON.stringify(rejected)}`);
}
