import type { Cluster, ClusterNode, ClusterOptions, Redis, RedisOptions } from 'ioredis';
import type { EnforcedOptions } from '../connect/client/client-factory.js';
import type { Identity } from '../identity/detect-identity.js';
import { openedByCaller } from '../ledger/call-site.js';
import type { ConnectionInfo } from '../ledger/connection.js';
import type { OrphanInfo } from '../liveness/orphans.js';
import { checkClusterNodes } from '../options/check-options.js';
import type { ClientArguments } from '../options/client-arguments.js';
import type { Mode } from '../options/environment.js';
import type { FactoryOptions } from '../options/factory-options.js';
import type { Settings } from '../options/settings.js';
import { checkBlockingOptions, type PoolOptions } from '../pool/pool-options.js';
import type { Pool } from '../pool/pool.js';
import type { ShutdownReport } from '../shutdown/shutdown-plan.js';
import type { ShutdownOptions } from '../shutdown/shutdown.js';
import type { SubscriberOptions } from '../subscriber/subscriber-options.js';
import type { Subscriber } from '../subscriber/subscriber.js';
import { assembleFactory, type Assembly } from './assembly.js';
import type { HygieneEvents } from './events.js';
import type { HealthReport } from './health/health-report.js';
import type { HealthOptions } from './health/health-options.js';
import type { ReadyOptions } from './health/readiness.js';

/** Opens the Redis connections of a service, and keeps each of them in its ledger until it is closed. */
export interface RedisFactory extends AsyncDisposable {
  /** Service and host of this process, as in the name of every connection (`service@host#role`). */
  readonly identity: Identity;

  /** All settings in force, defaults included. See docs/options.md. */
  readonly settings: Settings;

  /**
   * What the factory does: `enforce` its rules, `observe` only, or, with `REDIS_HYGIENE=off`, leave clients and Clusters to
   * ioredis. See docs/adopt.md.
   */
  readonly mode: Mode | 'off';

  /**
   * Creates a plain ioredis client that is named and in the ledger. Takes the arguments of `new Redis(…)`. Options are
   * added to the factory's `connection`; an address replaces its address. A `connectionName` becomes the role.
   *
   * @throws HygieneError `HYG_SHUT_DOWN`, `HYG_LIMIT_CONNECTIONS`, `HYG_OPTION_TYPE`, `HYG_OPTION_RANGE`,
   * `HYG_URL_SCHEME`, `HYG_URL_INVALID`
   */
  client(options?: RedisOptions): Redis;
  client(urlOrPathOrPort: string | number, options?: RedisOptions): Redis;
  client(port: number, host: string, options?: RedisOptions): Redis;

  /**
   * Creates a plain ioredis Cluster. Its node connections are named with the role `cluster`, and are in the ledger.
   *
   * @throws HygieneError `HYG_SHUT_DOWN`, `HYG_LIMIT_CONNECTIONS`, `HYG_OPTION_TYPE`, `HYG_OPTION_RANGE`
   */
  cluster(nodes: ClusterNode[], options?: ClusterOptions): Cluster;

  /**
   * Creates a Pub/Sub connection and dials at once. After a loss it closes its old socket before it dials again,
   * renews all subscriptions, and reports the gap in which messages may have been missed.
   *
   * @throws HygieneError `HYG_SHUT_DOWN`, `HYG_LIMIT_CONNECTIONS`, `HYG_OPTION_UNKNOWN`, `HYG_OPTION_TYPE`,
   * `HYG_OPTION_RANGE`, `HYG_URL_SCHEME`, `HYG_URL_INVALID`
   */
  subscriber(options?: SubscriberOptions): Subscriber;

  /**
   * Creates a pool: a limited number of connections, each leased to one borrower at a time. Its `max` connections are
   * reserved in the budget at once, so that a configuration that cannot work fails at start.
   *
   * @throws HygieneError `HYG_SHUT_DOWN`, `HYG_LIMIT_CONNECTIONS`, `HYG_OPTION_UNKNOWN`, `HYG_OPTION_TYPE`,
   * `HYG_OPTION_RANGE`, `HYG_URL_SCHEME`, `HYG_URL_INVALID`
   */
  pool(options?: PoolOptions): Pool;

  /**
   * Creates a pool for blocking commands (BLPOP, XREAD BLOCK, …), which would hold up all other users of a shared
   * connection. Its role is `blocking`, and its leases have no time limit.
   *
   * @param options The maximum number of connections, or the options of `pool()`.
   * @throws HygieneError The codes of `pool()`.
   */
  blocking(options?: number | PoolOptions): Pool;

  /**
   * Returns enforced ioredis options for a library that creates its own clients. These clients are named, in the ledger,
   * and closed by `shutdown()` too.
   *
   * @param role The purpose of the clients: a word of your own, the part of the name after `#`. @default 'library'
   * @throws HygieneError `HYG_OPTION_RANGE` for a role that implies a heartbeat, which these clients do not get
   */
  options(role?: string): EnforcedOptions;

  /**
   * Returns a snapshot of the ledger: all open connections as plain data, without secrets. `console.log` prints it as the
   * table of `formatConnections`.
   */
  connections(): readonly ConnectionInfo[];

  /**
   * Returns the connections that this factory has given up and that their servers may still have: those that no later
   * connection could close, because the server did not allow it or was not reached again. At most 1000. As lines of JSON
   * they are what `redis-hygiene reap --orphans` takes.
   */
  orphans(): readonly OrphanInfo[];

  on<Name extends keyof HygieneEvents>(name: Name, listener: (...payload: HygieneEvents[Name]) => void): this;
  once<Name extends keyof HygieneEvents>(
    name: Name,
    listener: (...payload: HygieneEvents[Name]) => void,
  ): this;
  off<Name extends keyof HygieneEvents>(
    name: Name,
    listener: (...payload: HygieneEvents[Name]) => void,
  ): this;

  /**
   * Reports whether everything that was opened can be used, with reasons for each target. Sends nothing to a server that
   * was heard recently, and one PING to any other one. The promise never rejects; after shutdown() has begun the status
   * is `down`. See docs/health.md.
   *
   * @throws HygieneError `HYG_OPTION_UNKNOWN`, `HYG_OPTION_TYPE`, `HYG_OPTION_RANGE`
   */
  health(options?: HealthOptions): Promise<HealthReport>;

  /**
   * Resolves when everything is ready that was opened: clients, Clusters, the subscriptions of subscribers, and the `min`
   * connections of pools. Lazy clients are opened by their first command. See docs/health.md.
   *
   * @throws HygieneError `HYG_NOT_READY`, `HYG_SHUT_DOWN`, and at once `HYG_OPTION_UNKNOWN`, `HYG_OPTION_TYPE`,
   * `HYG_OPTION_RANGE`
   */
  ready(options?: ReadyOptions): Promise<void>;

  /**
   * Tells that this process runs for at least `remainingMs` more milliseconds, at most a day. For a function whose host
   * freezes the process between two calls, with the `profile` `short-lived`: call it when a call begins, with the time that
   * the call has. Connections that were silent are asked for a sign of life, and the promise resolves when each of this
   * factory has answered or was given up, at the latest after two `heartbeatDeadlineMs`. Health checks rest when the time is
   * over. See docs/short-lived-hosts.md.
   *
   * @throws HygieneError `HYG_OPTION_TYPE`, at once
   */
  extendTo(remainingMs: number): Promise<void>;

  /**
   * Closes all connections within a deadline: refuses new ones, waits for pending replies, sends QUIT, and destroys the
   * sockets that are left. The first call decides about the options; later calls return the same promise.
   *
   * @throws HygieneError `HYG_OPTION_TYPE`, `HYG_OPTION_RANGE`
   */
  shutdown(options?: ShutdownOptions): Promise<ShutdownReport>;
}

/**
 * Creates a factory for the Redis connections of a service.
 *
 * @throws HygieneError `HYG_OPTION_UNKNOWN`, `HYG_OPTION_TYPE`, `HYG_OPTION_RANGE`, `HYG_SERVICE_MISSING`,
 * `HYG_IOREDIS_MISSING`, `HYG_IOREDIS_VERSION`
 */
export function createRedisFactory(options?: FactoryOptions): RedisFactory {
  return createFactoryFromAssembly(assembleFactory(options));
}

/** How a client is opened for another place than the line that calls. */
const clientsOf = new WeakMap<RedisFactory, Assembly['client']>();

/** Opens a client whose call site is known: a framework opens it later, far from the line of the application. */
export function openClientAt(
  factory: RedisFactory,
  callSite: readonly string[],
  options: RedisOptions,
): Redis {
  const open = callSite.length > 0 ? clientsOf.get(factory) : undefined;
  return open ? open([options], { terms: { callSite } }) : factory.client(options);
}

/** Creates the public factory from its parts. */
export function createFactoryFromAssembly(assembly: Assembly): RedisFactory {
  const { identity, settings, mode, events, shutdown, ...parts } = assembly;
  const factory: RedisFactory = {
    identity,
    settings,
    mode,
    client: openedByCaller((...args: ClientArguments) => parts.client(args)),
    cluster: openedByCaller((nodes, options) => parts.cluster(checkClusterNodes(nodes), options)),
    subscriber: openedByCaller(parts.subscriber),
    pool: openedByCaller(parts.pool),
    blocking: openedByCaller((given = {}) => parts.pool(checkBlockingOptions(given))),
    options: parts.options,
    connections: parts.connections,
    orphans: parts.orphans,
    health: parts.health,
    ready: parts.ready,
    extendTo: parts.extendTo,
    on: (name, listener) => (events.on(name, listener), factory),
    once: (name, listener) => (events.once(name, listener), factory),
    off: (name, listener) => (events.off(name, listener), factory),
    shutdown,
    [Symbol.asyncDispose]: async () => void (await shutdown()),
  };
  clientsOf.set(factory, parts.client);
  return factory;
}
