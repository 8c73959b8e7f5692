import { fileURLToPath } from 'node:url';
import { buildLibrary } from './build.js';
import { defineCommand, type Outcome, type Output } from './command.js';
import { ioredisVersion } from './contestants.js';
import { loadPair, measurePairs, type Pair } from './import-pairs.js';
import { median, medianInterval, type Interval } from './statistics.js';
import { ratio, ratios, renderTable, type Column } from './table.js';

/** Requirement: loading redis-hygiene, ioredis included, takes at most this many times what ioredis takes. */
const MAX_RATIO = 1.25;

/** Requirement: the help of the command line takes less than 1.5 times what `node -e 0` takes, plus 60 ms. */
const helpLimitMs = (nodeMs: number) => 1.5 * nodeMs + 60;

interface Plan {
  readonly rounds: number;
}

interface Line {
  readonly what: string;
  /** Medians over all starts. */
  readonly rawMs: number;
  readonly oursMs: number;
  /** Median over all pairs of ours / raw. */
  readonly ratio: number;
  readonly confidence95: Interval;
  /** The most that ours may take. */
  readonly limitMs: number;
  readonly passed: boolean;
}

const COLUMNS: readonly Column<Line>[] = [
  { head: 'what', align: 'left', cell: (line) => line.what },
  { head: 'raw ms', align: 'right', cell: (line) => line.rawMs.toFixed(1) },
  { head: 'ours ms', align: 'right', cell: (line) => line.oursMs.toFixed(1) },
  { head: 'ratio', align: 'right', cell: (line) => ratio(line.ratio) },
  { head: '95 % sure', align: 'left', cell: (line) => ratios(line.confidence95) },
  { head: 'limit ms', align: 'right', cell: (line) => line.limitMs.toFixed(1) },
];

/** The pairs of programs. @param entry URL of the built `index.js` */
function pairsOf(entry: string): Readonly<Record<string, Pair>> {
  const file = (name: string) => new URL(name, entry).href;
  const path = (name: string) => fileURLToPath(file(name));
  return {
    'import the drop-in': loadPair('import', [file('ioredis.js')], ['ioredis']),
    'require the drop-in': loadPair('require', [path('ioredis.cjs')], ['ioredis']),
    'drop-in with a client': loadPair('import', [file('ioredis.js'), 'Redis'], ['ioredis', 'Redis']),
    'import with a client': loadPair('import', [file('index.js'), 'factory'], ['ioredis', 'Redis']),
    'require with a client': loadPair('require', [path('index.cjs'), 'factory'], ['ioredis', 'Redis']),
    'redis-hygiene --help': { raw: ['-e', '0'], ours: [path('cli.cjs'), '--help'] },
  };
}

async function measure(what: string, pair: Pair, rounds: number): Promise<Line> {
  const { raw, ours } = await measurePairs(pair, rounds);
  const ratiosOfPairs = raw.map((ms, index) => (ours[index] ?? Number.NaN) / ms);
  const [rawMs, oursMs, middle] = [median(raw), median(ours), median(ratiosOfPairs)];
  const isHelp = what.endsWith('--help');
  const limitMs = isHelp ? helpLimitMs(rawMs) : MAX_RATIO * rawMs;
  const passed = isHelp ? oursMs < limitMs : middle <= MAX_RATIO;
  return { what, rawMs, oursMs, ratio: middle, confidence95: medianInterval(ratiosOfPairs), limitMs, passed };
}

async function compare(entry: string, { rounds }: Plan, output: Output): Promise<Outcome> {
  const versions = { node: process.version, ioredis: ioredisVersion };
  output.note(`node ${versions.node}, ioredis ${versions.ioredis}. ${rounds} pairs of starts.\n`);
  const lines: Line[] = [];
  for (const [what, pair] of Object.entries(pairsOf(entry))) lines.push(await measure(what, pair, rounds));
  const passed = lines.every((line) => line.passed);
  const verdict = passed ? 'PASS: everything is within its limit.' : 'FAIL: a line is above its limit.';
  return {
    data: { versions, rounds, maxRatio: MAX_RATIO, passed, results: lines },
    text: `${renderTable(COLUMNS, lines)}\n\n${verdict}`,
    passed,
  };
}

/** Measures how long it takes to load redis-hygiene, compared with ioredis alone, and to print the help of the command line. */
export const importCost = defineCommand({
  summary: `loading redis-hygiene / loading ioredis; fails above ${MAX_RATIO}`,
  options: {
    rounds: { default: 20, min: 1, max: 1_000, meaning: 'starts of each program on each side' },
  },
  async run(plan, output) {
    const build = await buildLibrary();
    try {
      return await compare(build.entry, plan, output);
    } finally {
      await build.remove();
    }
  },
});
