import type { Cluster, ClusterNode, ClusterOptions, Redis, RedisOptions } from 'ioredis';
import { inspect } from 'node:util';
import type { Clock } from '../../core/clock.js';
import type { HygieneError } from '../../core/errors.js';
import { printWithoutSecrets } from '../../core/redact.js';
import type { Budget } from '../../ledger/budget.js';
import { captureCallSite, openedByCaller } from '../../ledger/call-site.js';
import { readClientArguments } from '../../options/client-arguments.js';
import type { Mode } from '../../options/environment.js';
import type { Settings } from '../../options/settings.js';
import type { ClientFactory, EnforcedOptions } from '../client/client-factory.js';
import { ClientHandle } from '../client/client-handle.js';
import { guardOption } from '../ioredis/option-functions.js';
import { noticedMethods } from '../client/noticed-methods.js';
import { guardWatch } from '../client/watch-guard.js';
import { clusterInternals } from '../ioredis/internals.js';
import {
  constructCluster,
  type ConstructCluster,
  constructRedis,
  copyOf,
  type Ioredis,
} from '../ioredis/load-ioredis.js';
import { isMock } from '../ioredis/mocked-ioredis.js';
import type { ManagedConnectionPorts } from '../connection/managed-connection-ports.js';
import { createQuitOnce, makeEndFinal } from './cluster-end.js';
import { createLossBackoff, keepSubscribed } from './cluster-subscriber.js';
import { clusterStateOf, recordLostNodes } from './cluster-nodes.js';
import { reportFailedStarts } from './failed-start.js';
import { guardLookups, guardNatMap } from './node-addresses.js';
import { rejectWhileRefused, skipRoleBeforeDial } from './scarce-budget.js';
import { watchShardedSubscribers } from './sharded-subscribers.js';

/** The arguments of `new Cluster(…)`. */
export interface ClusterArguments {
  readonly nodes: ClusterNode[];
  readonly options: ClusterOptions;
}

export interface ClusterPorts {
  /** Copy of ioredis that constructs Clusters. A duplicate is constructed by its original's copy instead. */
  readonly copy: Ioredis;
  readonly clock: Clock;
  readonly settings: Settings;
  readonly mode?: Mode | undefined;
  readonly clientFactory: ClientFactory;
  readonly budget: Pick<Budget, 'ensureFree'>;
  readonly assertOpen: () => void;
  readonly isOpen: () => boolean;
  readonly onFailure: (error: HygieneError) => void;
  /** Whether the application listens to the errors that this factory reports. */
  readonly hasErrorListener?: () => boolean;
  /** Told of a Cluster that gives up, and of one that is ready again. */
  readonly failures?: Pick<ManagedConnectionPorts, 'onClientLost' | 'onClientFound'>;
  /** Clusters that have not ended, for the shutdown to close, and the call sites that opened them. */
  readonly clusters: Map<Cluster, readonly string[]>;
}

/** Opens an ioredis Cluster. Each of its connections is named, watched and in the ledger. */
export function openCluster(
  ports: ClusterPorts,
  given: ClusterArguments,
  construct: ConstructCluster = constructCluster(ports.copy),
): Cluster {
  ports.assertOpen();
  const { nodes, options } = enforceArguments(ports, given);
  if (isMock(ports.copy)) return construct(nodes, options);
  if (!options.lazyConnect) ports.budget.ensureFree();
  return followCluster(ports, construct(nodes, options));
}

/** Enforces a Cluster that a library has constructed, and that has not looked for its nodes yet. */
export function adoptCluster(ports: ClusterPorts, cluster: Cluster): void {
  const internals = clusterInternals(cluster);
  const { redisOptions } = internals.connectionPool;
  const given = { nodes: internals.startupNodes, options: { ...cluster.options, redisOptions } };
  const { nodes, options } = enforceArguments(ports, given);
  Object.assign(cluster.options, options);
  internals.startupNodes = nodes;
  internals.connectionPool.redisOptions = options.redisOptions ?? {};
  followCluster(ports, cluster);
}

/**
 * How often the nodes are asked for their slots, if the caller does not say. ioredis asks only when a command is
 * redirected, so without commands the connections to a node that has left would stay open.
 */
const SLOTS_REFRESH_MS = 60_000;

/** Enforces all options that the clients of a Cluster get. */
function enforceArguments(
  { clientFactory, mode, onFailure }: Pick<ClusterPorts, 'clientFactory' | 'mode' | 'onFailure'>,
  { nodes, options }: ClusterArguments,
): ClusterArguments {
  const given = options.redisOptions ?? {};
  const redisOptions = enforceClientOptions(clientFactory, given);
  return {
    nodes: enforceStartupNodes(nodes, (own) => enforceClientOptions(clientFactory, { ...given, ...own })),
    options: {
      ...options,
      ...guardFunctions(options, onFailure),
      ...(mode === 'observe'
        ? {}
        : { slotsRefreshInterval: options.slotsRefreshInterval ?? SLOTS_REFRESH_MS }),
      redisOptions,
    },
  };
}

/** Delay in milliseconds before attempt number `times`, as in ioredis. */
const defaultClusterRetryStrategy = (times: number) => Math.min(100 + times * 2, 2_000);

/** Guards the functions among the options of a Cluster that ioredis calls outside of the application's own calls. */
function guardFunctions(given: ClusterOptions, onFailure: ClusterPorts['onFailure']): ClusterOptions {
  const { clusterRetryStrategy, scaleReads } = given;
  const guarded: ClusterOptions = guardLookups(given, onFailure);
  if (typeof clusterRetryStrategy === 'function')
    guarded.clusterRetryStrategy = guardOption(
      'clusterRetryStrategy',
      clusterRetryStrategy,
      defaultClusterRetryStrategy,
      onFailure,
    );
  // Without a choice, ioredis takes the master.
  if (typeof scaleReads === 'function')
    guarded.scaleReads = guardOption('scaleReads', scaleReads as () => unknown, () => undefined, onFailure);
  return guarded;
}

/** Enforces options of a client. The role is the one of the caller's name, or `cluster`. */
function enforceClientOptions(clientFactory: ClientFactory, given: RedisOptions): EnforcedOptions {
  return clientFactory.enforceOptions(given, given.connectionName ? undefined : 'cluster');
}

/** Enforced options that a node's own options would replace. */
const ENFORCED_OPTIONS = ['connectionName', 'Connector', 'keepAlive', 'connectTimeout'] as const;

/** Enforces the startup nodes whose own options would replace enforced ones. */
function enforceStartupNodes(
  nodes: ClusterNode[],
  enforce: (own: RedisOptions) => RedisOptions,
): ClusterNode[] {
  if (!Array.isArray(nodes)) return nodes; // ioredis rejects it with its own error
  return nodes.map((given) => {
    const node = withRedisScheme(given);
    const own = ownOptionsOf(node);
    if (!ENFORCED_OPTIONS.some((key) => own[key] != null)) return node;
    const enforced = enforce(own);
    return { ...own, ...Object.fromEntries(ENFORCED_OPTIONS.map((key) => [key, enforced[key]])) };
  });
}

/** `redis://` for `valkey://`: ioredis tells from the scheme whether a node has TLS. */
function withRedisScheme(node: ClusterNode): ClusterNode {
  return typeof node === 'string' ? node.replace(/^valkey(s?):/i, 'redis$1:') : node;
}

/** Options in a startup node, which may be an object or a URL. ioredis lets them win over `redisOptions`. */
function ownOptionsOf(node: ClusterNode): RedisOptions {
  if (typeof node === 'object') return { ...node } as RedisOptions;
  return typeof node === 'string' && node.includes('?') ? readClientArguments(undefined, [node]) : {};
}

/** Instruments a Cluster with enforced options, from its first node to its end. */
function followCluster(ports: ClusterPorts, cluster: Cluster): Cluster {
  const callSite = captureCallSite(ports.settings.callSiteFrames);
  makeEndFinal(cluster, ports.clusters, callSite);
  reportLostCluster(cluster, callSite, ports);
  recordLostNodes(cluster, ports.clock);
  reportFailedStarts(cluster, ports);
  guardNatMap(cluster, ports.onFailure);
  followClients(ports, cluster, callSite);
  hideSecrets(cluster, cluster.options.redisOptions?.connectionName);
  if (ports.mode !== 'observe') Object.defineProperties(cluster, watchGuardedMethods);
  enforceDuplicates(cluster, (given) => openCluster(ports, given, constructCluster(copyOf(cluster))));
  return cluster;
}

/** Reports a Cluster that gives up reconnecting, until it is ready again. */
function reportLostCluster(cluster: Cluster, callSite: readonly string[], { failures }: ClusterPorts): void {
  cluster.on('ready', () => failures?.onClientFound?.(cluster));
  cluster.on('end', () => {
    if (clusterInternals(cluster).manuallyClosing) return;
    const { name, target } = clusterStateOf(cluster);
    failures?.onClientLost?.({ name, role: 'cluster', target, callSite }, 'cluster', cluster);
  });
}

/** Methods by which a Cluster notices WATCH. Transactions in steps are no matter for it: their commands go to any node. */
const watchGuardedMethods = noticedMethods((cluster, command) => {
  if (command === 'watch') guardWatch(cluster);
});

/** Instruments every client that the Cluster makes. In the ledger its call site is the one of the Cluster. */
function followClients(
  { clock, settings, clientFactory, isOpen }: ClusterPorts,
  cluster: Cluster,
  callSite: readonly string[],
): void {
  const ports = {
    callSite,
    quitCluster: createQuitOnce(cluster),
    onStalled: (isStalled: () => boolean) => refreshSlotsWhile(isStalled, cluster, clock),
  };
  const adopt = (client: Redis) => clientFactory.follow(client, new ClusterNodeHandle(client, ports));
  const createBackoff = () => createLossBackoff(clock, settings.reconnectBaseMs);

  function openSubscriber(kept: RedisOptions): Redis {
    const { connectionName, ...options } = clientFactory.enforceOptions({ ...kept, retryStrategy: null });
    const client = constructRedis(copyOf(cluster))({
      ...options,
      connectionName: subscriberName(connectionName),
      lazyConnect: true,
      enableReadyCheck: true, // a refused password shows in the ready check, and another node is tried
    });
    adopt(client);
    return client;
  }

  clusterInternals(cluster).connectionPool.on('+node', (node) => {
    adopt(node);
    skipRoleBeforeDial(node);
  });
  keepNodes(cluster);
  rejectWhileRefused(cluster, clock);
  keepSubscribed(cluster, { clock, backoff: createBackoff(), isOpen, open: openSubscriber });
  watchShardedSubscribers(cluster, { clock, backoff: createBackoff(), adopt });
}

/** Time between two requests for the slots while a node is stalled, in milliseconds. */
const STALLED_REFRESH_MS = 5_000;

/**
 * Requests the slots while a node is stalled. Its replica may have been promoted, and ioredis asks only when a command is
 * answered or fails.
 */
function refreshSlotsWhile(isStalled: () => boolean, cluster: Cluster, clock: Clock): void {
  if (!isStalled() || cluster.status !== 'ready') return;
  clusterInternals(cluster).refreshSlotsCache();
  clock.after(STALLED_REFRESH_MS, () => refreshSlotsWhile(isStalled, cluster, clock));
}

interface ClusterNodePorts {
  /** The call site that opened the Cluster. */
  readonly callSite: readonly string[];
  readonly quitCluster: () => void;
  /** Called when the node does not answer any more. The callback tells whether that is still so. */
  readonly onStalled: (isStalled: () => boolean) => void;
}

/** A client that a Cluster made. Closing it alone would make the Cluster open another one, so `quit` quits the Cluster. */
class ClusterNodeHandle extends ClientHandle {
  readonly #ports: ClusterNodePorts;
  #isStalled = false;

  constructor(client: Redis, ports: ClusterNodePorts) {
    super(client);
    this.#ports = ports;
  }

  override clusterCallSite(): readonly string[] {
    return this.#ports.callSite;
  }

  override quit(): void {
    this.#ports.quitCluster();
  }

  onStalled(): void {
    this.#isStalled = true;
    this.#ports.onStalled(() => this.#isStalled);
  }

  onRecovered(): void {
    this.#isStalled = false;
  }

  override onSocketClosed(): void {
    this.#isStalled = false;
    super.onSocketClosed();
  }
}

/** The name that ioredis gives to the client with which a Cluster subscribes. */
function subscriberName(name = ''): string {
  return `ioredis-cluster(subscriber):${name}`;
}

/**
 * Keeps the nodes when a refresh returns none. A node that was taken out of its cluster (CLUSTER RESET) knows no slots,
 * and ioredis drops all nodes if it happens to ask that node.
 */
function keepNodes(cluster: Cluster): void {
  const pool = clusterInternals(cluster).connectionPool;
  const reset = pool.reset.bind(pool);
  const value = (nodes: readonly object[]) => {
    if (nodes.length > 0 || cluster.status !== 'ready') reset(nodes);
  };
  Object.defineProperty(pool, 'reset', { value, configurable: true, writable: true });
}

/** Prints a Cluster by name and status, because its properties and its options contain the password. */
function hideSecrets(cluster: Cluster, name = ''): void {
  const describe = () => `Cluster <${name}, ${cluster.status}>`;
  const property = (value: () => unknown) => ({ value, configurable: true, writable: true });
  Object.defineProperties(cluster, { [inspect.custom]: property(describe), toJSON: property(describe) });
  printWithoutSecrets(cluster.options);
}

/** Makes duplicate() of a Cluster return an enforced Cluster, unless a subclass has its own duplicate(). */
function enforceDuplicates(cluster: Cluster, open: (given: ClusterArguments) => Cluster): void {
  if (cluster.duplicate !== copyOf(cluster).Cluster.prototype.duplicate) return;
  const duplicate = (nodes: ClusterNode[] = [], { redisOptions, ...rest }: ClusterOptions = {}) =>
    open({
      nodes: nodes.length > 0 ? nodes : [...clusterInternals(cluster).startupNodes],
      options: {
        ...cluster.options,
        ...rest,
        redisOptions: { ...cluster.options.redisOptions, ...redisOptions },
      },
    });
  Object.defineProperty(cluster, 'duplicate', {
    value: openedByCaller(duplicate),
    configurable: true,
    writable: true,
  });
}
