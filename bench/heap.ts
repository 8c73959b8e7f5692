import { fork } from 'node:child_process';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { settingTable } from '../src/options/settings.js';
import { defineCommand, type Outcome, type Output } from './command.js';
import { sides, type Side } from './contestants.js';
import type { HeapSample } from './heap-child.js';
import { onStage, programs, type Stage } from './stage.js';
import { median } from './statistics.js';
import { ratio, renderTable, whole, type Column } from './table.js';

/** The goal: an idle connection of ours takes at most this many times the heap of a raw one. */
const MOST_HEAP_RATIO = 1.15;

const CHILD = fileURLToPath(new URL('./heap-child.ts', import.meta.url));

interface Plan {
  readonly connections: number;
  readonly repeats: number;
  readonly frames: number;
}

type Samples = Readonly<Record<Side, HeapSample[]>>;

/** A kind of memory, in bytes for each idle connection. */
interface Line {
  readonly memory: keyof HeapSample;
  readonly raw: number;
  readonly ours: number;
  readonly ratio: number;
}

function measureInChild(
  side: Side,
  { entry, server }: Stage,
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
      else reject(new Error(`The process that measures ${side} ended with ${String(code)} and no figures.`));
    });
  });
}

async function measureAll(stage: Stage, plan: Plan): Promise<Samples> {
  const samples: Samples = { raw: [], ours: [] };
  for (let repeat = 0; repeat < plan.repeats; repeat += 1) {
    for (const side of sides) samples[side].push(await measureInChild(side, stage, plan));
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

function report(samples: Samples, { versions }: Stage, plan: Plan): Outcome {
  const heapLine = summarize('heap', samples);
  const lines = [heapLine, summarize('external', samples), summarize('rss', samples)];
  const passed = heapLine.ratio <= MOST_HEAP_RATIO;
  const verdict = `${passed ? 'PASS' : 'FAIL'}: the heap ratio is ${passed ? 'at most' : 'above'} ${MOST_HEAP_RATIO}.`;
  return {
    data: { versions, ...plan, mostHeapRatio: MOST_HEAP_RATIO, passed, results: lines, samples },
    text: `${renderTable(COLUMNS, lines)}\n\n${verdict}`,
    passed,
  };
}

async function compare(stage: Stage, plan: Plan, output: Output): Promise<Outcome> {
  const { connections, repeats } = plan;
  output.note(`${programs(stage)}. ${connections} idle connections, ${repeats} processes for each side.\n`);
  return report(await measureAll(stage, plan), stage, plan);
}

/** Memory of an idle connection of ours against a raw one, each side in processes of its own. */
export const heap = defineCommand({
  summary: `memory per idle connection, ours / raw ioredis; fails above ${MOST_HEAP_RATIO} for the heap`,
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
  run: (plan, output) => onStage((stage) => compare(stage, plan, output)),
});
