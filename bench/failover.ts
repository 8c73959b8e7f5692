import process from 'node:process';
import { findRedisBinary } from '../test/support/redis/index.js';
import { startSentinels } from '../test/support/sentinels.js';
import { buildLibrary } from './build.js';
import { defineCommand, type Outcome, type Output } from './command.js';
import { ioredisVersion } from './contestants.js';
import { startContestant, type ContestantSpec } from './failover-contestant.js';
import { kinds, runRound, FIRST_WRITE_LIMIT_MS, type Kind, type Result } from './failover-rounds.js';
import { median } from './statistics.js';
import { renderTable, type Column } from './table.js';

/** Requirement: longest median time from the sentinels' `+switch-master` to our first write on the new master, in seconds. */
const MAX_SECONDS = 0.3;

const CONTESTANTS: readonly ContestantSpec[] = [
  { title: 'raw 6, failoverDetector', kind: 'detector', ioredis: 6 },
  { title: 'ours over 6', kind: 'ours', ioredis: 6 },
  { title: 'ours over 5', kind: 'ours', ioredis: 5 },
];
const PLAIN: ContestantSpec = { title: 'raw 6', kind: 'plain', ioredis: 6 };

interface Plan {
  readonly rounds: number;
  /** 1: also measures raw ioredis without its failover detector, which may need the whole time limit of a round. */
  readonly plain: number;
}

/** Results of one contestant in one kind of failover, in seconds. */
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
  specs: readonly ContestantSpec[],
  rounds: number,
  output: Output,
): Promise<Result[]> {
  await using topology = await startSentinels();
  const contestants = specs.map((spec) => startContestant(spec, entry, topology.connection));
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

function summarize(
  results: readonly Result[],
  kind: Kind,
  { title, kind: clientKind }: ContestantSpec,
): Line {
  const own = results.filter((one) => one.kind === kind && one.title === title);
  const fromSwitch = own.map((one) => one.fromSwitch);
  return {
    kind,
    title,
    isOurs: clientKind === 'ours',
    fromTrigger: median(own.map((one) => one.fromTrigger)),
    fromSwitch: median(fromSwitch),
    longest: Math.max(...fromSwitch),
  };
}

function seconds(value: number): string {
  return Number.isFinite(value) ? value.toFixed(2) : `> ${FIRST_WRITE_LIMIT_MS / 1_000}`;
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
    return `PASS: all medians of ours are at most ${MAX_SECONDS} s after +switch-master.`;
  const names = slow.map(({ kind, title, fromSwitch }) => `${title}, ${kind} (${seconds(fromSwitch)})`);
  return `FAIL: above ${MAX_SECONDS} s after +switch-master: ${names.join('; ')}.`;
}

async function compare(plan: Plan, output: Output): Promise<Outcome> {
  const redis = (await findRedisBinary()).version;
  const versions = { node: process.version, ioredis: ioredisVersion, redis };
  const { rounds } = plan;
  const specs = plan.plain ? [...CONTESTANTS, PLAIN] : CONTESTANTS;
  output.note(`node ${versions.node}, redis ${redis}. ${rounds} rounds of ${kinds.length} failovers.\n`);
  const build = await buildLibrary();
  try {
    const results = await measure(build.entry, specs, rounds, output);
    const lines = kinds.flatMap((kind) => specs.map((spec) => summarize(results, kind, spec)));
    const slow = lines.filter((line) => line.isOurs && !(line.fromSwitch <= MAX_SECONDS));
    const passed = slow.length === 0;
    return {
      data: { versions, ...plan, maxSeconds: MAX_SECONDS, passed, results: lines, samples: results },
      text: `${renderTable(COLUMNS, lines)}\n\n${verdict(slow)}`,
      passed,
    };
  } finally {
    await build.remove();
  }
}

/** Compares the time to the first write on a new master behind Sentinel, ours and raw ioredis at the same time. */
export const failover = defineCommand({
  summary: `seconds to the first write after a failover, ours and raw ioredis; fails above ${MAX_SECONDS} after +switch-master`,
  options: {
    rounds: { default: 10, min: 1, max: 1_000, meaning: 'failovers of each kind; medians are shown' },
    plain: { default: 0, min: 0, max: 1, meaning: '1: also raw ioredis without failoverDetector' },
  },
  run: compare,
});
