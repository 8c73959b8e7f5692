import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test, type TestContext } from 'vitest';
import { eventually } from '../support/eventually.js';
import { createShiftedClock, findClockLibrary, type ShiftedClock } from '../support/shifted-clock.js';
import { record } from './figures/figure.js';
import { OURS } from './rig/contestant.js';
import { findFreezer } from './living/freezer.js';
import { LIVING_PLANS, startLiving, type LivingServers } from './living/living-process.js';
import { countByLabel, listLiving, lossesOf, type LivingRow } from './living/rows.js';
import { idsLeft, leaveOrphans, leftUnnamed, writeRecords } from './living/orphans.js';
import { closedOn, reapFrom, type ReapPlace, type ReapRun } from './living/reaping.js';
import type { Rig } from './rig/rig.js';
import type { FaultServer } from './rig/server.js';
import { openSurvivors } from './living/survivors.js';
import { faults } from './rig/use-rig.js';

/** Time for which living connections must survive. */
const LIVING_MS = Number(process.env['REDIS_HYGIENE_FAULTS_LIVING_S'] ?? 300) * 1_000;
/** Time from one run of reap to the next one. A run takes 20 s between its two looks. */
const ROUND_MS = 30_000;
/** How far the moved clocks jump, and after which time they jump back within a round. */
const JUMP_S = 300;
const JUMP_MS = 10_000;
/** Long enough to notice a connection that was lost while its process did not run. */
const AFTERMATH_MS = 15_000;
/** Kinds of connections whose processes do not run at all, and the time in which their servers have sent everything. */
const SUSPENDED = new Set(['stopped', 'frozen']);
const SETTLED_MS = 10_000;
/** More than the socket buffers of a stopped subscriber take. */
const FLOOD = { messages: 64, bytes: 32_768 };

await faults('living connections beside orphans', (rig) => {
  test(`for ${LIVING_MS / 1_000} s, reaped again and again`, async (context) => {
    const { servers, clock } = await startServers(rig(), context);
    const { redis } = servers;
    const pods = [await rig().side('masquerade'), await rig().side('masquerade')] as const;
    const far = await rig().side('none');
    const sides = pods.map(({ namespace }) => namespace);
    const plans = await possiblePlans(context);
    const processes = await Promise.all(
      OURS.flatMap((who) => plans.map((plan) => startLiving(rig(), { servers, sides, clock }, plan, who))),
    );
    const survivors = await openSurvivors(rig(), redis, pods);
    const orphans = await leaveOrphans(rig(), servers, far.namespace);
    const living = await listLiving(rig(), servers, processes);
    const places = placesIn(rig(), sides, await writeRecords(rig(), redis, orphans.far, living));
    for (const one of processes) await one.begin();
    await flood(rig(), redis);
    const survived = survivors.cut();
    survived.catch(() => undefined); // a failure is thrown when the result is asked for

    const runs = await reapAgainAndAgain(rig(), places, servers, clock);
    const silent = await listLiving(rig(), servers, processes);
    for (const one of processes) await one.resume();
    await sleep(AFTERMATH_MS);

    const after = await listLiving(rig(), servers, processes);
    const lost = [...living].filter(([key]) => !after.has(key)).map(([, row]) => row);
    const losses = processes.flatMap((one) => lossesOf(one));
    const { closed, neighbours } = await survived;
    const result = {
      notSuspended: notSuspended([...silent.values()]),
      closedAlive: countByLabel(lost),
      losses: countTexts(losses),
      closedByItself: closed,
      neighbours,
      left: await idsLeft(rig(), redis, orphans.near),
      watchers: await idsLeft(rig(), servers.sentinel, orphans.watchers),
      unnamed: await leftUnnamed(rig(), redis, orphans.far, runs, places),
    };
    recordLosses(context, [...living.values()], lost);
    recordRuns(context, runs, servers, living);
    const figure = (row: string, value: number) => record(context, 'ours6', `9 ${row}`, value);
    figure('losses that living clients noticed', losses.length);
    figure(`orphans of living services closed by themselves, of ${survivors.total}`, closed);
    figure('living connections of the same name behind NAT closed by that', neighbours);
    figure(`orphans left, of ${orphans.near.length} whose kernel can be asked`, result.left.length);
    figure(`orphans left on Sentinel, of ${orphans.watchers.length}`, result.watchers.length);
    figure(`orphans neither proven nor named, of ${orphans.far.length} others`, result.unnamed.length);
    expect(result).toEqual({
      notSuspended: [],
      closedAlive: [],
      losses: {},
      closedByItself: survivors.total,
      neighbours: 0,
      left: [],
      watchers: [],
      unnamed: [],
    });
  });
});

/** Starts the servers. The clock of one of them is moved if libfaketime can be had. */
async function startServers(rig: Rig, context: TestContext) {
  const library = await findClockLibrary();
  if ('missing' in library) record(context, 'ours6', '9 clocks that are not moved, because', library.missing);
  const clock = 'missing' in library ? undefined : await rig.keep(createShiftedClock(library));
  const redis = await rig.redis();
  const clocked = clock ? await rig.redisWithClock(clock) : await rig.redis();
  const sentinel = await rig.sentinel(redis);
  const servers: LivingServers = { redis, clocked, sentinel, cluster: await startCluster(rig) };
  return { servers, clock };
}

/** Starts a Cluster of one node, which serves all slots. */
async function startCluster({ redis, observer, network }: Rig): Promise<FaultServer> {
  const announce = ['--cluster-announce-ip', network.servers.v4];
  const node = await redis('--cluster-enabled', 'yes', ...announce);
  await observer.call(node.port, 'call', 'CLUSTER', 'ADDSLOTSRANGE', 0, 16_383);
  await eventually(async () =>
    expect(await observer.call(node.port, 'call', 'CLUSTER', 'INFO')).toContain('cluster_state:ok'),
  );
  return node;
}

/** All processes, without the frozen ones where none can be frozen. */
async function possiblePlans(context: TestContext) {
  const freezer = await findFreezer();
  if (!('missing' in freezer)) return LIVING_PLANS;
  record(context, 'ours6', '9 processes that are not frozen, because', freezer.missing);
  return LIVING_PLANS.filter(({ state }) => state !== 'frozen');
}

/** Places at which reap runs. Only at `peers` it is certain that the kernel of the near clients can be asked. */
function placesIn({ namespaces }: Rig, pods: readonly string[], orphansFile: string): readonly ReapPlace[] {
  const { client, servers, router } = namespaces;
  const [pod = ''] = pods;
  return [
    { place: 'peers', namespace: client },
    { place: 'servers', namespace: servers },
    { place: 'router', namespace: router },
    { place: 'servers, in a container', namespace: servers, isContainer: true },
    { place: 'router, in a container', namespace: router, isContainer: true },
    { place: 'pod', namespace: pod, isContainer: true, args: ['--orphans', orphansFile] },
  ];
}

/** Sends more messages to stopped subscribers than their sockets take, and one to all others. */
async function flood({ observer }: Rig, { port }: FaultServer): Promise<void> {
  const message = 'x'.repeat(FLOOD.bytes);
  for (let sent = 0; sent < FLOOD.messages; sent += 1) await observer.call(port, 'publish', 'flood', message);
  await observer.call(port, 'publish', 'news', 'hello');
}

/** Runs reap at all places at once, in rounds, each of which moves the clocks. */
async function reapAgainAndAgain(
  rig: Rig,
  places: readonly ReapPlace[],
  servers: LivingServers,
  clock: ShiftedClock | undefined,
): Promise<ReapRun[]> {
  const runs: ReapRun[] = [];
  const end = performance.now() + LIVING_MS;
  for (let round = 0; performance.now() < end; round += 1) {
    const next = sleep(ROUND_MS);
    await moveClock(clock, round);
    const all = Object.values(servers) as FaultServer[];
    runs.push(...(await Promise.all(places.map((place) => reapFrom(rig, place, all)))));
    await next;
  }
  await clock?.shift(0);
  return runs;
}

/** Moves the clock forward, back, or forward for a part of the round. */
async function moveClock(clock: ShiftedClock | undefined, round: number): Promise<void> {
  await clock?.shift(round % 3 === 1 ? 0 : JUMP_S);
  if (round % 3 === 2) void sleep(JUMP_MS).then(() => clock?.shift(0));
}

/** Connections of suspended processes that were used, on the server whose clock is right. There must be none. */
function notSuspended(rows: readonly LivingRow[]): LivingRow[] {
  const suspended = rows.filter(({ server, label }) => server === 'redis' && SUSPENDED.has(label));
  return suspended.filter(({ idle }) => idle * 1_000 < LIVING_MS - SETTLED_MS);
}

function countTexts(texts: readonly string[]): Readonly<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const text of texts) counts[text] = (counts[text] ?? 0) + 1;
  return counts;
}

function recordLosses(context: TestContext, living: readonly LivingRow[], lost: readonly LivingRow[]): void {
  for (const { who, label, count } of countByLabel(living)) {
    const closed = lost.filter((row) => row.who === who && row.label === label).length;
    record(context, who, `9 closed alive: ${label}`, `${closed} of ${count}`);
  }
}

/** Records what the runs at each place closed, by proof, and how many of that was alive. */
function recordRuns(
  context: TestContext,
  runs: readonly ReapRun[],
  servers: LivingServers,
  living: ReadonlyMap<string, LivingRow>,
): void {
  for (const [name, server] of Object.entries(servers) as [keyof LivingServers, FaultServer][]) {
    const closed = closedOn(runs, server);
    for (const place of new Set(closed.map((row) => row.place))) {
      const there = closed.filter((row) => row.place === place);
      const alive = there.filter(({ id }) => living.has(`${name} ${id}`)).length;
      const proofs = countTexts(there.map(({ proof = 'no proof' }) => proof));
      const text = Object.entries(proofs).map(([proof, count]) => `${count} by ${proof}`);
      record(context, 'ours6', `9 reap at ${place}, on ${name}`, `${text.join(', ')}; ${alive} alive`);
    }
  }
  for (const [place, { targets }] of new Map(runs.map((run) => [run.place, run]))) {
    const named = targets.reduce((sum, { unproven = [] }) => sum + unproven.length, 0);
    record(context, 'ours6', `9 left and named by the last run at ${place}`, named);
  }
  record(context, 'ours6', '9 runs of reap', runs.length);
}
