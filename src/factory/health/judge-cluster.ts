import type { ClusterNodeState, ClusterState } from '../../connect/cluster/cluster-nodes.js';
import type { RecentFailures } from '../recent-failures.js';
import { createReason, type HealthReason, listNames, type TargetHealth } from './health-report.js';
import { type AskTarget, createTargetHealth, judgeServer } from './judge-target.js';
import { isUsable, openedFromEntry, type OpenedConnection } from './opened.js';

/** A node with what was found of it. `idle`: the Cluster has no connection to the node, and has not lost one. */
interface JudgedNode {
  readonly target: string;
  readonly status: 'usable' | 'down' | 'idle';
  readonly connection: OpenedConnection | undefined;
  /** Reasons that do not make the node unusable. */
  readonly reasons: readonly HealthReason[];
}

type ClusterFailures = Pick<RecentFailures, 'lastOf' | 'lastOfName'>;

/** Judges a Cluster by its nodes. It is down only if it is not ready, or if no node can be used. */
export async function judgeCluster(
  cluster: ClusterState,
  failures: ClusterFailures,
  ask: AskTarget,
): Promise<TargetHealth> {
  const nodes = await Promise.all(cluster.nodes.map((node) => judgeNode(node, failures, ask)));
  const connections = nodes.flatMap(({ connection }) => connection ?? []);
  return createTargetHealth(cluster.target, connections, [
    ...judgeNodes(cluster, nodes, cluster.failedStart ?? failures.lastOfName(cluster.name)),
    ...mergeReasons(nodes),
  ]);
}

function judgeNodes(
  { status }: ClusterState,
  nodes: readonly JudgedNode[],
  failure: Error | undefined,
): HealthReason[] {
  if (status !== 'ready') {
    const message = `The Cluster is not ready: its status is "${status}".`;
    return [createReason('cluster-not-ready', message, Math.max(nodes.length, 1), failure)];
  }
  const down = nodes.filter((node) => node.status === 'down');
  if (down.length === 0) return [];
  const names = listNames(down.map(({ target }) => target));
  return nodes.some((node) => node.status === 'usable')
    ? [createReason('node-down', `Nodes of the Cluster cannot be used: ${names}.`, down.length, failure)]
    : [
        createReason(
          'cluster-not-ready',
          `No node of the Cluster can be used: ${names}.`,
          down.length,
          failure,
        ),
      ];
}

async function judgeNode(
  { target, entry, isLost }: ClusterNodeState,
  failures: ClusterFailures,
  ask: AskTarget,
): Promise<JudgedNode> {
  const connection = entry && openedFromEntry(entry, failures);
  if (!connection || !isUsable(connection)) {
    const full = connection?.health.isServerFull
      ? [createReason('saturated', `The node ${target} accepts no more connections (maxclients).`, 1)]
      : [];
    return { target, status: isLost ? 'down' : 'idle', connection, reasons: full };
  }
  const { reasons } = await judgeServer(
    { target, connections: [connection], lostClients: [], poolReasons: [] },
    ask,
  );
  const status = reasons.some((reason) => reason.status === 'down') ? 'down' : 'usable';
  return { target, status, connection, reasons: reasons.filter((reason) => reason.status !== 'down') };
}

/** The reasons of all nodes, one for each code. */
function mergeReasons(nodes: readonly JudgedNode[]): HealthReason[] {
  const merged = new Map<string, HealthReason>();
  for (const { target, reasons } of nodes) {
    for (const reason of reasons) {
      const { code, count } = reason;
      const known = merged.get(code);
      merged.set(code, known ? { ...known, count: known.count + count } : named(reason, target));
    }
  }
  return [...merged.values()];
}

function named(reason: HealthReason, target: string): HealthReason {
  return { ...reason, message: `${target}: ${reason.message}` };
}
