import type { Cluster, ClusterNode, ClusterOptions, Redis } from 'ioredis';
import { inspect } from 'node:util';
import { HygieneError } from '../core/errors.js';
import { ClientHandle } from './handle.js';
import { ioredis } from './ioredis.js';
import type { Opener } from './open.js';

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

/** What we use of a Cluster beyond its public types, pinned by the contract test. */
interface ClusterInternals {
  readonly startupNodes: ClusterNode[];
  flushQueue(error: Error): void;
  setStatus(status: string): void;
}

function internals(cluster: Cluster): ClusterInternals {
  return cluster as unknown as ClusterInternals;
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
      nodes: nodes.length > 0 ? nodes : [...internals(cluster).startupNodes],
      options: {
        ...cluster.options,
        ...rest,
        redisOptions: { ...cluster.options.redisOptions, ...redisOptions },
      },
    });
  Object.defineProperty(cluster, 'duplicate', { value, configurable: true, writable: true });
}

/**
 * Ends a Cluster. One that has no node left would neither end nor answer what waits in it, as a client that waits
 * to redial, so it is ended here.
 */
export function endCluster(cluster: Cluster): void {
  cluster.disconnect();
  if (cluster.nodes().length === 0) internals(cluster).setStatus('end');
  internals(cluster).flushQueue(
    new HygieneError('HYG_SHUT_DOWN', 'A command was still waiting for a node of the Cluster.'),
  );
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
  cluster.on('+node', (node: Redis) => opener.watch(node, new NodeHandle(node, quit)));
  cluster.on('end', () => clusters.delete(cluster));
  describeInstead(cluster, redisOptions.connectionName);
  duplicateThrough(cluster, (args) => openCluster(ports, args));
  return cluster;
}
