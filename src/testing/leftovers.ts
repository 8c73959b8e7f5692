import { createPause } from '../core/clock.js';
import { processFactories } from '../factory/process-factories.js';
import type { ConnectionInfo } from '../ledger/connection.js';
import type { LedgerEntry } from '../ledger/ledger.js';
import type { LeaseReport } from '../pool/pool-report.js';
import type { ManagedPool } from '../pool/pool.js';
import {
  describeLeftCluster,
  endClusters,
  findNewClusters,
  hasEnded,
  isNodeOf,
  type LeftCluster,
  type OpenClusters,
} from './left-clusters.js';

/** What is open in this process at one moment, in all of its factories and in the preload. */
export interface OpenResources {
  readonly entries: ReadonlySet<LedgerEntry>;
  readonly pools: ReadonlySet<ManagedPool>;
  readonly clusters: OpenClusters;
  /** The leases, by a key that stays the same for as long as they last. */
  readonly leases: ReadonlyMap<string, LeaseReport>;
}

/** What is open although it was not open before. */
export interface Leftovers {
  readonly entries: readonly LedgerEntry[];
  readonly pools: readonly ManagedPool[];
  readonly clusters: readonly LeftCluster[];
  readonly leases: ReadonlyMap<string, LeaseReport>;
}

/** Nothing was open before, so that everything counts. */
export const NOTHING_OPEN: OpenResources = {
  entries: new Set(),
  pools: new Set(),
  clusters: new Map(),
  leases: new Map(),
};

/** Waits with the timers that Node had when this module was loaded, in case that a test has replaced them. */
const pause = createPause();

export function findOpenResources(): OpenResources {
  const factories = processFactories.all();
  const pools = factories.flatMap((factory) => factory.pools());
  return {
    entries: new Set(factories.flatMap(({ ledger }) => ledger.entries())),
    pools: new Set(pools),
    clusters: new Map(factories.flatMap(({ clusters }) => [...clusters()])),
    leases: withKeys(pools.flatMap((pool) => pool.leases())),
  };
}

/** One line may acquire several leases in the same millisecond: these are numbered. */
function withKeys(leases: readonly LeaseReport[]): ReadonlyMap<string, LeaseReport> {
  const counts = new Map<string, number>();
  return new Map(
    leases.map((lease) => {
      const key = [lease.pool, lease.location, lease.since].join(' ');
      const number = (counts.get(key) ?? 0) + 1;
      counts.set(key, number);
      return [`${key} ${number}`, lease];
    }),
  );
}

/**
 * Finds what was opened since `before` and is still open. Connections that a pool or a Cluster of before has opened since
 * then are not among it, because they belong to that pool or Cluster.
 *
 * @param ignore Whether a connection is meant to stay open.
 */
export function findLeftovers(
  before: OpenResources,
  ignore: (connection: ConnectionInfo) => boolean,
): Leftovers {
  const now = findOpenResources();
  const newPools = [...now.pools].filter((pool) => !before.pools.has(pool));
  const newClusters = findNewClusters(before.clusters, now.clusters);
  const belongsToOlder = (entry: LedgerEntry) =>
    isOfOlderPool(before, entry, newPools) || isOfOlderCluster(entry, newClusters);
  const opened = [...now.entries].filter(
    (entry) => !before.entries.has(entry) && !isOwn(entry) && !belongsToOlder(entry),
  );
  const entries = opened.filter((entry) => !ignore(entry.info()));
  const isLeft = (cluster: LeftCluster) =>
    opened.some((entry) => isNodeOf(cluster, entry))
      ? entries.some((entry) => isNodeOf(cluster, entry))
      : !ignore(describeLeftCluster(cluster));
  const isIgnored = (pool: ManagedPool) => {
    const own = opened.filter((entry) => isOfPool(entry, pool));
    return own.length > 0 && !own.some((entry) => entries.includes(entry));
  };
  const ignoredNames = newPools.filter(isIgnored).map(({ pool }) => pool.name);
  const isLeaseLeft = (key: string, { pool }: LeaseReport) =>
    !before.leases.has(key) && !ignoredNames.includes(pool);
  return {
    entries,
    pools: newPools.filter((pool) => !isIgnored(pool)),
    clusters: newClusters.filter(isLeft),
    leases: new Map([...now.leases].filter(([key, lease]) => isLeaseLeft(key, lease))),
  };
}

/** Whether a connection belongs to a pool. Pools are told apart by name and server. */
function isOfPool({ budgetClass, facts }: LedgerEntry, { pool }: ManagedPool): boolean {
  return budgetClass === 'reserved' && pool.name === facts.name && pool.target === facts.target;
}

/**
 * Whether redis-hygiene, or a client that has several connections, has opened a connection on its own: to watch or to ask a
 * sentinel, to ask for the slots, as one more connection of another library's pool. Such a connection is closed with the
 * clients that need it.
 */
function isOwn({ budgetClass }: LedgerEntry): boolean {
  return budgetClass === 'exempt' || budgetClass === 'observedMember';
}

/** Whether a connection belongs to a pool of before. */
function isOfOlderPool(before: OpenResources, entry: LedgerEntry, newPools: readonly ManagedPool[]): boolean {
  const isOwner = (pool: ManagedPool) => isOfPool(entry, pool);
  return [...before.pools].some(isOwner) && !newPools.some(isOwner);
}

/** Whether a connection belongs to a Cluster of before, or to one that has ended. */
function isOfOlderCluster(entry: LedgerEntry, newClusters: readonly LeftCluster[]): boolean {
  return entry.budgetClass === 'clusterNode' && !newClusters.some((cluster) => isNodeOf(cluster, entry));
}

export function isEmpty({ entries, clusters, leases }: Leftovers): boolean {
  return entries.length === 0 && clusters.length === 0 && leases.size === 0;
}

/** Time between two looks at what is open, in milliseconds. */
const POLL_MS = 20;

/** Waits until a condition holds, at most `ms` milliseconds. Looks are counted, because a test may stop the clock. */
export async function waitUntil(condition: () => boolean, ms: number): Promise<boolean> {
  for (let waitedMs = 0; !condition(); waitedMs += POLL_MS) {
    if (waitedMs >= ms) return false;
    await pause(POLL_MS);
  }
  return true;
}

/** Time that connections have to quit, in milliseconds. A server that answers needs far less. */
const QUIT_MS = 500;

/** Time that sockets have to close once they are destroyed, in milliseconds. */
const DESTROY_MS = 200;

/** Closes leftovers, so that they do not keep the test runner alive. Never rejects. */
export async function closeLeftovers({ entries, pools, clusters }: Leftovers): Promise<void> {
  for (const { pool } of pools) pool.close({ timeoutMs: 0 }).catch(() => undefined);
  const open = entries.filter(({ budgetClass }) => budgetClass !== 'reserved' || pools.length === 0);
  open.forEach((entry) => entry.markClosing('application'));
  for (const entry of open) {
    if (canQuit(entry)) entry.handle.quit();
    else entry.handle.destroy();
  }
  const isReady = ({ cluster }: LeftCluster) =>
    cluster.status === 'ready' || cluster.status === 'disconnecting';
  endClusters(clusters.filter((left) => !isReady(left) || !entries.some((entry) => isNodeOf(left, entry))));
  const isClosed = () => entries.every(({ state }) => state.kind === 'closed') && clusters.every(hasEnded);
  if (await waitUntil(isClosed, QUIT_MS)) return;
  entries.filter(({ state }) => state.kind !== 'closed').forEach(({ handle }) => handle.destroy());
  endClusters(clusters);
  await waitUntil(isClosed, DESTROY_MS);
}

/** The node of a Cluster always quits, which ends the Cluster. Destroyed alone, it would be replaced by another one. */
function canQuit({ budgetClass, state, facts, handle }: LedgerEntry): boolean {
  if (budgetClass === 'clusterNode') return true;
  return state.kind === 'ready' && facts.role !== 'monitor' && !handle.progress().isBlocked;
}
