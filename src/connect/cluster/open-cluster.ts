import type { Cluster, ClusterNode, ClusterOptions, Redis, RedisOptions } from 'ioredis';
import { inspect } from 'node:util';
import type { Clock } from '../../core/clock.js';
import { redact } from '../../core/redact.js';
import type { Budget } from '../../ledger/budget.js';
import { captureCallSite } from '../../ledger/call-site.js';
import { readClientArguments } from '../../options/client-arguments.js';
import type { Settings } from '../../options/settings.js';
import type { EnforcedOptions, ClientFactory } from '../client/client-factory.js';
import { ClientHandle } from '../client/client-handle.js';
import { clusterInternals } from '../ioredis/internals.js';
import { copyOf, type Ioredis, plainClients } from '../ioredis/load-ioredis.js';
import { makeEndFinal, quitOnce } from './cluster-end.js';
import { createLossBackoff, keepSubscribed } from './cluster-subscriber.js';
import { watchSharded } from './sharded-subscribers.js';

export type ConstructCluster = (nodes: ClusterNode[], options: ClusterOptions) => Cluster;

/** The arguments of `new Cluster(…)`. */
export interface ClusterArguments {
  readonly nodes: ClusterNode[];
  readonly options: ClusterOptions;
}

export interface ClusterPorts {
  /** The copy of ioredis that Clusters are made with, but for duplicates: these are of their original's. */
  readonly copy: Ioredis;
  readonly clock: Clock;
  readonly settings: Settings;
  readonly opener: ClientFactory;
  readonly budget: Pick<Budget, 'ensure'>;
  readonly admit: () => void;
  readonly isOpen: () => boolean;
  /** Clusters that are open, for the shutdown to close. */
  readonly clusters: Set<Cluster>;
}

function plainClusters(copy: Ioredis): ConstructCluster {
  const Plain = copy.Cluster as unknown as new (nodes: ClusterNode[], options: ClusterOptions) => Cluster;
  return (nodes, options) => new Plain(nodes, options);
}

/** Printing a Cluster shows who it is: its properties hold the password, and so do its options. */
function describeInstead(cluster: Cluster, name = ''): void {
  const describe = () => `Cluster <${name}, ${cluster.status}>`;
  const property = (value: () => unknown) => ({ value, configurable: true, writable: true });
  const options = property(() => redact({ ...cluster.options }));
  Object.defineProperties(cluster, { [inspect.custom]: property(describe), toJSON: property(describe) });
  Object.defineProperties(cluster.options, { [inspect.custom]: options, toJSON: options });
}

/** As with a client: the copy comes back through the factory. */
function duplicateThrough(cluster: Cluster, open: (args: ClusterArguments) => Cluster): void {
  if (cluster.duplicate !== copyOf(cluster).Cluster.prototype.duplicate) return; // a subclass brings its own
  const value = (nodes: ClusterNode[] = [], { redisOptions, ...rest }: ClusterOptions = {}) =>
    open({
      nodes: nodes.length > 0 ? nodes : [...clusterInternals(cluster).startupNodes],
      options: {
        ...cluster.options,
        ...rest,
        redisOptions: { ...cluster.options.redisOptions, ...redisOptions },
      },
    });
  Object.defineProperty(cluster, 'duplicate', { value, configurable: true, writable: true });
}

/**
 * How often the nodes are asked for their slots, where the caller does not say. ioredis asks only when a command
 * is redirected, so without commands the sockets to a node that has left would stay.
 */
const SLOTS_REFRESH_MS = 60_000;

/** The name that ioredis gives to the client with which a Cluster subscribes. */
function subscriberName(name = ''): string {
  return `ioredis-cluster(subscriber):${name}`;
}

/**
 * A node that was taken out of its cluster (CLUSTER RESET) knows no slots. ioredis, if it happens to ask that one, drops
 * all nodes; here they stay until another one has been asked.
 */
function keepNodes(cluster: Cluster): void {
  const pool = clusterInternals(cluster).connectionPool;
  const reset = pool.reset.bind(pool);
  const value = (nodes: readonly object[]) => {
    if (nodes.length > 0 || cluster.status !== 'ready') reset(nodes);
  };
  Object.defineProperty(pool, 'reset', { value, configurable: true, writable: true });
}

/** Has every client that the Cluster makes named, watched and in the ledger, where it stands for the Cluster's opener. */
function watchCluster(
  { clock, settings, opener, isOpen }: ClusterPorts,
  cluster: Cluster,
  site: readonly string[],
): void {
  const quit = quitOnce(cluster);
  const adopt = (client: Redis) => opener.watch(client, new ClusterNodeHandle(client, site, quit));
  const paced = () => createLossBackoff(clock, settings.reconnectBaseMs);

  function open(kept: RedisOptions): Redis {
    const { connectionName, ...options } = opener.options({ ...kept, retryStrategy: null });
    const client = plainClients(copyOf(cluster))({
      ...options,
      connectionName: subscriberName(connectionName),
      lazyConnect: true,
      enableReadyCheck: true, // a wrong password shows here, and sends it to another node
    });
    adopt(client);
    return client;
  }

  clusterInternals(cluster).connectionPool.on('+node', adopt);
  keepNodes(cluster);
  keepSubscribed(cluster, { clock, pace: paced(), isOpen, open });
  watchSharded(cluster, { clock, pace: paced(), adopt });
}

/** The role is the caller's own word, or `cluster`. */
function enforce(opener: ClientFactory, given: RedisOptions): EnforcedOptions {
  return opener.options(given, given.connectionName ? undefined : 'cluster');
}

/** What a Cluster is made of, with everything that its clients have from it enforced. */
function enforceAll(opener: ClientFactory, { nodes, options }: ClusterArguments): ClusterArguments {
  const given = options.redisOptions ?? {};
  const redisOptions = enforce(opener, given);
  return {
    nodes: enforceStartupNodes(nodes, (own) => enforce(opener, { ...given, ...own })),
    options: {
      ...options,
      slotsRefreshInterval: options.slotsRefreshInterval ?? SLOTS_REFRESH_MS,
      redisOptions,
    },
  };
}

/** Has a Cluster with enforced options watched, from its first node to its end. */
function takeCharge(ports: ClusterPorts, cluster: Cluster): Cluster {
  makeEndFinal(cluster, ports.clusters);
  watchCluster(ports, cluster, captureCallSite(ports.settings.callSiteFrames));
  describeInstead(cluster, cluster.options.redisOptions?.connectionName);
  duplicateThrough(cluster, (args) => openCluster(ports, args, plainClusters(copyOf(cluster))));
  return cluster;
}

/** Opens a plain ioredis Cluster. Each of its sockets is named, watched and in the ledger. */
export function openCluster(
  ports: ClusterPorts,
  given: ClusterArguments,
  construct: ConstructCluster = plainClusters(ports.copy),
): Cluster {
  ports.admit();
  const { nodes, options } = enforceAll(ports.opener, given);
  if (!options.lazyConnect) ports.budget.ensure();
  return takeCharge(ports, construct(nodes, options));
}

/** Enforces a Cluster that somebody else has constructed, and that has not looked for its nodes yet. */
export function adoptCluster(ports: ClusterPorts, cluster: Cluster): void {
  const parts = clusterInternals(cluster);
  const { redisOptions } = parts.connectionPool;
  const given = { nodes: parts.startupNodes, options: { ...cluster.options, redisOptions } };
  const { nodes, options } = enforceAll(ports.opener, given);
  Object.assign(cluster.options, options);
  parts.startupNodes = nodes;
  parts.connectionPool.redisOptions = options.redisOptions ?? {};
  takeCharge(ports, cluster);
}

/** A client that a Cluster made for itself. It is closed by closing the Cluster, which would make another one. */
class ClusterNodeHandle extends ClientHandle {
  readonly #opener: readonly string[];
  readonly #quitCluster: () => void;

  constructor(client: Redis, opener: readonly string[], quitCluster: () => void) {
    super(client);
    this.#opener = opener;
    this.#quitCluster = quitCluster;
  }

  override clusterCallSite(): readonly string[] {
    return this.#opener;
  }

  override quit(): void {
    this.#quitCluster();
  }
}

/** What is enforced, and what a node given with options of its own would replace. */
const ENFORCED = ['connectionName', 'Connector', 'keepAlive', 'connectTimeout'] as const;

/** A node may be given with all options of a client, as an object or in a URL: they win over `redisOptions`. */
function ownOptions(node: ClusterNode): RedisOptions {
  if (typeof node === 'object') return { ...node } as RedisOptions;
  return typeof node === 'string' && node.includes('?') ? readClientArguments(undefined, [node]) : {};
}

/** The nodes to begin with, enforced where they bring options that would replace ours. */
function enforceStartupNodes(
  nodes: ClusterNode[],
  enforce: (own: RedisOptions) => RedisOptions,
): ClusterNode[] {
  if (!Array.isArray(nodes)) return nodes; // ioredis will say what it thinks of it
  return nodes.map((node) => {
    const own = ownOptions(node);
    if (!ENFORCED.some((key) => own[key] != null)) return node;
    const enforced = enforce(own);
    return { ...own, ...Object.fromEntries(ENFORCED.map((key) => [key, enforced[key]])) };
  });
}
