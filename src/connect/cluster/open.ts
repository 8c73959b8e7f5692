import type { Cluster, ClusterNode, ClusterOptions, Redis, RedisOptions } from 'ioredis';
import { inspect } from 'node:util';
import type { Clock } from '../../core/clock.js';
import { redact } from '../../core/redact.js';
import type { Budget } from '../../ledger/budget.js';
import { captureOpener } from '../../ledger/opener.js';
import type { Settings } from '../../options/defaults.js';
import { ioredis } from '../ioredis.js';
import type { EnforcedOptions, Opener } from '../open.js';
import { makeEndFinal, quitOnce } from './end.js';
import { internals } from './internals.js';
import { MemberHandle } from './member.js';
import { createPace } from './pace.js';
import { watchSharded } from './sharded.js';
import { enforceStartupNodes } from './startup.js';
import { keepSubscribed } from './subscriber.js';

export type ConstructCluster = (nodes: ClusterNode[], options: ClusterOptions) => Cluster;

/** The arguments of `new Cluster(…)`. */
export interface ClusterArguments {
  readonly nodes: ClusterNode[];
  readonly options: ClusterOptions;
}

export interface ClusterPorts {
  readonly clock: Clock;
  readonly settings: Settings;
  readonly opener: Opener;
  readonly budget: Pick<Budget, 'ensure'>;
  readonly admit: () => void;
  readonly isOpen: () => boolean;
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
  const pool = internals(cluster).connectionPool;
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
  const adopt = (client: Redis) => opener.watch(client, new MemberHandle(client, site, quit));
  const paced = () => createPace(clock, settings.reconnectBaseMs);

  function open(kept: RedisOptions): Redis {
    const { connectionName, ...options } = opener.options({ ...kept, retryStrategy: null });
    const Plain = ioredis().Redis as unknown as new (options: RedisOptions) => Redis;
    const client = new Plain({
      ...options,
      connectionName: subscriberName(connectionName),
      lazyConnect: true,
      enableReadyCheck: true, // a wrong password shows here, and sends it to another node
    });
    adopt(client);
    return client;
  }

  internals(cluster).connectionPool.on('+node', adopt);
  keepNodes(cluster);
  keepSubscribed(cluster, { clock, pace: paced(), isOpen, open });
  watchSharded(cluster, { clock, pace: paced(), adopt });
}

/** The role is the caller's own word, or `cluster`. */
function enforce(opener: Opener, given: RedisOptions): EnforcedOptions {
  return opener.options(given, given.connectionName ? undefined : 'cluster');
}

/** Opens a plain ioredis Cluster. Each of its sockets is named, watched and in the ledger. */
export function openCluster(
  ports: ClusterPorts,
  { nodes, options }: ClusterArguments,
  construct: ConstructCluster = plainCluster,
): Cluster {
  const { opener, budget, admit, clusters } = ports;
  admit();
  const given = options.redisOptions ?? {};
  const redisOptions = enforce(opener, given);
  if (!options.lazyConnect) budget.ensure();
  const cluster = construct(
    enforceStartupNodes(nodes, (own) => enforce(opener, { ...given, ...own })),
    { ...options, slotsRefreshInterval: options.slotsRefreshInterval ?? SLOTS_REFRESH_MS, redisOptions },
  );
  makeEndFinal(cluster, clusters);
  watchCluster(ports, cluster, captureOpener(ports.settings.openerFrames));
  describeInstead(cluster, redisOptions.connectionName);
  duplicateThrough(cluster, (args) => openCluster(ports, args));
  return cluster;
}
