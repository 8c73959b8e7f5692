import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { buildLibrary } from './build.js';
import { defineCommand, type Outcome, type Output } from './command.js';
import { writeClientList } from './doctor-list.js';
import { median } from './statistics.js';
import { ratio, renderTable, whole, type Column } from './table.js';

/** Requirements: not slower than the pipeline of incident 1, less than 200 MB of memory, a list of usual size in less than 300 ms. */
const MAX_RATIO = 1;
const MAX_PEAK_KIB = 200_000;
const MAX_SMALL_MS = 300;

/** Goals of the commands that keep all rows, or as many groups. */
const MAX_FULL_MS = 4_000;
const MAX_FULL_PEAK_KIB = 400_000;

const SMALL_ROWS = 10_000;

const MEMORY_PRELOAD = fileURLToPath(new URL('./doctor-memory.cjs', import.meta.url));

/** The command line used during incident 1. */
const PIPELINE = `cat "$0" | awk '{print $2}' | awk -F "[=:]" '{print $2}' | sort | uniq -c | sort -k1,1nr | head -5`;

/** Median times for one list. */
interface Measurement {
  readonly rows: string;
  readonly pipelineMs: number;
  readonly oursMs: number;
  readonly ratio: number;
}

function measureMs(run: () => unknown): number {
  const start = performance.now();
  run();
  return performance.now() - start;
}

/** Paths of the command line tool and of the list that it reads. */
interface Case {
  readonly cli: string;
  readonly file: string;
}

const cliArgs = ({ file }: Case) => ['clients', '--file', file, '--by', 'ip', '--top', '5'];

const runPipeline = ({ file }: Case) => execFileSync('bash', ['-c', PIPELINE, file]);
const runOurs = (list: Case) => execFileSync(process.execPath, [list.cli, ...cliArgs(list)]);

function compare(rows: string, list: Case, rounds: number): Measurement {
  const samples = Array.from({ length: rounds }, () => ({
    pipeline: measureMs(() => runPipeline(list)),
    ours: measureMs(() => runOurs(list)),
  }));
  const pipelineMs = median(samples.map(({ pipeline }) => pipeline));
  const oursMs = median(samples.map(({ ours }) => ours));
  return { rows, pipelineMs, oursMs, ratio: median(samples.map(({ pipeline, ours }) => ours / pipeline)) };
}

/** Exit codes of a command that has read the list: 1 means findings. */
const DONE = [0, 1];

/** Runs the command line tool. Returns its peak memory in KiB. */
function measurePeakKiB(cli: string, args: readonly string[]): number {
  const run = spawnSync(process.execPath, ['--require', MEMORY_PRELOAD, cli, ...args], {
    stdio: ['ignore', 'ignore', 'inherit', 'pipe'],
  });
  if (!DONE.includes(run.status ?? NaN)) throw new Error(`redis-hygiene ${args.join(' ')} failed`);
  return Number(String(run.output[3] ?? NaN));
}

/** A command that keeps what it reads: its time, and its peak memory. */
interface FullMeasurement {
  readonly command: string;
  readonly ms: number;
  readonly peakKiB: number;
}

function measureFull(command: string, cli: string, args: readonly string[], rounds: number): FullMeasurement {
  const peaks: number[] = [];
  const times = Array.from({ length: rounds }, () => measureMs(() => peaks.push(measurePeakKiB(cli, args))));
  return { command, ms: median(times), peakKiB: median(peaks) };
}

const fullColumns: readonly Column<FullMeasurement>[] = [
  { head: 'command', align: 'left', cell: ({ command }) => command },
  { head: 'ms', align: 'right', cell: ({ ms }) => whole(ms) },
  { head: 'peak KiB', align: 'right', cell: ({ peakKiB }) => whole(peakKiB) },
];

const columns: readonly Column<Measurement>[] = [
  { head: 'rows', align: 'right', cell: ({ rows }) => rows },
  { head: 'awk ms', align: 'right', cell: ({ pipelineMs }) => whole(pipelineMs) },
  { head: 'ours ms', align: 'right', cell: ({ oursMs }) => whole(oursMs) },
  { head: 'ours/awk', align: 'right', cell: (line) => ratio(line.ratio) },
];

interface Plan {
  readonly rows: number;
  readonly rounds: number;
}

async function measure(
  { rows, rounds }: Plan,
  cli: string,
  folder: string,
  output: Output,
): Promise<Outcome> {
  const [large, small, distinct] = [
    { cli, file: join(folder, 'large') },
    { cli, file: join(folder, 'small') },
    { cli, file: join(folder, 'distinct') },
  ];
  await writeClientList(large.file, rows);
  await writeClientList(small.file, SMALL_ROWS);
  await writeClientList(distinct.file, rows, 'distinct');
  output.note(`${rows} rows, ${whole(statSync(large.file).size / 1e6)} MB, ${rounds} rounds`);
  const lines = [compare(String(rows), large, rounds), compare(String(SMALL_ROWS), small, rounds)] as const;
  const kib = measurePeakKiB(cli, cliArgs(large));
  const full = [
    measureFull(`clients, ${rows} names`, cli, ['clients', '--file', distinct.file], rounds),
    measureFull(`doctor, ${rows} rows`, cli, ['doctor', '--file', large.file], rounds),
  ];
  const isFast = lines[0].ratio <= MAX_RATIO && lines[1].oursMs < MAX_SMALL_MS;
  const meetsGoals = full.every(({ ms, peakKiB }) => ms <= MAX_FULL_MS && peakKiB <= MAX_FULL_PEAK_KIB);
  const passed = isFast && kib < MAX_PEAK_KIB && meetsGoals;
  const requirements = `Required: ours/awk at most ${ratio(MAX_RATIO)}, ${MAX_PEAK_KIB} KiB, ${SMALL_ROWS} rows in ${MAX_SMALL_MS} ms.`;
  const text = [
    renderTable(columns, lines),
    `Peak memory at ${rows} rows: ${whole(kib)} KiB.`,
    renderTable(fullColumns, full),
    `Goal: ${MAX_FULL_MS} ms and ${MAX_FULL_PEAK_KIB} KiB each.`,
    `${passed ? 'PASS' : 'FAIL'}. ${requirements}`,
  ].join('\n');
  return { data: { lines, peakKiB: kib, full }, text, passed };
}

export const doctor = defineCommand({
  summary: 'grouping a CLIENT LIST by address, compared with the awk pipeline of incident 1',
  options: {
    rows: {
      default: 1_000_000,
      min: 1000,
      max: 10_000_000,
      meaning: 'rows of the large list, 157 bytes each',
    },
    rounds: { default: 7, min: 1, max: 99, meaning: 'rounds, each of which runs both' },
  },
  async run(plan, output) {
    const build = await buildLibrary();
    const folder = mkdtempSync(join(tmpdir(), 'redis-hygiene-bench-'));
    try {
      return await measure(plan, fileURLToPath(new URL('cli.cjs', build.entry)), folder, output);
    } finally {
      rmSync(folder, { recursive: true, force: true });
      await build.remove();
    }
  },
});
