import { setTimeout as sleep } from 'node:timers/promises';
import { withRarePorts } from '../rig/network.js';
import type { Rig } from '../rig/rig.js';
import type { FaultServer } from '../rig/server.js';
import type { LivingServers } from './living-process.js';
import type { LivingRow } from './rows.js';
import { openPopulation, openWatchers, rowsOfFactory } from './population.js';
import { closedOn, recordOrphans, writeOrphans, type ReapPlace, type ReapRun } from './reaping.js';

/** Connections per role whose process is killed behind a firewall: in the client's namespace, and far from any reap. */
const NEAR_ORPHANS = { command: 400, pool: 200, subscriber: 200, blocking: 200 };
const FAR_ORPHANS = { command: 80, pool: 40, subscriber: 40, blocking: 40 };
/** Connections to the sentinel, in the client's namespace. */
const NEAR_WATCHERS = 100;

/** Every connection has sent its first PING, 15 s ± 20 % after it was opened. */
const PINGED_MS = 20_000;

/** Drops all packets of a factory's connections. Resolves with their ids. */
async function cutAll(rig: Rig, server: FaultServer, factory: string): Promise<number[]> {
  const rows = await rowsOfFactory(rig, server, factory);
  await rig.cut(rows.map(({ flow }) => flow));
  return rows.map(({ id }) => id);
}

/** Ids of the connections whose processes were killed. */
export interface OrphanIds {
  /** In a namespace in which living processes run, too, and whose kernel reap can ask. */
  readonly near: readonly number[];
  /** In the same namespace, on the sentinel. */
  readonly watchers: readonly number[];
  /** In a namespace in which nothing runs any more. */
  readonly far: readonly number[];
}

/** Kills processes behind a firewall. Resolves with the ids that the servers keep. */
export async function leaveOrphans(
  rig: Rig,
  { redis, sentinel }: Pick<LivingServers, 'redis' | 'sentinel'>,
  farNamespace: string,
): Promise<OrphanIds> {
  await using near = await rig.contestant('ours6', { near: {} });
  await using far = await rig.contestant('ours6', { far: {} }, farNamespace);
  await withRarePorts(rig.tools, rig.namespaces.client, async () => {
    await openPopulation(rig, near, redis, NEAR_ORPHANS, 'near');
    await openWatchers(near, sentinel, NEAR_WATCHERS, 'near');
  });
  await openPopulation(rig, far, redis, FAR_ORPHANS, 'far');
  await sleep(PINGED_MS);
  const [ids, watchers] = [await cutAll(rig, redis, 'near'), await cutAll(rig, sentinel, 'near')];
  return { near: ids, watchers, far: await cutAll(rig, redis, 'far') };
} // SIGKILL: the kernel closes the connections, but the servers do not receive that

/**
 * Records every second far orphan as given up by its service. Records of living connections that differ in one field,
 * as those of another run of the server would, must not match.
 */
export async function writeRecords(
  rig: Rig,
  { port }: FaultServer,
  far: readonly number[],
  living: ReadonlyMap<string, LivingRow>,
): Promise<string> {
  const runId = /^run_id:(\w+)/m.exec(String(await rig.observer.call(port, 'info', 'server')))?.[1] ?? '';
  const rows = await rig.observer.allRows(port);
  const given = new Set(far.filter((_, index) => index % 2 === 0));
  const alive = recordOrphans(
    rows.filter(({ id }) => living.has(`redis ${id}`)),
    runId,
  );
  return writeOrphans(rig, [
    ...recordOrphans(
      rows.filter(({ id }) => given.has(id)),
      runId,
    ),
    ...alive.map((each) => ({ ...each, runId: runId.replace(/./g, '0') })),
    ...alive.map((each) => ({ ...each, address: '10.77.1.2:1' })),
    ...alive.map((each) => ({ ...each, name: 'nobody@nowhere#pool' })),
  ]);
}

/** Those of the connections that a server still lists. */
export async function idsLeft(
  { observer }: Rig,
  { port }: FaultServer,
  ids: readonly number[],
): Promise<number[]> {
  const listed = new Set((await observer.allRows(port)).map(({ id }) => id));
  return ids.filter((id) => listed.has(id));
}

/** Orphans that a run should have named, or closed with a proof, and did not. */
export async function leftUnnamed(
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
