import process from 'node:process';
import { findRedisBinary } from '../test/support/redis/index.js';
import { startSentinels } from '../test/support/sentinels.js';
import { buildLibrary } from './build.js';
import { defineCommand, type Outcome, type Output } from './command.js';
import { ioredisVersion } from './contestants.js';
import { startContestant, type Cast } from './failover-contestant.js';
import { kinds, runRound, WATCHED_MS, type Kind, type Result } from './failover-rounds.js';
import { median } from './statistics.js';
import { renderTable, type Column } from './table.js';

/** The requirement: ours writes to the new master this soon after the sentinels' `+switch-master`, in seconds. */
const MOST_SECONDS = 0.3;

const CASTS: readonly Cast[] = [
  { title: 'raw 6, failoverDetector', make: 'detector', ioredis: 6 },
  { title: 'ours over 6', make: 'ours', ioredis: 6 },
  { title: 'ours over 5', make: 'ours', ioredis: 5 },
];
const PLAIN: Cast = { title: 'raw 6', make: 'plain', ioredis: 6 };

interface Plan {
  readonly rounds: number;
  /** 1: raw ioredis without its detector takes part. It may need all of the time that a round is watched. */
  readonly plain: number;
}

/** What is said of one contestant in one kind of failover, in seconds. */
interface Line {
  readonly kind: Kind;
  readonly title: string;
  readonly isOurs: boolean;
  /** Median from the trigger to the first write. */
  readonly fromTrigger: number;
  /** Median and longest from `+switch-master` to the first write. */
  readonly fromSwitch: number;
  readonly longest: number;
}

async function measure(
  entry: string,
  casts: readonly Cast[],
  rounds: number,
  output: Output,
): Promise<Result[]> {
  await using topology = await startSentinels();
  const contestants = casts.map((cast) => startContestant(cast, entry, topology.connection));
  const results: Result[] = [];
  try {
    for (let round = 0; round < rounds; round += 1) {
      for (const kind of kinds) results.push(...(await runRound(kind, topology, contestants)));
      output.note(`round ${round + 1} of ${rounds}`);
    }
  } finally {
    for (const contestant of contestants) contestant.end();
  }
  return results;
}

function summarize(results: readonly Result[], kind: Kind, { title, make }: Cast): Line {
  const own = results.filter((one) => one.kind === kind && one.title === title);
  const fromSwitch = own.map((one) => one.fromSwitch);
  return {
    kind,
    title,
    isOurs: make === 'ours',
    fromTrigger: median(own.map((one) => one.fromTrigger)),
    fromSwitch: median(fromSwitch),
    longest: Math.max(...fromSwitch),
  };
}

function seconds(value: number): string {
  return Number.isFinite(value) ? value.toFixed(2) : `> ${WATCHED_MS / 1_000}`;
}

const COLUMNS: readonly Column<Line>[] = [
  { head: 'failover by', align: 'left', cell: (line) => line.kind },
  { head: 'client', align: 'left', cell: (line) => line.title },
  { head: 'trigger → write, s', align: 'right', cell: (line) => seconds(line.fromTrigger) },
  { head: 'switch → write, s', align: 'right', cell: (line) => seconds(line.fromSwitch) },
  { head: 'longest', align: 'right', cell: (line) => seconds(line.longest) },
];

function verdict(slow: readonly Line[]): string {
  if (slow.length === 0)
    return `PASS: all medians of ours are at most ${MOST_SECONDS} s after +switch-master.`;
  const names = slow.map(({ kind, title, fromSwitch }) => `${title}, ${kind} (${seconds(fromSwitch)})`);
  return `FAIL: above ${MOST_SECONDS} s after +switch-master: ${names.join('; ')}.`;
}

async function compare(plan: Plan, output: Output): Promise<Outcome> {
  const redis = (await findRedisBinary()).version;
  const versions = { node: process.version, ioredis: ioredisVersion, redis };
  const { rounds } = plan;
  const casts = plan.plain ? [...CASTS, PLAIN] : CASTS;
  output.note(`node ${versions.node}, redis ${redis}. ${rounds} rounds of ${kinds.length} failovers.\n`);
  const build = await buildLibrary();
  try {
    const results = await measure(build.entry, casts, rounds, output);
    const lines = kinds.flatMap((kind) => casts.map((cast) => summarize(results, kind, cast)));
    const slow = lines.filter((line) => line.isOurs && !(line.fromSwitch <= MOST_SECONDS));
    const passed = slow.length === 0;
    return {
      data: { versions, ...plan, mostSeconds: MOST_SECONDS, passed, results: lines, samples: results },
      text: `${renderTable(COLUMNS, lines)}\n\n${verdict(slow)}`,
      passed,
    };
  } finally {
    await build.remove();
  }
}

/** Time to the first write on a new master, of ours and of raw ioredis side by side, through Sentinel. */
export const failover = defineCommand({
  summary: `seconds to the first write after a failover, ours and raw ioredis; fails above ${MOST_SECONDS} after +switch-master`,
  options: {
    rounds: { default: 10, min: 1, max: 1_000, meaning: 'failovers of each kind; medians are shown' },
    plain: { default: 0, min: 0, max: 1, meaning: '1: also raw ioredis without failoverDetector' },
  },
  run: compare,
});
