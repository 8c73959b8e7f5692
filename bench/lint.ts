import process from 'node:process';
import { Linter } from 'eslint';
import tseslint from 'typescript-eslint';
import plugin from '../src/eslint/index.js';
import { defineCommand, type Outcome, type Output } from './command.js';
import { generateBundles } from './lint-bundles.js';
import { generateSourceFiles, type SourceFile } from './lint-files.js';
import { median, medianInterval, type Interval } from './statistics.js';
import { ratio, ratios, renderTable, whole, type Column } from './table.js';

/** Requirement: the plugin adds less than a tenth to the time. */
const MAX_RATIO = 1.1;

/** Requirement for one large bundle that names Redis: the plugin at most doubles the time. */
const MAX_BUNDLE_RATIO = 2;

/** Files per slice. A slice takes about half a second, in which the load of a shared machine changes little. */
const SLICE_FILES = 50;

const LANGUAGES = [
  { files: ['**/*.{ts,mjs}'] },
  { files: ['**/*.cjs'], languageOptions: { sourceType: 'commonjs' } },
  { files: ['**/*.ts'], languageOptions: { parser: tseslint.parser as Linter.Parser } },
];

/**
 * Configurations that the plugin is added to: common rules, and the cheapest rule. Without any rule ESLint only parses. The
 * first rule, whichever it is, adds the traversal of the file, which took a sixth of the time and is no cost of the plugin.
 */
const BASELINES: Readonly<Record<string, readonly Linter.Config[]>> = {
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

interface ResultLine extends Requirement {
  readonly files: string;
  readonly baseline: string;
  readonly withoutMs: number;
  readonly withMs: number;
  /** Findings of the plugin in one round. */
  readonly findings: number;
  /** Median of with / without over all slices. */
  readonly ratio: number;
  readonly ratioConfidence95: Interval;
}

interface Requirement {
  readonly maxRatio: number;
  /** Whether the plugin must find something, so that its work is measured. */
  readonly mustFind: boolean;
}

/** Files that are linted together, with the rules of one baseline. */
interface Subject extends Requirement {
  readonly title: string;
  readonly files: readonly SourceFile[];
  readonly baseline: string;
}

interface Run {
  /** CPU time of this process in milliseconds, including the threads of the garbage collector. */
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

function sliceFiles(files: readonly SourceFile[]): SourceFile[][] {
  const starts = Array.from(
    { length: Math.ceil(files.length / SLICE_FILES) },
    (_, index) => index * SLICE_FILES,
  );
  return starts.map((start) => files.slice(start, start + SLICE_FILES));
}

/** Lints a slice in the order without, with, with, without, so that a machine that slows down or speeds up favours neither. */
function runSlice(files: readonly SourceFile[], baseline: readonly Linter.Config[]): Sample {
  const withPlugin = [...baseline, plugin.configs.strict];
  const [a, b, c, d] = [
    lint(files, baseline),
    lint(files, withPlugin),
    lint(files, withPlugin),
    lint(files, baseline),
  ];
  return {
    withoutMs: Math.min(a.ms, d.ms),
    withMs: Math.min(b.ms, c.ms),
    findings: b.findings,
  };
}

/** Minimum of each time. The compiler, the garbage collector and other programs can only add to it. */
function minimumOf(samples: readonly Sample[]): Sample {
  return {
    withoutMs: Math.min(...samples.map(({ withoutMs }) => withoutMs)),
    withMs: Math.min(...samples.map(({ withMs }) => withMs)),
    findings: samples[0]?.findings ?? 0,
  };
}

function measure({ title, files, baseline, ...requirement }: Subject, rounds: number): ResultLine {
  const slices = sliceFiles(files);
  const round = () => slices.map((part) => runSlice(part, BASELINES[baseline] ?? []));
  const samples = Array.from({ length: rounds }, round);
  const minima = slices.map((_, index) => minimumOf(samples.map((ofRound) => ofRound[index] as Sample)));
  const pairs = minima.map(({ withMs, withoutMs }) => withMs / withoutMs);
  const sum = (part: keyof Sample) => minima.reduce((all, sample) => all + sample[part], 0);
  return {
    files: title,
    baseline,
    ...requirement,
    withoutMs: sum('withoutMs'),
    withMs: sum('withMs'),
    findings: sum('findings'),
    ratio: median(pairs),
    ratioConfidence95: medianInterval(pairs),
  };
}

const COLUMNS: readonly Column<ResultLine>[] = [
  { head: 'files', align: 'left', cell: ({ files }) => files },
  { head: 'baseline', align: 'left', cell: ({ baseline }) => baseline },
  { head: 'without, CPU ms', align: 'right', cell: ({ withoutMs }) => whole(withoutMs) },
  { head: 'with', align: 'right', cell: ({ withMs }) => whole(withMs) },
  { head: 'findings', align: 'right', cell: ({ findings }) => whole(findings) },
  { head: 'ratio', align: 'right', cell: (line) => ratio(line.ratio) },
  { head: '95 % sure', align: 'left', cell: (line) => ratios(line.ratioConfidence95) },
];

function findShortfalls(lines: readonly ResultLine[]): string[] {
  const slow = lines.filter((line) => line.ratio >= line.maxRatio);
  const empty = lines.filter(({ findings, mustFind }) => mustFind && findings === 0);
  return [
    ...slow.map(
      ({ files, baseline, maxRatio, ...line }) =>
        `${files}, beside ${baseline}: ${ratio(line.ratio)}, expected less than ${ratio(maxRatio)}`,
    ),
    ...empty.map(
      ({ files, baseline }) =>
        `${files}, beside ${baseline}: the plugin had no findings, so its work was not measured`,
    ),
  ];
}

async function subjectsOf(count: number): Promise<readonly Subject[]> {
  const files = generateSourceFiles(count);
  const title = `${whole(count)} files, ${whole(linesIn(files))} lines`;
  const bundles = await generateBundles();
  return [
    ...Object.keys(BASELINES).map((baseline) => ({
      title,
      files,
      baseline,
      maxRatio: MAX_RATIO,
      mustFind: true,
    })),
    ...bundles.map(({ name, code }) => ({
      title: `${name}, ${(code.length / 1e6).toFixed(1)} MB`,
      files: [{ name, code }],
      baseline: 'no-debugger alone',
      maxRatio: MAX_BUNDLE_RATIO,
      mustFind: false,
    })),
  ];
}

function linesIn(files: readonly SourceFile[]): number {
  return files.reduce((sum, { code }) => sum + code.split('\n').length, 0);
}

async function run(plan: Plan, output: Output): Promise<Outcome> {
  const subjects = await subjectsOf(plan.files);
  output.note(`ESLint ${Linter.version}, ${plan.rounds} rounds.\n`);
  const results = subjects.map((subject) => measure(subject, plan.rounds));
  const shortfalls = findShortfalls(results);
  const verdict =
    shortfalls.length === 0 ? 'PASS: all requirements are met.' : `FAIL:\n  ${shortfalls.join('\n  ')}`;
  return {
    data: { eslint: Linter.version, ...plan, shortfalls, results },
    text: `${renderTable(COLUMNS, results)}\n\n${verdict}`,
    passed: shortfalls.length === 0,
  };
}

/** Compares the time that ESLint takes with configs.strict of the plugin and without, for the same files in one process. */
export const lintFiles = defineCommand({
  summary: 'ESLint over generated files and large bundles: with the plugin / without it',
  options: {
    files: { default: 1000, min: 10, max: 100_000, meaning: 'files; one in ten uses Redis' },
    rounds: { default: 5, min: 1, max: 10_000, meaning: 'rounds, each twice with and twice without' },
  },
  run,
});
