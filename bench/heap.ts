import { fork } from 'node:child_process';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { settingTable } from '../src/options/settings.js';
import { defineCommand, type Outcome, type Output } from './command.js';
import { sides, type Side } from './contestants.js';
import type { HeapSample } from './heap-child.js';
import { withSetup, formatVersions, type BenchmarkSetup } from './setup.js';
import { median } from './statistics.js';
import { ratio, renderTable, whole, type Column } from './table.js';

/** Requirement: highest ratio of the heap that an idle connection takes, ours / raw. */
const MAX_HEAP_RATIO = 1.15;

const CHILD = fileURLToPath(new URL('./heap-child.ts', import.meta.url));

interface Plan {
  readonly connections: number;
  readonly repeats: number;
  readonly frames: number;
}

type Samples = Readonly<Record<Side, HeapSample[]>>;

/** Medians of one kind of memory, in bytes per idle connection. */
interface Line {
  readonly memory: keyof HeapSample;
  readonly raw: number;
  readonly ours: number;
  readonly ratio: number;
}

function measureInChild(
  side: Side,
  { entry, server }: BenchmarkSetup,
  { connections, frames }: Plan,
): Promise<HeapSample> {
  return new Promise((resolve, reject) => {
    const args = [entry, side, server.host, server.port, connections, frames].map(String);
    const child = fork(CHILD, args, { execArgv: [...process.execArgv, '--expose-gc'] });
    let sample: HeapSample | undefined;
    child.on('message', (message) => void (sample = message as HeapSample));
    child.once('error', reject);
    child.once('exit', (code) => {
      if (sample) resolve(sample);
      else
        reject(
          new Error(`The process that measures ${side} ended with code ${String(code)} and sent no result.`),
        );
    });
  });
}

async function measureAll(setup: BenchmarkSetup, plan: Plan): Promise<Samples> {
  const samples: Samples = { raw: [], ours: [] };
  for (let repeat = 0; repeat < plan.repeats; repeat += 1) {
    for (const side of sides) samples[side].push(await measureInChild(side, setup, plan));
  }
  return samples;
}

function summarize(memory: keyof HeapSample, samples: Samples): Line {
  const raw = median(samples.raw.map((sample) => sample[memory]));
  const ours = median(samples.ours.map((sample) => sample[memory]));
  return { memory, raw: Math.round(raw), ours: Math.round(ours), ratio: ours / raw };
}

const COLUMNS: readonly Column<Line>[] = [
  { head: 'bytes per connection', align: 'left', cell: (line) => line.memory },
  { head: 'raw', align: 'right', cell: (line) => whole(line.raw) },
  { head: 'ours', align: 'right', cell: (line) => whole(line.ours) },
  { head: 'more', align: 'right', cell: (line) => whole(line.ours - line.raw) },
  { head: 'ratio', align: 'right', cell: (line) => ratio(line.ratio) },
];

function report(samples: Samples, { versions }: BenchmarkSetup, plan: Plan): Outcome {
  const heapLine = summarize('heap', samples);
  const lines = [heapLine, summarize('external', samples), summarize('rss', samples)];
  const passed = heapLine.ratio <= MAX_HEAP_RATIO;
  const verdict = `${passed ? 'PASS' : 'FAIL'}: the heap ratio is ${passed ? 'at most' : 'above'} ${MAX_HEAP_RATIO}.`;
  return {
    data: { versions, ...plan, maxHeapRatio: MAX_HEAP_RATIO, passed, results: lines, samples },
    text: `${renderTable(COLUMNS, lines)}\n\n${verdict}`,
    passed,
  };
}

async function compare(setup: BenchmarkSetup, plan: Plan, output: Output): Promise<Outcome> {
  const { connections, repeats } = plan;
  output.note(
    `${formatVersions(setup)}. ${connections} idle connections, ${repeats} processes for each side.\n`,
  );
  return report(await measureAll(setup, plan), setup, plan);
}

/** Compares the memory of an idle connection, ours and raw. Each sample is taken in a new process. */
export const heap = defineCommand({
  summary: `memory per idle connection, ours / raw ioredis; fails above ${MAX_HEAP_RATIO} for the heap`,
  options: {
    connections: { default: 500, min: 1, max: 5_000, meaning: 'idle connections' },
    repeats: { default: 5, min: 1, max: 100, meaning: 'processes for each side; medians are shown' },
    frames: {
      default: settingTable.callSiteFrames.default,
      min: 0,
      max: 20,
      meaning: 'callSiteFrames of our factory',
    },
  },
  run: (plan, output) => withSetup((setup) => compare(setup, plan, output)),
});
