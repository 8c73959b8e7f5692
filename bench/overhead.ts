import { loadLibrary } from './build.js';
import { defineCommand, type Command, type Outcome, type Output } from './command.js';
import { contestants, type Side } from './contestants.js';
import { durationMs, MEASUREMENTS_PER_ROUND, runRounds, type Cell, type Plan } from './rounds.js';
import { onStage, programs, type Stage } from './stage.js';
import { median, medianInterval, middle80, type Interval } from './statistics.js';
import { ratio, ratios, renderTable, whole, type Column } from './table.js';

/** The requirement: ours makes at least this share of raw ioredis' commands per second. */
const LEAST_RATIO = 0.97;

/** What is said of a cell. */
interface Line {
  readonly command: string;
  readonly callers: number;
  readonly rawPerSecond: number;
  readonly oursPerSecond: number;
  /** Median over all pairs of ours / raw. */
  readonly ratio: number;
  readonly ratioConfidence95: Interval;
  readonly ratioMiddle80: Interval;
}

function summarize({ command, callers, rates: { raw, ours } }: Cell): Line {
  const pairs = raw.map((rate, index) => (ours[index] ?? Number.NaN) / rate);
  return {
    command,
    callers,
    rawPerSecond: Math.round(median(raw)),
    oursPerSecond: Math.round(median(ours)),
    ratio: median(pairs),
    ratioConfidence95: medianInterval(pairs),
    ratioMiddle80: middle80(pairs),
  };
}

const COLUMNS: readonly Column<Line>[] = [
  { head: 'command', align: 'left', cell: (line) => line.command },
  { head: 'callers', align: 'right', cell: (line) => whole(line.callers) },
  { head: 'raw ops/s', align: 'right', cell: (line) => whole(line.rawPerSecond) },
  { head: 'ours ops/s', align: 'right', cell: (line) => whole(line.oursPerSecond) },
  { head: 'ratio', align: 'right', cell: (line) => ratio(line.ratio) },
  { head: '95 % sure', align: 'left', cell: (line) => ratios(line.ratioConfidence95) },
  { head: 'pairs p10–p90', align: 'left', cell: (line) => ratios(line.ratioMiddle80) },
];

function verdict(slow: readonly Line[]): string {
  if (slow.length === 0) return `PASS: all median ratios are at least ${LEAST_RATIO}.`;
  const names = slow.map(
    ({ command, callers, ratio: value }) => `${command} with ${callers} (${ratio(value)})`,
  );
  const isUnsure = slow.some(({ ratioConfidence95 }) => ratioConfidence95.to >= LEAST_RATIO);
  const hint = isUnsure
    ? `\nNot all of it is sure: a 95 % range reaches ${LEAST_RATIO}. Measure with more --rounds.`
    : '';
  return `FAIL: median ratio below ${LEAST_RATIO}: ${names.join(', ')}.${hint}`;
}

function report(lines: readonly Line[], { versions }: Stage, plan: Plan): Outcome {
  const slow = lines.filter((line) => !(line.ratio >= LEAST_RATIO));
  const passed = slow.length === 0;
  return {
    data: { versions, ...plan, leastRatio: LEAST_RATIO, passed, results: lines },
    text: `${renderTable(COLUMNS, lines)}\n\n${verdict(slow)}`,
    passed,
  };
}

/** Which kind of client plays each side. */
type Cast = Readonly<Record<Side, Side>>;

async function compare(stage: Stage, cast: Cast, plan: Plan, output: Output): Promise<Outcome> {
  const { rounds, ms } = plan;
  const seconds = Math.round(durationMs(plan) / 1000);
  output.note(
    `${programs(stage)}. ${rounds} rounds of ${MEASUREMENTS_PER_ROUND} × ${ms} ms, about ${seconds} s.\n`,
  );
  const open = contestants(await loadLibrary(stage.entry), stage.server);
  const cells = await runRounds((side) => open(cast[side]), plan);
  return report(cells.map(summarize), stage, plan);
}

function defineComparison(summary: string, cast: Cast): Command {
  return defineCommand({
    summary,
    options: {
      rounds: {
        default: 170,
        min: 1,
        max: 10_000,
        meaning: 'rounds, each with two pairs per command and callers',
      },
      ms: { default: 15, min: 1, max: 60_000, meaning: 'milliseconds per measurement' },
    },
    run: (plan, output) => onStage((stage) => compare(stage, cast, plan, output)),
  });
}

/** Commands per second of a client of ours against raw ioredis, in one process and in turn. */
export const overhead = defineComparison(
  `commands per second, ours / raw ioredis; fails below ${LEAST_RATIO}`,
  {
    raw: 'raw',
    ours: 'ours',
  },
);

/** The same between two raw clients: how far from 1 this machine gets by chance. */
export const control = defineComparison(
  'the same with raw ioredis on both sides: the noise of this machine',
  {
    raw: 'raw',
    ours: 'raw',
  },
);
