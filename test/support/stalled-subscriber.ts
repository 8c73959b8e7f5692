import { Redis as Raw } from 'ioredis';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'vitest';
import { systemClock } from '../../src/core/clock.js';
import type { Gap } from '../../src/index.js';
import type { Consumer } from './consumer.js';
import { eventually } from './eventually.js';
import { type Program, startProgram } from './program.js';
import { startRedis } from './redis/index.js';

const { now } = systemClock;

/** How the process of a subscriber stands still: blocked in a timer or in a listener, or stopped by a signal. */
export const STALLS = ['timer', 'message', 'SIGSTOP'] as const;
type Stall = (typeof STALLS)[number];

/** One stall, and how long after its begin the server closes the connection, in milliseconds. */
export interface StallStep {
  readonly stall: Stall;
  readonly stalledMs: number;
  readonly cutAfterMs: number;
}

export interface StallResult {
  readonly published: number;
  readonly missing: number;
  /** Missing numbers that were published outside of every gap which was reported before the next number. */
  readonly unexplained: number;
  readonly gaps: number;
}

/** Two clocks of this machine agree to a few milliseconds. */
const CLOCK_TOLERANCE_MS = 5;
const PAUSE_BETWEEN_NUMBERS_MS = 4;
const LIMIT_MS = 300_000;

interface Report {
  readonly numbers: readonly { readonly number: number; readonly gaps: number }[];
  readonly gaps: readonly Pick<Gap, 'from' | 'to'>[];
}

/** Publishes 1, 2, 3, … on `numbers`, and notes when. */
function publishNumbers(publisher: Raw) {
  const published: { sent: number; acknowledged: number }[] = [];
  const run = { isStopped: false };
  const done = (async () => {
    while (!run.isStopped) {
      const sent = now();
      await publisher.publish('numbers', String(published.length + 1));
      published.push({ sent, acknowledged: now() });
      await sleep(PAUSE_BETWEEN_NUMBERS_MS);
    }
  })();
  const stop = async () => {
    run.isStopped = true;
    await done;
  };
  return { published, stop, [Symbol.asyncDispose]: stop };
}

/** Begins a stall. Resolves when the process stands still, with the function that waits until it runs again. */
async function stall(program: Program, { stall: kind, stalledMs }: StallStep): Promise<() => Promise<void>> {
  if (kind === 'SIGSTOP') {
    program.child.kill('SIGSTOP');
    const until = now() + stalledMs;
    return async () => {
      await sleep(Math.max(0, until - now()));
      program.child.kill('SIGCONT');
    };
  }
  program.child.send({ action: kind === 'timer' ? 'blockInTimer' : 'blockInMessage', ms: stalledMs });
  expect(await program.message<string>()).toBe('blocked');
  return () => Promise.resolve(); // the next report comes when it runs again
}

function startNumbers(consumer: Pick<Consumer, 'dir'>, url: string): Program & Disposable {
  const program = startProgram(consumer, 'numbers.mjs', { REDIS_URL: url }, LIMIT_MS);
  return { ...program, [Symbol.dispose]: () => void program.child.kill('SIGKILL') };
}

function openClients({ host, port }: { readonly host: string; readonly port: number }) {
  const [admin, publisher] = [new Raw(port, host), new Raw(port, host)];
  return {
    admin,
    publisher,
    [Symbol.dispose]() {
      admin.disconnect();
      publisher.disconnect();
    },
  };
}

/** Stalls the process of a subscriber, closes its connection meanwhile, and counts what it has missed outside of its gaps. */
export async function runStalls(
  consumer: Pick<Consumer, 'dir'>,
  steps: readonly StallStep[],
): Promise<StallResult> {
  await using server = await startRedis();
  using program = startNumbers(consumer, server.url);
  expect(await program.message<string>()).toBe('ready');
  using clients = openClients(server);
  const { admin } = clients;
  await using traffic = publishNumbers(clients.publisher);
  const isSubscribed = async () => expect(await admin.pubsub('NUMSUB', 'numbers')).toEqual(['numbers', 1]);
  for (const step of steps) {
    await sleep(1_200); // longer than a gap reaches back, so that gaps do not cover each other’s numbers
    const resume = await stall(program, step);
    await sleep(step.cutAfterMs);
    expect(await admin.call('CLIENT', 'KILL', 'TYPE', 'pubsub')).toBe(1);
    await resume();
    await eventually(isSubscribed, 15_000);
  }
  await sleep(100);
  const report = await reportAfter(program, traffic.published.length);
  await traffic.stop();
  program.child.send({ action: 'end' });
  await program.exit;
  return judge(report, traffic.published);
}

/** The report of the program once it has received this number. */
async function reportAfter(program: Program, last: number): Promise<Report> {
  for (;;) {
    program.child.send({ action: 'report' });
    const report = await program.message<Report>();
    if ((report.numbers.at(-1)?.number ?? 0) >= last) return report;
    await sleep(50);
  }
}

function judge(
  { numbers, gaps }: Report,
  published: readonly { readonly sent: number; readonly acknowledged: number }[],
): StallResult {
  let [missing, unexplained, last] = [0, 0, (numbers[0]?.number ?? 1) - 1];
  for (const { number, gaps: reported } of numbers) {
    for (let lost = last + 1; lost < number; lost += 1) {
      const { sent, acknowledged } = published[lost - 1] as (typeof published)[number];
      missing += 1;
      const isCovered = gaps
        .slice(0, reported)
        .some(({ from, to }) => sent <= to + CLOCK_TOLERANCE_MS && acknowledged >= from - CLOCK_TOLERANCE_MS);
      if (!isCovered) unexplained += 1;
    }
    last = number;
  }
  return { published: published.length, missing, unexplained, gaps: gaps.length };
}
