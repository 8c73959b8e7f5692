import { loadLibrary } from './build.js';
import { defineCommand, type Command, type Outcome, type Output } from './command.js';
import { clientOpenerOf, createBenchFactory, createClientOpener, type Side } from './contestants.js';
import { observe, SCRAPE_INTERVAL_MS } from './observers.js';
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

function noteDuration(setup: BenchmarkSetup, plan: Plan, output: Output): void {
  const { rounds, ms } = plan;
  const seconds = Math.round(durationMs(plan) / 1000);
  output.note(
    `${formatVersions(setup)}. ${rounds} rounds of ${MEASUREMENTS_PER_ROUND} × ${ms} ms, about ${seconds} s.\n`,
  );
}

async function compare(
  setup: BenchmarkSetup,
  clientBySide: ClientBySide,
  plan: Plan,
  output: Output,
): Promise<Outcome> {
  noteDuration(setup, plan, output);
  const open = createClientOpener(await loadLibrary(setup.entry), setup.server);
  const cells = await runRounds((side) => open(clientBySide[side]), plan);
  return report(cells.map(summarize), setup, plan);
}

const ROUND_OPTIONS = {
  rounds: {
    default: 170,
    min: 1,
    max: 10_000,
    meaning: 'rounds, each with two pairs per command and callers',
  },
  ms: { default: 15, min: 1, max: 60_000, meaning: 'milliseconds per measurement' },
};

function defineComparison(summary: string, clientBySide: ClientBySide): Command {
  return defineCommand({
    summary,
    options: ROUND_OPTIONS,
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

/** Number of scrapes that are timed. */
const SCRAPES = 50;

/** Measures everything that observes a factory: what it costs each command, and what a scrape costs. */
async function compareObserved(setup: BenchmarkSetup, plan: Plan, output: Output): Promise<Outcome> {
  noteDuration(setup, plan, output);
  const library = await loadLibrary(setup.entry);
  const factory = createBenchFactory(library);
  const observers = await observe(library, setup.entry, factory);
  const { host, port } = setup.server;
  const cells = await runRounds(clientOpenerOf(factory, { host, port }), plan);
  const durations: number[] = [];
  for (let scrape = 0; scrape < SCRAPES; scrape += 1) durations.push(await observers.scrape());
  const scrapeMs = median(durations);
  const share = 1 - scrapeMs / SCRAPE_INTERVAL_MS;
  const lines = cells.map(summarize).map((line) => ({ ...line, ratio: line.ratio * share }));
  const outcome = report(lines, setup, plan);
  const note = `A scrape of both backends takes ${scrapeMs.toFixed(2)} ms; the ratios hold one every ${SCRAPE_INTERVAL_MS / 1000} s.`;
  return { ...outcome, data: { ...(outcome.data as object), scrapeMs }, text: `${outcome.text}\n${note}` };
}

/** Compares our client with raw ioredis while metrics, logs and channels are on. */
export const observed = defineCommand({
  summary: `overhead with metrics (both backends), logs and channels on; fails below ${MIN_RATIO}`,
  options: ROUND_OPTIONS,
  run: (plan, output) => withSetup((setup) => compareObserved(setup, plan, output)),
});

/** Compares two raw clients in the same way, which shows how far the ratio differs from 1 by chance on this machine. */
export const control = defineComparison(
  'overhead with raw ioredis on both sides, which shows the noise of this machine',
  {
    raw: 'raw',
    ours: 'raw',
  },
);
