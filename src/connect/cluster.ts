import type { Cluster, ClusterNode, ClusterOptions, Redis } from 'ioredis';
import { inspect } from 'node:util';
import { ClientHandle } from './handle.js';
import { ioredis } from './ioredis.js';
import type { Opener } from './open.js';
import { watchClient } from './watch.js';

export type ConstructCluster = (nodes: ClusterNode[], options: ClusterOptions) => Cluster;

/** The arguments of `new Cluster(…)`. */
export interface ClusterArguments {
  readonly nodes: ClusterNode[];
  readonly options: ClusterOptions;
}

export interface ClusterPorts {
  readonly opener: Opener;
  readonly admit: () => void;
  /** Clusters that are open, for the shutdown to close. */
  readonly clusters: Set<Cluster>;
}

function plainCluster(nodes: ClusterNode[], options: ClusterOptions): Cluster {
  const Plain = ioredis().Cluster as unknown as new (
    nodes: ClusterNode[],
    options: ClusterOptions,
  ) => Cluster;
  return new Plain(nodes, options);
}

/** A node is closed by closing its cluster, which would dial it again otherwise. */
class NodeHandle extends ClientHandle {
  readonly #quit: () => void;

  constructor(node: Redis, quit: () => void) {
    super(node);
    this.#quit = quit;
  }

  override quit(): void {
    this.#quit();
  }
}

function quitOnce(cluster: Cluster): () => void {
  let quitting: Promise<unknown> | undefined;
  return () => {
    // The replies say nothing that the closed sockets do not say too.
    quitting ??= cluster.quit().catch(() => undefined);
  };
}

/** Printing a Cluster shows who it is: its properties hold the password. */
function describeInstead(cluster: Cluster, name = ''): void {
  const value = () => `Cluster <${name}, ${cluster.status}>`;
  Object.defineProperty(cluster, inspect.custom, { value, configurable: true, writable: true });
}

/** As with a client: the copy comes back through the factory. */
function duplicateThrough(cluster: Cluster, open: (args: ClusterArguments) => Cluster): void {
  if (cluster.duplicate !== ioredis().Cluster.prototype.duplicate) return; // a subclass brings its own
  const value = (nodes: ClusterNode[] = [], { redisOptions, ...rest }: ClusterOptions = {}) =>
    open({
      nodes: nodes.length > 0 ? nodes : startupNodes(cluster),
      options: {
        ...cluster.options,
        ...rest,
        redisOptions: { ...cluster.options.redisOptions, ...redisOptions },
      },
    });
  Object.defineProperty(cluster, 'duplicate', { value, configurable: true, writable: true });
}

/** Private in the types; `duplicate` of ioredis copies it too. */
function startupNodes(cluster: Cluster): ClusterNode[] {
  return [...(cluster as unknown as { readonly startupNodes: ClusterNode[] }).startupNodes];
}

/** Opens a plain ioredis Cluster whose nodes are named, watched and in the ledger. */
export function openCluster(
  ports: ClusterPorts,
  { nodes, options }: ClusterArguments,
  construct: ConstructCluster = plainCluster,
): Cluster {
  const { opener, admit, clusters } = ports;
  admit();
  const role = options.redisOptions?.connectionName ? undefined : 'cluster';
  const redisOptions = opener.options(options.redisOptions ?? {}, role);
  const cluster = construct(nodes, { ...options, redisOptions });
  clusters.add(cluster);
  const quit = quitOnce(cluster);
  cluster.on('+node', (node: Redis) => watchClient(node, new NodeHandle(node, quit)));
  cluster.on('end', () => clusters.delete(cluster));
  describeInstead(cluster, redisOptions.connectionName);
  duplicateThrough(cluster, (args) => openCluster(ports, args));
  return cluster;
}
