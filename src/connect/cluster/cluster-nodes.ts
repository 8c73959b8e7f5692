import type { Cluster, ClusterNode, Redis, RedisOptions } from 'ioredis';
import type { Clock } from '../../core/clock.js';
import type { LedgerEntry } from '../../ledger/ledger.js';
import { readClientArguments } from '../../options/client-arguments.js';
import { describeTarget } from '../../options/resolve-options.js';
import { connectionOf } from '../connectors/enforced-connector.js';
import { clientInternals, clusterInternals } from '../ioredis/internals.js';

/** A node of a Cluster. */
export interface ClusterNodeState {
  /** URL of the node, without credentials. */
  readonly target: string;
  /** The connection to it. `undefined` if there is none, as before the first command to the node. */
  readonly entry: LedgerEntry | undefined;
  /** Whether its last connection was lost or could not be opened, as far as the Cluster has used the node. */
  readonly isLost: boolean;
}

/** A Cluster that has not ended, as health and readiness see it. */
export interface ClusterState {
  /** Name of the connections to its nodes, as in CLIENT LIST. */
  readonly name: string;
  /** URLs of the startup nodes, without credentials: the first one, and host and port of up to two more. */
  readonly target: string;
  /** Status of ioredis. `wait` before the first command of a lazy Cluster, `ready` when it has its slots. */
  readonly status: string;
  /** Why the last attempt to start has failed. `undefined` once the Cluster is ready. */
  readonly failedStart: Error | undefined;
  readonly nodes: readonly ClusterNodeState[];
}

/**
 * How long a lost node counts as lost although the Cluster knows it again, in milliseconds. A failed node remains in the
 * slots until the other nodes agree that it has failed (`cluster-node-timeout`, 15 s), and the Cluster dials a replica only
 * when it needs it.
 */
const LOST_MS = 30_000;

/** When the nodes of a Cluster were lost, by key. */
interface LostNodes {
  readonly clock: Clock;
  readonly lostAt: Map<string, number>;
}

/** Why a Cluster could not start, until it is ready. */
export const failedStarts = new WeakMap<Cluster, Error>();

const lostNodes = new WeakMap<Cluster, LostNodes>();

/** Records which nodes of a Cluster are lost. ioredis forgets the client of a lost node. */
export function recordLostNodes(cluster: Cluster, clock: Clock): void {
  const lostAt = new Map<string, number>();
  lostNodes.set(cluster, { clock, lostAt });
  const pool = clusterInternals(cluster).connectionPool;
  pool.on('+node', (node, key) => node.on('ready', () => lostAt.delete(key)));
  pool.on('-node', (_node, key) => {
    const isKnown = lostAt.has(key) || clusterInternals(cluster).slots.some((keys) => keys?.includes(key));
    if (isKnown && !clusterInternals(cluster).manuallyClosing) lostAt.set(key, clock.now());
  });
}

/** The state of a Cluster of a factory, from what is known without a round trip. */
export function clusterStateOf(cluster: Cluster): ClusterState {
  const lostKeys = new Set(lostKeysOf(cluster));
  const present = cluster.nodes('all');
  const presentKeys = new Set(present.map(keyOf));
  const absent = [...lostKeys].filter((key) => !presentKeys.has(key));
  return {
    name: cluster.options.redisOptions?.connectionName ?? '',
    target: describeStartupNodes(clusterInternals(cluster).startupNodes),
    status: cluster.status,
    failedStart: failedStarts.get(cluster),
    nodes: [
      ...present.map((node) => ({
        target: describeTarget(node.options),
        entry: connectionOf(clientInternals(node).connector)?.entry,
        isLost: lostKeys.has(keyOf(node)),
      })),
      ...absent.map((key) => ({ target: describeKey(key), entry: undefined, isLost: true })),
    ],
  };
}

/** Lost nodes that still belong to the Cluster. Others are forgotten. */
function lostKeysOf(cluster: Cluster): string[] {
  const { clock, lostAt } = lostNodes.get(cluster) ?? {};
  if (!clock || !lostAt?.size) return [];
  const serving = new Set(clusterInternals(cluster).slots.flatMap((keys) => keys ?? []));
  const present = new Set(cluster.nodes('all').map(keyOf));
  for (const [key, at] of lostAt) {
    const isKnownAgain = present.has(key) && clock.now() - at > LOST_MS;
    if (isKnownAgain || !serving.has(key)) lostAt.delete(key);
  }
  return [...lostAt.keys()];
}

function keyOf({ options }: Redis): string {
  return `${options.host ?? '127.0.0.1'}:${options.port ?? 6379}`;
}

function describeKey(key: string): string {
  const colon = key.lastIndexOf(':');
  return describeTarget({ host: key.slice(0, colon), port: Number(key.slice(colon + 1)) });
}

/** How many startup nodes a target names. */
const MAX_NAMED_NODES = 3;

/** URLs of the first startup nodes, without credentials. */
export function describeStartupNodes(nodes: readonly ClusterNode[]): string {
  const [first = '', ...others] = nodes.slice(0, MAX_NAMED_NODES).map(describeNode);
  const more = nodes.length > MAX_NAMED_NODES ? ['…'] : [];
  return [first, ...others.map((url) => url.replace(/^\w+:\/\//, '')), ...more].join(',');
}

function describeNode(node: ClusterNode): string {
  return describeTarget(
    typeof node === 'object' ? (node as RedisOptions) : readClientArguments(undefined, [node]),
  );
}
