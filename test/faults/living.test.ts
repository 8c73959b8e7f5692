import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test, type TestContext } from 'vitest';
import { eventually } from '../support/eventually.js';
import { createShiftedClock, findClockLibrary, type ShiftedClock } from '../support/shifted-clock.js';
import { record } from './figures/figure.js';
import { OURS } from './rig/contestant.js';
import { findFreezer } from './rig/freezer.js';
import { LIVING_PLANS, startLiving, type LivingServers } from './rig/living.js';
import { countByLabel, listLiving, lossesOf, type LivingRow } from './rig/living-rows.js';
import type { Namespaces } from './rig/namespaces.js';
import { withRarePorts } from './rig/network.js';
import { openPopulation, rowsOfFactory, total } from './rig/population.js';
import { closedOn, reapFrom, type ReapPlace, type ReapRun } from './rig/reaping.js';
import type { Rig } from './rig/rig.js';
import type { FaultServer } from './rig/server.js';
import { faults } from './rig/use-rig.js';

/** Time for which living connections must survive. */
const LIVING_MS = Number(process.env['REDIS_HYGIENE_FAULTS_LIVING_S'] ?? 300) * 1_000;
/** Time from one run of reap to the next one. A run takes 20 s between its two looks. */
const ROUND_MS = 30_000;
/** How far the moved clocks jump, and after which time they jump back within a round. */
const JUMP_S = 300;
const JUMP_MS = 10_000;

/** Connections per role whose process is killed behind a firewall: in the client's namespace, and far from any reap. */
const NEAR_ORPHANS = { command: 400, pool: 200, subscriber: 200, blocking: 200 };
const FAR_ORPHANS = { command: 80, pool: 40, subscriber: 40, blocking: 40 };
/** Connections of a service that lives on, which are cut. */
const CUT = { command: 20, pool: 20, subscriber: 20, blocking: 20 };

/** Every connection has sent its first PING, 15 s ± 20 % after it was opened. */
const PINGED_MS = 20_000;
/** Longer than a service takes to find its connections cut, and to reap what the server has kept. */
const REAPED_MS = 90_000;
/** Long enough to notice a connection that was lost while its process did not run. */
const AFTERMATH_MS = 15_000;
/** More than the socket buffers of a stopped subscriber take. */
const FLOOD = { messages: 64, bytes: 32_768 };

/** Places at which reap runs. Only at `peers` it is certain that the kernel of the near clients can be asked. */
function placesIn({ client, servers, router }: Namespaces, pod: string): readonly ReapPlace[] {
  return [
    { place: 'peers', namespace: client },
    { place: 'servers', namespace: servers },
    { place: 'router', namespace: router },
    { place: 'servers, in a container', namespace: servers, isContainer: true },
    { place: 'router, in a container', namespace: router, isContainer: true },
    { place: 'pod', namespace: pod, isContainer: true },
  ];
}

await faults('living connections beside orphans', (rig) => {
  test(`for ${LIVING_MS / 1_000} s, reaped again and again`, async (context) => {
    const { servers, clock } = await startServers(rig(), context);
    const pods = [await rig().side('masquerade'), await rig().side('masquerade')];
    const far = await rig().side('none');
    const places = placesIn(rig().namespaces, pods[0]?.namespace ?? '');
    const host = { servers, sides: pods.map(({ namespace }) => namespace), clock };
    const plans = await possiblePlans(context);
    const processes = await Promise.all(
      OURS.flatMap((who) => plans.map((plan) => startLiving(rig(), host, plan, who))),
    );
    const survivor = await rig().contestant('ours6', { survivor: {} });
    const orphans = await withRarePorts(rig().tools, rig().namespaces.client, async () => {
      await openPopulation(rig(), survivor, servers.redis, CUT, 'survivor');
      return leaveOrphans(rig(), servers.redis, far.namespace);
    });
    const cutAt = await cutAll(rig(), servers.redis, 'survivor');

    const living = await listLiving(rig(), servers, processes);
    for (const { who, label, count } of countByLabel([...living.values()]))
      record(context, who, `9 living: ${label}`, count);
    for (const one of processes) await one.begin();
    await flood(rig(), servers.redis);

    const runs: ReapRun[] = [];
    const end = performance.now() + LIVING_MS;
    const recovered = recover(rig(), survivor, servers.redis, cutAt.ids);
    for (let round = 0; performance.now() < end; round += 1) {
      const next = sleep(ROUND_MS);
      await moveClock(clock, round);
      runs.push(
        ...(await Promise.all(places.map((place) => reapFrom(rig(), place, Object.values(servers))))),
      );
      await next;
    }
    await clock?.shift(0);
    for (const one of processes) await one.resume();
    await sleep(AFTERMATH_MS);

    const after = await listLiving(rig(), servers, processes);
    const lost = [...living].filter(([key]) => !after.has(key)).map(([, row]) => row);
    recordLosses(context, [...living.values()], lost);
    recordRuns(context, runs, servers, living);
    const events = processes.flatMap((one) => lossesOf(one));
    record(context, 'ours6', '9 losses that living clients noticed', events.length);
    const byItself = await recovered;
    record(
      context,
      'ours6',
      `9 orphans of a living service that it closed itself, of ${total(CUT)}`,
      byItself,
    );

    const left = await idsLeft(rig(), servers.redis, orphans.near);
    record(
      context,
      'ours6',
      `9 orphans left, of ${orphans.near.length} whose kernel reap can ask`,
      left.length,
    );
    const unnamed = await leftUnnamed(rig(), servers.redis, orphans.far, runs, places);
    record(
      context,
      'ours6',
      `9 orphans neither proven nor named, of ${orphans.far.length} far ones`,
      unnamed.length,
    );

    expect(countByLabel(lost)).toEqual([]);
    expect(countTexts(events)).toEqual({});
    expect(byItself).toBe(total(CUT));
    expect(left).toEqual([]);
    expect(unnamed).toEqual([]);
  });
});

function countTexts(texts: readonly string[]): Readonly<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const text of texts) counts[text] = (counts[text] ?? 0) + 1;
  return counts;
}

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

/** Moves the clock forward, back, or forward for a part of the round. */
async function moveClock(clock: ShiftedClock | undefined, round: number): Promise<void> {
  await clock?.shift(round % 3 === 1 ? 0 : JUMP_S);
  if (round % 3 === 2) void sleep(JUMP_MS).then(() => clock?.shift(0));
}

/** Drops all packets of a factory's connections. Resolves with their ids. */
async function cutAll(rig: Rig, server: FaultServer, factory: string) {
  const rows = await rowsOfFactory(rig, server, factory);
  await rig.cut(rows.map(({ flow }) => flow));
  return { ids: rows.map(({ id }) => id) };
}

/** Kills processes behind a firewall. Resolves with the ids that the server keeps. */
async function leaveOrphans(rig: Rig, redis: FaultServer, farNamespace: string) {
  await using near = await rig.contestant('ours6', { near: {} });
  await using far = await rig.contestant('ours6', { far: {} }, farNamespace);
  await openPopulation(rig, near, redis, NEAR_ORPHANS, 'near');
  await openPopulation(rig, far, redis, FAR_ORPHANS, 'far');
  await sleep(PINGED_MS);
  const ids = { near: await cutAll(rig, redis, 'near'), far: await cutAll(rig, redis, 'far') };
  return { near: ids.near.ids, far: ids.far.ids };
} // SIGKILL: the kernel closes the connections, but the server does not receive that

/** Sends more messages to stopped subscribers than their sockets take, and one to all others. */
async function flood({ observer }: Rig, { port }: FaultServer): Promise<void> {
  const message = 'x'.repeat(FLOOD.bytes);
  for (let sent = 0; sent < FLOOD.messages; sent += 1) await observer.call(port, 'publish', 'flood', message);
  await observer.call(port, 'publish', 'news', 'hello');
}

/** Waits until a service has closed the orphans of its cut connections. Resolves with their number. */
async function recover(
  rig: Rig,
  survivor: {
    since(at: number, event: string): readonly { readonly detail?: Readonly<Record<string, unknown>> }[];
  },
  server: FaultServer,
  ids: readonly number[],
): Promise<number> {
  const gone = async () => expect(await idsLeft(rig, server, ids)).toEqual([]);
  await eventually(gone, REAPED_MS).catch(() => undefined);
  return survivor.since(0, 'orphan').filter(({ detail }) => detail?.['outcome'] === 'reaped').length;
}

async function idsLeft({ observer }: Rig, { port }: FaultServer, ids: readonly number[]): Promise<number[]> {
  const listed = new Set((await observer.allRows(port)).map(({ id }) => id));
  return ids.filter((id) => listed.has(id));
}

/** Orphans that a run should have named, or closed with a proof, and did not. */
async function leftUnnamed(
  rig: Rig,
  server: FaultServer,
  ids: readonly number[],
  runs: readonly ReapRun[],
  places: readonly ReapPlace[],
): Promise<string[]> {
  const proven = new Set(
    closedOn(runs, server)
      .filter(({ proof }) => proof !== undefined)
      .map(({ id }) => id),
  );
  const left = new Set(await idsLeft(rig, server, ids));
  return places.flatMap(({ place }) => {
    const last = runs.filter((run) => run.place === place).at(-1);
    const target = last?.targets.find((one) => one.target === `${server.host}:${server.port}`);
    const named = new Set(target?.unproven?.map(({ id }) => id));
    const isFine = (id: number) => proven.has(id) || (left.has(id) && named.has(id));
    return ids.filter((id) => !isFine(id)).map((id) => `${place}: ${id}`);
  });
}

function recordLosses(context: TestContext, living: readonly LivingRow[], lost: readonly LivingRow[]): void {
  for (const { who, label, count } of countByLabel(living)) {
    const closed = lost.filter((row) => row.who === who && row.label === label).length;
    record(context, who, `9 closed alive: ${label}`, `${closed} of ${count}`);
  }
}

/** Records what the runs of each place closed, by proof, and how many of that was alive. */
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
      const proofs = [...new Set(there.map(({ proof }) => proof ?? 'none'))].join(', ');
      record(
        context,
        'ours6',
        `9 closed by reap, run at ${place}, on ${name}`,
        `${there.length}, ${alive} alive (proof: ${proofs})`,
      );
    }
  }
  record(context, 'ours6', '9 runs of reap', runs.length);
}
