import process from 'node:process';
import { Linter } from 'eslint';
import tseslint from 'typescript-eslint';
import plugin from '../src/eslint/index.js';
import { defineCommand, type Outcome, type Output } from './command.js';
import { sourceFiles, type SourceFile } from './lint-files.js';
import { median, medianInterval, type Interval } from './statistics.js';
import { ratio, ratios, renderTable, whole, type Column } from './table.js';

/** The goal: a tenth more at the most. */
const MOST_RATIO = 1.1;

/** Files that are linted in a row: half a second, in which a machine that others use changes little. */
const SLICE = 50;

const LANGUAGES = [
  { files: ['**/*.{ts,mjs}'] },
  { files: ['**/*.ts'], languageOptions: { parser: tseslint.parser as Linter.Parser } },
];

/**
 * What a project lints with anyhow, and the least that it can: without any rule ESLint only parses. The walk through a
 * file that the first rule brings, whichever it is, was a sixth of the time, and is not the plugin's.
 */
const PEERS: Readonly<Record<string, readonly Linter.Config[]>> = {
  'recommended rules of typescript-eslint': [
    ...LANGUAGES,
    ...(tseslint.configs.recommended as Linter.Config[]),
  ],
  'no-debugger alone': [...LANGUAGES, { rules: { 'no-debugger': 'error' } }],
};

interface Plan {
  readonly files: number;
  readonly rounds: number;
}

interface Line {
  readonly peer: string;
  readonly withoutMs: number;
  readonly withMs: number;
  /** Findings of the plugin in one round. */
  readonly findings: number;
  /** Median over all slices of with / without. */
  readonly ratio: number;
  readonly ratioConfidence95: Interval;
}

interface Run {
  /** Milliseconds of CPU time, the collector's threads included: what other programs do meanwhile is not counted. */
  readonly ms: number;
  readonly findings: number;
}

interface Sample {
  readonly withoutMs: number;
  readonly withMs: number;
  readonly findings: number;
}

function lint(files: readonly SourceFile[], config: readonly Linter.Config[]): Run {
  const linter = new Linter();
  let findings = 0;
  const start = process.cpuUsage();
  for (const { name, code } of files) {
    const messages = linter.verify(code, [...config], { filename: name });
    if (messages.some(({ fatal }) => fatal)) throw new Error(`${name} does not parse.`);
    findings += messages.filter(({ ruleId }) => ruleId?.startsWith('redis-hygiene/')).length;
  }
  const { user, system } = process.cpuUsage(start);
  return { ms: (user + system) / 1000, findings };
}

function slicesOf(files: readonly SourceFile[]): SourceFile[][] {
  const starts = Array.from({ length: Math.ceil(files.length / SLICE) }, (_, index) => index * SLICE);
  return starts.map((start) => files.slice(start, start + SLICE));
}

/** Without, with, with, without: a machine that slows down or speeds up favours neither. */
function runSlice(files: readonly SourceFile[], peer: readonly Linter.Config[]): Sample {
  const ours = [...peer, plugin.configs.strict];
  const [a, b, c, d] = [lint(files, peer), lint(files, ours), lint(files, ours), lint(files, peer)];
  return {
    withoutMs: Math.min(a.ms, d.ms),
    withMs: Math.min(b.ms, c.ms),
    findings: b.findings,
  };
}

/** The least of each: the compiler, the collector and whatever else the machine does only ever add. */
function leastOf(samples: readonly Sample[]): Sample {
  return {
    withoutMs: Math.min(...samples.map(({ withoutMs }) => withoutMs)),
    withMs: Math.min(...samples.map(({ withMs }) => withMs)),
    findings: samples[0]?.findings ?? 0,
  };
}

function measure(files: readonly SourceFile[], rounds: number, peer: string): Line {
  const slices = slicesOf(files);
  const round = () => slices.map((part) => runSlice(part, PEERS[peer] ?? []));
  const samples = Array.from({ length: rounds }, round);
  const least = slices.map((_, index) => leastOf(samples.map((ofRound) => ofRound[index] as Sample)));
  const pairs = least.map(({ withMs, withoutMs }) => withMs / withoutMs);
  const sum = (part: keyof Sample) => least.reduce((all, sample) => all + sample[part], 0);
  return {
    peer,
    withoutMs: sum('withoutMs'),
    withMs: sum('withMs'),
    findings: sum('findings'),
    ratio: median(pairs),
    ratioConfidence95: medianInterval(pairs),
  };
}

const COLUMNS: readonly Column<Line>[] = [
  { head: 'beside', align: 'left', cell: ({ peer }) => peer },
  { head: 'without, CPU ms', align: 'right', cell: ({ withoutMs }) => whole(withoutMs) },
  { head: 'with', align: 'right', cell: ({ withMs }) => whole(withMs) },
  { head: 'findings', align: 'right', cell: ({ findings }) => whole(findings) },
  { head: 'ratio', align: 'right', cell: (line) => ratio(line.ratio) },
  { head: '95 % sure', align: 'left', cell: (line) => ratios(line.ratioConfidence95) },
];

function findShortfalls(lines: readonly Line[]): string[] {
  const slow = lines.filter((line) => line.ratio >= MOST_RATIO);
  const blind = lines.filter(({ findings }) => findings === 0);
  return [
    ...slow.map(
      (line) => `beside ${line.peer}: ${ratio(line.ratio)}, expected less than ${ratio(MOST_RATIO)}`,
    ),
    ...blind.map(({ peer }) => `beside ${peer}: nothing was found, so nothing was measured`),
  ];
}

function run(plan: Plan, output: Output): Promise<Outcome> {
  const files = sourceFiles(plan.files);
  const lines = files.reduce((sum, { code }) => sum + code.split('\n').length, 0);
  output.note(
    `ESLint ${Linter.version}, ${whole(plan.files)} files, ${whole(lines)} lines, ${plan.rounds} rounds.\n`,
  );
  const results = Object.keys(PEERS).map((peer) => measure(files, plan.rounds, peer));
  const shortfalls = findShortfalls(results);
  const verdict =
    shortfalls.length === 0 ? 'PASS: all requirements are met.' : `FAIL:\n  ${shortfalls.join('\n  ')}`;
  return Promise.resolve({
    data: { eslint: Linter.version, lines, ...plan, shortfalls, results },
    text: `${renderTable(COLUMNS, results)}\n\n${verdict}`,
    passed: shortfalls.length === 0,
  });
}

/** How much longer ESLint takes with configs.strict of the plugin, over the same files, in one process and in turn. */
export const lintFiles = defineCommand({
  summary: 'ESLint over generated files: with the plugin / without it',
  options: {
    files: { default: 1000, min: 10, max: 100_000, meaning: 'files; of ten one touches Redis' },
    rounds: { default: 5, min: 1, max: 10_000, meaning: 'rounds, each twice with and twice without' },
  },
  run,
});
