import type { Cluster } from 'ioredis';
import { endCluster } from '../connect/cluster/cluster-end.js';
import { clusterStateOf } from '../connect/cluster/cluster-nodes.js';
import { systemClock } from '../core/clock.js';
import type { ConnectionInfo } from '../ledger/connection.js';
import type { LedgerEntry } from '../ledger/ledger.js';
import { roleOfName } from '../options/resolve-options.js';

/** A Cluster that was not open before. While it reaches no node it has no connection, but it looks for nodes again and again. */
export interface LeftCluster {
  readonly cluster: Cluster;
  readonly callSite: readonly string[];
}

/** Clusters that have not ended, and the call sites that opened them. */
export type OpenClusters = ReadonlyMap<Cluster, readonly string[]>;

/** Clusters that were opened since `before`, and that have looked for their nodes: one with `lazyConnect` may wait for good. */
export function findNewClusters(before: OpenClusters, now: OpenClusters): LeftCluster[] {
  return [...now]
    .filter(([cluster]) => !before.has(cluster) && cluster.status !== 'wait' && cluster.status !== 'end')
    .map(([cluster, callSite]) => ({ cluster, callSite }));
}

/** Whether a connection is one to a node of this Cluster. The call site of such a connection is the one of its Cluster. */
export function isNodeOf({ callSite }: LeftCluster, { budgetClass, facts }: LedgerEntry): boolean {
  return budgetClass === 'clusterNode' && facts.callSite === callSite;
}

/** Describes a Cluster without a connection as a connection, which has no id. */
export function describeLeftCluster({ cluster, callSite }: LeftCluster): ConnectionInfo {
  const { name, target } = clusterStateOf(cluster);
  const now = systemClock.now();
  return {
    ...{ id: 0, name, role: roleOfName(name), target, parent: undefined, callSite },
    state: cluster.status === 'connecting' ? 'connecting' : 'reconnecting',
    ...{ since: now, openedAt: now, dials: 0, clientId: undefined },
    ...{ localPort: undefined, bytesRead: 0, bytesWritten: 0 },
  };
}

/** Ends Clusters that have not ended. */
export function endClusters(clusters: readonly LeftCluster[]): void {
  clusters.filter((left) => !hasEnded(left)).forEach(({ cluster }) => endCluster(cluster));
}

export function hasEnded({ cluster }: LeftCluster): boolean {
  return cluster.status === 'end';
}
