import type { Cluster, ClusterNode, ClusterOptions, Redis, RedisOptions } from 'ioredis';
import type { EnforcedOptions } from '../connect/client/client-factory.js';
import type { Identity } from '../identity/detect-identity.js';
import type { ConnectionInfo } from '../ledger/connection.js';
import { checkNodes } from '../options/check-options.js';
import type { ClientArguments } from '../options/client-arguments.js';
import type { FactoryOptions } from '../options/factory-options.js';
import type { Settings } from '../options/settings.js';
import { blockingOptions, type PoolOptions } from '../pool/pool-options.js';
import type { Pool } from '../pool/pool.js';
import type { ShutdownReport } from '../shutdown/shutdown-plan.js';
import type { ShutdownOptions } from '../shutdown/shutdown.js';
import type { SubscriberOptions } from '../subscriber/subscriber-options.js';
import type { Subscriber } from '../subscriber/subscriber.js';
import { assemble, type Assembly } from './assembly.js';
import type { HygieneEvents } from './events.js';

/** Opens a service's connections to Redis, and accounts for each of them until it is closed. */
export interface RedisFactory extends AsyncDisposable {
  /** Who this process is, the two halves of every name. */
  readonly identity: Identity;

  /** All numbers in force, defaults included. See docs/options.md. */
  readonly settings: Settings;

  /**
   * A plain ioredis client, named and in the ledger. Takes what `new Redis(…)` takes; options add to the
   * factory's `connection`, an address replaces it. A `connectionName` becomes the role.
   *
   * @throws HygieneError `HYG_SHUT_DOWN`, `HYG_LIMIT_CONNECTIONS`, `HYG_OPTION_TYPE`, `HYG_OPTION_RANGE`,
   * `HYG_URL_SCHEME`, `HYG_URL_INVALID`
   */
  client(options?: RedisOptions): Redis;
  client(urlOrPathOrPort: string | number, options?: RedisOptions): Redis;
  client(port: number, host: string, options?: RedisOptions): Redis;

  /**
   * A plain ioredis Cluster whose nodes are named and in the ledger, with role `cluster`.
   *
   * @throws HygieneError `HYG_SHUT_DOWN`, `HYG_LIMIT_CONNECTIONS`, `HYG_OPTION_TYPE`, `HYG_OPTION_RANGE`
   */
  cluster(nodes: ClusterNode[], options?: ClusterOptions): Cluster;

  /**
   * A connection for Pub/Sub that closes its socket before it dials again, subscribes everything again, and tells
   * what may have been missed. It dials at once.
   *
   * @throws HygieneError `HYG_SHUT_DOWN`, `HYG_LIMIT_CONNECTIONS`, `HYG_OPTION_UNKNOWN`, `HYG_OPTION_TYPE`,
   * `HYG_OPTION_RANGE`, `HYG_URL_SCHEME`, `HYG_URL_INVALID`
   */
  subscriber(options?: SubscriberOptions): Subscriber;

  /**
   * A bounded number of connections, lent to one borrower at a time. All of its `max` places are reserved in the
   * budget now, so that a configuration that cannot work fails at start.
   *
   * @throws HygieneError `HYG_SHUT_DOWN`, `HYG_LIMIT_CONNECTIONS`, `HYG_OPTION_UNKNOWN`, `HYG_OPTION_TYPE`,
   * `HYG_OPTION_RANGE`, `HYG_URL_SCHEME`, `HYG_URL_INVALID`
   */
  pool(options?: PoolOptions): Pool;

  /**
   * A pool for commands that wait on the server (BLPOP, XREAD BLOCK, …), so that none of them sits on a connection that
   * others use: role `blocking`, and leases that may last for ever.
   *
   * @param options The most connections, or the options of `pool()`.
   * @throws HygieneError as pool()
   */
  blocking(options?: number | PoolOptions): Pool;

  /**
   * Enforced ioredis options, for a library that builds its own clients: those are named, in the ledger, and
   * closed by shutdown() too.
   *
   * @param role What they are for, the part of the name after `#`: a word of your own. @default 'library'
   * @throws HygieneError `HYG_OPTION_RANGE` for a role that stands for a heartbeat: these clients get none
   */
  options(role?: string): EnforcedOptions;

  /** The ledger: every connection that is open now, as plain data without secrets. */
  connections(): readonly ConnectionInfo[];

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
   * Refuses new connections, lets replies in, says QUIT, and destroys what is left: always within its deadline.
   * The first call decides; later ones get the same promise.
   *
   * @throws HygieneError `HYG_OPTION_TYPE`, `HYG_OPTION_RANGE`
   */
  shutdown(options?: ShutdownOptions): Promise<ShutdownReport>;
}

/** The public face of the parts. */
export function createFactoryFace({
  identity,
  settings,
  events,
  shutdown,
  ...parts
}: Assembly): RedisFactory {
  const factory: RedisFactory = {
    identity,
    settings,
    client: (...args: ClientArguments) => parts.client(args),
    cluster: (nodes, options) => parts.cluster(checkNodes(nodes), options),
    subscriber: parts.subscriber,
    pool: parts.pool,
    blocking: (given = {}) => parts.pool(blockingOptions(given)),
    options: parts.options,
    connections: parts.connections,
    on: (name, listener) => (events.on(name, listener), factory),
    once: (name, listener) => (events.once(name, listener), factory),
    off: (name, listener) => (events.off(name, listener), factory),
    shutdown,
    [Symbol.asyncDispose]: async () => void (await shutdown()),
  };
  return factory;
}

/**
 * Makes a factory for a service's Redis connections.
 *
 * @throws HygieneError `HYG_OPTION_UNKNOWN`, `HYG_OPTION_TYPE`, `HYG_OPTION_RANGE`, `HYG_SERVICE_MISSING`,
 * `HYG_IOREDIS_MISSING`, `HYG_IOREDIS_VERSION`
 */
export function createRedisFactory(options?: FactoryOptions): RedisFactory {
  return createFactoryFace(assemble(options));
}
