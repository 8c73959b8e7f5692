import { loadLibrary } from './build.js';
import { defineCommand, type Outcome, type Output } from './command.js';
import {
  openPool,
  poolNames,
  type Arena,
  type Contestant,
  type PoolName,
  type Work,
} from './pool-contestants.js';
import { runLoad } from './load.js';
import { onStage, programs, type Stage } from './stage.js';
import { median, medianInterval, type Interval } from './statistics.js';
import { ratio, ratios, renderTable, whole, type Column } from './table.js';

/** What is done within a lease: nothing, which is lease and release alone, or one command. */
const WORKS: Readonly<Record<string, Work>> = {
  nothing: () => undefined,
  GET: (client) => client.get('bench:pool'),
};

const CALLERS = [1, 10, 100];

/** All others are compared with it. */
const PEER: PoolName = 'generic-pool';

/** How long is measured and thrown away in each round, in milliseconds: the compiler settles. */
const WARM_UP_ROUNDS = 3;

interface Plan {
  readonly rounds: number;
  readonly ms: number;
}

/** One kind of work with one number of callers. The n-th rates of all pools were measured side by side. */
interface Cell {
  readonly work: string;
  readonly callers: number;
  readonly rates: Readonly<Record<PoolName, number[]>>;
}

interface Line {
  readonly work: string;
  readonly callers: number;
  readonly pool: PoolName;
  readonly perSecond: number;
  /** Median over all rounds of this pool / generic-pool. */
  readonly ratio: number;
  readonly ratioConfidence95: Interval;
}

type Contest = Readonly<Record<PoolName, Contestant>>;

function emptyCells(): Cell[] {
  const rates = () => Object.fromEntries(poolNames.map((name) => [name, []])) as unknown as Cell['rates'];
  return Object.keys(WORKS).flatMap((work) => CALLERS.map((callers) => ({ work, callers, rates: rates() })));
}

async function openAll(arena: Arena): Promise<Contest> {
  const pools: Partial<Record<PoolName, Contestant>> = {};
  for (const name of poolNames) pools[name] = await openPool[name](arena);
  return pools as Contest;
}

/** The order of the pools: another one begins each time, since who comes first pays for what ran before it. */
function orderOf(turn: number): readonly PoolName[] {
  const first = turn % poolNames.length;
  return [...poolNames.slice(first), ...poolNames.slice(0, first)];
}

/** Each pool twice, forwards and backwards, so that a machine that slows down or speeds up favours none. */
async function runCell({ work, callers, rates }: Cell, pools: Contest, ms: number): Promise<void> {
  const order = orderOf(rates[PEER].length);
  const sums = Object.fromEntries(poolNames.map((name) => [name, 0])) as Record<PoolName, number>;
  const done = WORKS[work] as Work;
  for (const name of [...order, ...order.toReversed()])
    sums[name] += await runLoad({ call: () => pools[name].lend(done), callers, ms });
  for (const name of poolNames) rates[name].push(sums[name] / 2);
}

/** Fresh connections for each round, and many rounds: two connections can differ by a third for as long as they live. */
async function runRounds(arena: Arena, { rounds, ms }: Plan): Promise<readonly Cell[]> {
  const [warmUp, cells] = [emptyCells(), emptyCells()];
  for (let round = -WARM_UP_ROUNDS; round < rounds; round += 1) {
    const pools = await openAll(arena);
    for (const cell of round < 0 ? warmUp : cells) await runCell(cell, pools, ms);
    await Promise.all(poolNames.map((name) => pools[name].close()));
  }
  return cells;
}

function summarize({ work, callers, rates }: Cell): Line[] {
  const peer = rates[PEER];
  return poolNames.map((pool) => {
    const pairs = rates[pool].map((rate, index) => rate / (peer[index] ?? Number.NaN));
    const perSecond = Math.round(median(rates[pool]));
    return { work, callers, pool, perSecond, ratio: median(pairs), ratioConfidence95: medianInterval(pairs) };
  });
}

const COLUMNS: readonly Column<Line>[] = [
  { head: 'within', align: 'left', cell: ({ work }) => work },
  { head: 'callers', align: 'right', cell: ({ callers }) => whole(callers) },
  { head: 'pool', align: 'left', cell: ({ pool }) => pool },
  { head: 'leases/s', align: 'right', cell: ({ perSecond }) => whole(perSecond) },
  { head: `/ ${PEER}`, align: 'right', cell: (line) => ratio(line.ratio) },
  { head: '95 % sure', align: 'left', cell: (line) => ratios(line.ratioConfidence95) },
];

/** The requirements, each as what is said where it is not met. */
function findShortfalls(lines: readonly Line[]): string[] {
  return CALLERS.flatMap((callers) => {
    const of = (work: string, pool: PoolName) =>
      lines.find((line) => line.work === work && line.callers === callers && line.pool === pool)?.ratio ??
      Number.NaN;
    const use = of('nothing', 'ours, use');
    const checks: [boolean, string][] = [
      [use >= 0.8, `use ${ratio(use)} of ${PEER}, expected 0.8`],
      [use > of('nothing', 'tarn'), 'use is not ahead of tarn'],
      [use > of('nothing', 'lightning-pool'), 'use is not ahead of lightning-pool'],
      ...(['ours, use', 'ours, acquire'] as const).map((pool): [boolean, string] => [
        of('GET', pool) >= 0.97,
        `GET within ${pool}: ${ratio(of('GET', pool))} of ${PEER}, expected 0.97`,
      ]),
    ];
    return checks.filter(([isMet]) => !isMet).map(([, what]) => `${callers} callers: ${what}`);
  });
}

function report(lines: readonly Line[], { versions }: Stage, plan: Plan): Outcome {
  const shortfalls = findShortfalls(lines);
  const verdict =
    shortfalls.length === 0 ? 'PASS: all requirements are met.' : `FAIL:\n  ${shortfalls.join('\n  ')}`;
  return {
    data: { versions, ...plan, shortfalls, results: lines },
    text: `${renderTable(COLUMNS, lines)}\n\n${verdict}`,
    passed: shortfalls.length === 0,
  };
}

async function compare(stage: Stage, plan: Plan, output: Output): Promise<Outcome> {
  const measurements = CALLERS.length * Object.keys(WORKS).length * poolNames.length * 2;
  const seconds = Math.round(((plan.rounds + WARM_UP_ROUNDS) * measurements * plan.ms) / 1000);
  output.note(
    `${programs(stage)}. ${plan.rounds} rounds of ${measurements} × ${plan.ms} ms, about ${seconds} s.\n`,
  );
  const { host, port } = stage.server;
  const arena: Arena = { library: await loadLibrary(stage.entry), server: { host, port } };
  const cells = await runRounds(arena, plan);
  return report(cells.flatMap(summarize), stage, plan);
}

/** Leases per second of our pool, with its leak detection, against other pools, in one process and in turn. */
export const pool = defineCommand({
  summary: 'lease and release: ours / generic-pool, beside tarn, lightning-pool and node-redis',
  options: {
    rounds: { default: 150, min: 1, max: 10_000, meaning: 'rounds, each with fresh connections' },
    ms: { default: 20, min: 1, max: 60_000, meaning: 'milliseconds per measurement' },
  },
  run: (plan, output) => onStage((stage) => compare(stage, plan, output)),
});
