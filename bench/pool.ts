import { loadLibrary } from './build.js';
import { defineCommand, type Outcome, type Output } from './command.js';
import {
  openPool,
  poolNames,
  type MeasuredPool,
  type PoolName,
  type PoolSetup,
  type Work,
} from './pool-contestants.js';
import { runLoad } from './load.js';
import { withSetup, formatVersions, type BenchmarkSetup } from './setup.js';
import { median, medianInterval, type Interval } from './statistics.js';
import { ratio, ratios, renderTable, whole, type Column } from './table.js';

/** The work of one lease. `nothing` measures acquire and release alone. */
const WORKS: Readonly<Record<string, Work>> = {
  nothing: () => undefined,
  GET: (client) => client.get('bench:pool'),
};

/**
 * The share of a measurement's time that each work gets. Work without I/O never lets the event loop turn, as no service does
 * for long, so it is measured for a short time only.
 */
const TIME_SHARES: Readonly<Record<string, number>> = { nothing: 0.25, GET: 1 };

const CALLERS = [1, 10, 100];

/** The pool with which all others are compared. */
const PEER: PoolName = 'generic-pool';

/** Rounds that are run first and not counted, so that V8 has compiled the code. */
const WARM_UP_ROUNDS = 3;

interface Plan {
  readonly rounds: number;
  readonly ms: number;
}

/** A kind of work with one number of callers. The n-th rates of all pools were measured in the same round. */
interface Measurement {
  readonly work: string;
  readonly callers: number;
  readonly rates: Readonly<Record<PoolName, number[]>>;
}

interface ResultRow {
  readonly work: string;
  readonly callers: number;
  readonly pool: PoolName;
  readonly perSecond: number;
  /** Median over all rounds of this pool / generic-pool. */
  readonly ratio: number;
  readonly ratioConfidence95: Interval;
}

type MeasuredPools = Readonly<Record<PoolName, MeasuredPool>>;

function emptyMeasurements(): Measurement[] {
  const rates = () =>
    Object.fromEntries(poolNames.map((name) => [name, []])) as unknown as Measurement['rates'];
  return Object.keys(WORKS).flatMap((work) => CALLERS.map((callers) => ({ work, callers, rates: rates() })));
}

async function openAll(setup: PoolSetup): Promise<MeasuredPools> {
  const pools: Partial<Record<PoolName, MeasuredPool>> = {};
  for (const name of poolNames) pools[name] = await openPool[name](setup);
  return pools as MeasuredPools;
}

/** Order of the pools in a round. Another pool is first each time, because the work before it slows down the first one. */
function orderOf(round: number): readonly PoolName[] {
  const first = round % poolNames.length;
  return [...poolNames.slice(first), ...poolNames.slice(0, first)];
}

/** Measures each pool twice, in order and in reverse order, so that a machine that slows down favours no pool. */
async function measure(
  { work, callers, rates }: Measurement,
  pools: MeasuredPools,
  ms: number,
): Promise<void> {
  const order = orderOf(rates[PEER].length);
  const sums = Object.fromEntries(poolNames.map((name) => [name, 0])) as Record<PoolName, number>;
  const doWork = WORKS[work] as Work;
  const ownMs = ms * (TIME_SHARES[work] ?? 1);
  for (const name of [...order, ...order.toReversed()])
    sums[name] += await runLoad({ call: () => pools[name].use(doWork), callers, ms: ownMs });
  for (const name of poolNames) rates[name].push(sums[name] / 2);
}

/** Opens new connections for each round, as the speed of two connections can differ by a third for their whole life. */
async function runRounds(setup: PoolSetup, { rounds, ms }: Plan): Promise<readonly Measurement[]> {
  const [warmUp, measurements] = [emptyMeasurements(), emptyMeasurements()];
  for (let round = -WARM_UP_ROUNDS; round < rounds; round += 1) {
    const pools = await openAll(setup);
    for (const measurement of round < 0 ? warmUp : measurements) await measure(measurement, pools, ms);
    await Promise.all(poolNames.map((name) => pools[name].close()));
  }
  return measurements;
}

function summarize({ work, callers, rates }: Measurement): ResultRow[] {
  const peer = rates[PEER];
  return poolNames.map((pool) => {
    const pairs = rates[pool].map((rate, index) => rate / (peer[index] ?? Number.NaN));
    const perSecond = Math.round(median(rates[pool]));
    return { work, callers, pool, perSecond, ratio: median(pairs), ratioConfidence95: medianInterval(pairs) };
  });
}

const COLUMNS: readonly Column<ResultRow>[] = [
  { head: 'work', align: 'left', cell: ({ work }) => work },
  { head: 'callers', align: 'right', cell: ({ callers }) => whole(callers) },
  { head: 'pool', align: 'left', cell: ({ pool }) => pool },
  { head: 'leases/s', align: 'right', cell: ({ perSecond }) => whole(perSecond) },
  { head: `/ ${PEER}`, align: 'right', cell: (row) => ratio(row.ratio) },
  { head: '95 % sure', align: 'left', cell: (row) => ratios(row.ratioConfidence95) },
];

/** The texts of the requirements that are not met. */
function findShortfalls(rows: readonly ResultRow[]): string[] {
  return CALLERS.flatMap((callers) => {
    const ratioOf = (work: string, pool: PoolName) =>
      rows.find((row) => row.work === work && row.callers === callers && row.pool === pool)?.ratio ??
      Number.NaN;
    const use = ratioOf('nothing', 'ours, use');
    const checks: [boolean, string][] = [
      [use >= 0.8, `use() reaches ${ratio(use)} of ${PEER}, expected 0.8`],
      [use > ratioOf('nothing', 'tarn'), 'use() is not faster than tarn'],
      [use > ratioOf('nothing', 'lightning-pool'), 'use() is not faster than lightning-pool'],
      ...(['ours, use', 'ours, acquire'] as const).map((pool): [boolean, string] => [
        ratioOf('GET', pool) >= 0.97,
        `GET by ${pool} reaches ${ratio(ratioOf('GET', pool))} of ${PEER}, expected 0.97`,
      ]),
    ];
    return checks.filter(([isMet]) => !isMet).map(([, what]) => `${callers} callers: ${what}`);
  });
}

function report(rows: readonly ResultRow[], { versions }: BenchmarkSetup, plan: Plan): Outcome {
  const shortfalls = findShortfalls(rows);
  const verdict =
    shortfalls.length === 0 ? 'PASS: all requirements are met.' : `FAIL:\n  ${shortfalls.join('\n  ')}`;
  return {
    data: { versions, ...plan, shortfalls, results: rows },
    text: `${renderTable(COLUMNS, rows)}\n\n${verdict}`,
    passed: shortfalls.length === 0,
  };
}

async function compare(setup: BenchmarkSetup, plan: Plan, output: Output): Promise<Outcome> {
  const shares = Object.values(TIME_SHARES).reduce((sum, share) => sum + share, 0);
  const perRound = CALLERS.length * shares * poolNames.length * 2;
  const seconds = Math.round(((plan.rounds + WARM_UP_ROUNDS) * perRound * plan.ms) / 1000);
  output.note(
    `${formatVersions(setup)}. ${plan.rounds} rounds of ${perRound} × ${plan.ms} ms, about ${seconds} s.\n`,
  );
  const { host, port } = setup.server;
  const poolSetup: PoolSetup = { library: await loadLibrary(setup.entry), server: { host, port } };
  const measurements = await runRounds(poolSetup, plan);
  return report(measurements.flatMap(summarize), setup, plan);
}

/** Compares the leases per second of our pool, with its leak detection, with those of other pools, in one process. */
export const pool = defineCommand({
  summary: 'leases per second of our pool / generic-pool, beside tarn, lightning-pool and node-redis',
  options: {
    rounds: { default: 45, min: 1, max: 10_000, meaning: 'rounds, each with fresh connections' },
    // A pool captures more stacks after a pause than it does in the long run, so a measurement must not be too short.
    ms: { default: 80, min: 4, max: 60_000, meaning: 'milliseconds per measurement' },
  },
  run: (plan, output) => withSetup((setup) => compare(setup, plan, output)),
});
