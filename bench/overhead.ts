import { loadLibrary } from './build.js';
import { defineCommand, type Command, type Outcome, type Output } from './command.js';
import { createClientOpener, type Side } from './contestants.js';
import { durationMs, MEASUREMENTS_PER_ROUND, runRounds, type Cell, type Plan } from './rounds.js';
import { withSetup, formatVersions, type BenchmarkSetup } from './setup.js';
import { median, medianInterval, middle80, type Interval } from './statistics.js';
import { ratio, ratios, renderTable, whole, type Column } from './table.js';

/** Requirement: lowest median ratio of commands per second, ours / raw ioredis. */
const MIN_RATIO = 0.97;

/** Summary of a cell. */
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
  if (slow.length === 0) return `PASS: all median ratios are at least ${MIN_RATIO}.`;
  const names = slow.map(
    ({ command, callers, ratio: value }) => `${command} with ${callers} (${ratio(value)})`,
  );
  const isUncertain = slow.some(({ ratioConfidence95 }) => ratioConfidence95.to >= MIN_RATIO);
  const hint = isUncertain
    ? `\nThis is not certain, because a 95 % range reaches ${MIN_RATIO}. Measure with more --rounds.`
    : '';
  return `FAIL: median ratio below ${MIN_RATIO}: ${names.join(', ')}.${hint}`;
}

function report(lines: readonly Line[], { versions }: BenchmarkSetup, plan: Plan): Outcome {
  const slow = lines.filter((line) => !(line.ratio >= MIN_RATIO));
  const passed = slow.length === 0;
  return {
    data: { versions, ...plan, minRatio: MIN_RATIO, passed, results: lines },
    text: `${renderTable(COLUMNS, lines)}\n\n${verdict(slow)}`,
    passed,
  };
}

/** Kind of client that each side opens. */
type ClientBySide = Readonly<Record<Side, Side>>;

async function compare(
  setup: BenchmarkSetup,
  clientBySide: ClientBySide,
  plan: Plan,
  output: Output,
): Promise<Outcome> {
  const { rounds, ms } = plan;
  const seconds = Math.round(durationMs(plan) / 1000);
  output.note(
    `${formatVersions(setup)}. ${rounds} rounds of ${MEASUREMENTS_PER_ROUND} × ${ms} ms, about ${seconds} s.\n`,
  );
  const open = createClientOpener(await loadLibrary(setup.entry), setup.server);
  const cells = await runRounds((side) => open(clientBySide[side]), plan);
  return report(cells.map(summarize), setup, plan);
}

function defineComparison(summary: string, clientBySide: ClientBySide): Command {
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
    run: (plan, output) => withSetup((setup) => compare(setup, clientBySide, plan, output)),
  });
}

/** Compares commands per second of our client and of raw ioredis, in turn in one process. */
export const overhead = defineComparison(
  `commands per second, ours / raw ioredis; fails below ${MIN_RATIO}`,
  {
    raw: 'raw',
    ours: 'ours',
  },
);

/** Compares two raw clients in the same way, which shows how far the ratio differs from 1 by chance on this machine. */
export const control = defineComparison(
  'overhead with raw ioredis on both sides, which shows the noise of this machine',
  {
    raw: 'raw',
    ours: 'raw',
  },
);
