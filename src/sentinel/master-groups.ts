import type { RedisOptions } from 'ioredis';
import { createHash } from 'node:crypto';
import type {
  SubscriptionConnection,
  SubscriptionListener,
} from '../connect/client/subscription-connection.js';
import type { MasterGroups } from '../connect/connectors/sentinel-connector.js';
import type { BackoffBounds } from '../core/backoff.js';
import type { Clock } from '../core/clock.js';
import { createMasterDiscovery, type MasterDiscoveryPorts } from './master-discovery.js';
import { type FailoverReport, MasterGroup } from './master-group.js';
import { createSentinelMonitor, type SentinelMonitorPorts } from './sentinel-monitor.js';
import type { SentinelConnections, SentinelRoute } from './sentinel-connections.js';
import { type NodeAddress, applyNatMap, formatAddress, completeSentinelAddress } from './sentinel-replies.js';
import type { SentinelAccess, SentinelWatchers } from './sentinel-watchers.js';

export interface MasterGroupsPorts {
  readonly clock: Clock;
  /** Bounds of the backoff before a watcher's refused subscription is tried again. */
  readonly bounds: BackoffBounds;
  /** Opens a connection to a sentinel with these ioredis options. */
  readonly openConnection: (options: RedisOptions, listener: SubscriptionListener) => SubscriptionConnection;
  readonly watchers: SentinelWatchers;
  /** The connections over which sentinels are asked. */
  readonly sentinelConnections: SentinelConnections;
  /** Time limit for one sentinel in milliseconds, unless the client sets `sentinelCommandTimeout`. */
  readonly timeoutMs: number;
  /** False once the factory shuts down. */
  readonly isOpen: () => boolean;
  readonly onFailover: (report: FailoverReport) => void;
}

/** Settings of a client for its sentinels. */
interface SentinelSettings {
  readonly sentinels: readonly NodeAddress[];
  /** ioredis options of the connections to the sentinels. */
  readonly options: RedisOptions;
  readonly timeoutMs: number;
  /** Address under which a discovered sentinel is reached. Undefined with `updateSentinels: false`. */
  readonly mapDiscoveredAddress: ((other: NodeAddress) => NodeAddress) | undefined;
}

/** Puts the clients of a factory that follow the same master over the same sentinels into groups. */
export function createMasterGroups(ports: MasterGroupsPorts): MasterGroups {
  const { clock, bounds, watchers, sentinelConnections, isOpen, onFailover } = ports;
  const groups = new Map<string, MasterGroup>();

  /** Creates the functions that say how a sentinel is reached, for queries and for its watcher. */
  function createWays(
    { options }: SentinelSettings,
    watcherRetryStrategy: RedisOptions['retryStrategy'],
  ): {
    routeTo: (sentinel: NodeAddress) => SentinelRoute;
    accessOf: (sentinel: NodeAddress) => SentinelAccess;
  } {
    const { username, password, tls } = options;
    const keyOf = (sentinel: NodeAddress) => fingerprintOf(formatAddress(sentinel), username, password, tls);
    const createOpen =
      ({ host, port, family = options.family }: NodeAddress, retryStrategy: RedisOptions['retryStrategy']) =>
      (listener: SubscriptionListener) =>
        ports.openConnection({ ...options, host, port, family, retryStrategy }, listener);
    return {
      routeTo: (sentinel) => ({ key: keyOf(sentinel), open: createOpen(sentinel, () => null) }),
      accessOf: (sentinel) => ({
        ...{ key: keyOf(sentinel), bounds, isOpen, factory: ports },
        open: createOpen(sentinel, watcherRetryStrategy),
      }),
    };
  }

  function createGroup(given: RedisOptions, settings: SentinelSettings, onEmpty: () => void): MasterGroup {
    const { name = '', sentinelReconnectStrategy, sentinelMaxConnections: maxSentinels = Infinity } = given;
    const { routeTo, accessOf } = createWays(settings, sentinelReconnectStrategy);
    const subscribe: SentinelMonitorPorts['subscribe'] = (sentinel, listener) =>
      watchers.subscribe(accessOf(sentinel), listener);
    const querySentinel: MasterDiscoveryPorts['querySentinel'] = (sentinel, query, limits) =>
      sentinelConnections.query(routeTo(sentinel), query, limits);
    return new MasterGroup({
      ...{ clock, name, isOpen, onFailover, onEmpty },
      discovery: createMasterDiscovery({ clock, querySentinel, name, ...settings }),
      createMonitor: (listener) =>
        createSentinelMonitor({ name, ...settings, maxSentinels, subscribe, ...listener }),
    });
  }

  return {
    join(client) {
      const settings = readSettings(client.options, ports.timeoutMs);
      const key = groupKeyOf(client.options, settings);
      const group = groups.get(key) ?? createGroup(client.options, settings, () => void groups.delete(key));
      groups.set(key, group);
      return group.join(client);
    },
  };
}

function readSettings(options: RedisOptions, defaultTimeoutMs: number): SentinelSettings {
  const { sentinelUsername, sentinelPassword, sentinelTLS, sentinelCommandTimeout } = options;
  const { natMap, updateSentinels, connectTimeout, family, protocol } = options;
  return {
    sentinels: (options.sentinels ?? []).map(completeSentinelAddress),
    timeoutMs: sentinelCommandTimeout || defaultTimeoutMs, // 0 would leave no time at all
    mapDiscoveredAddress: updateSentinels === false ? undefined : (other) => applyNatMap(other, natMap),
    options: {
      username: sentinelUsername ?? undefined,
      password: sentinelPassword ?? undefined,
      tls: sentinelTLS,
      connectTimeout,
      family,
      protocol,
      // A sentinel has no data to load, and does not know CLIENT SETINFO.
      enableReadyCheck: false,
      disableClientInfo: true,
    },
  };
}

/** Key of a group: clients with equal keys follow their master together. */
function groupKeyOf(given: RedisOptions, { sentinels, timeoutMs, options }: SentinelSettings): string {
  const { name, natMap, updateSentinels, sentinelMaxConnections } = given;
  return fingerprintOf(name, natMap, updateSentinels, sentinelMaxConnections, sentinels, timeoutMs, options);
}

/** A hash of options: equal options have equal fingerprints. No password can be read out of a fingerprint. */
export function fingerprintOf(...options: readonly unknown[]): string {
  return createHash('sha256').update(JSON.stringify(options, toComparable)).digest('base64');
}

/** Replaces functions and class instances (such as a SecureContext) by numbers, as they are compared by identity. */
function toComparable(_key: string, value: unknown): unknown {
  if (typeof value === 'function') return `[function ${identityOf(value)}]`;
  if (typeof value === 'object' && value !== null && !isPlain(value)) return `[object ${identityOf(value)}]`;
  return value;
}

/** Numbers of the functions and instances seen so far. */
const identities = new WeakMap<object, number>();
let lastIdentity = 0;

function identityOf(value: object): number {
  const identity = identities.get(value) ?? (lastIdentity += 1);
  identities.set(value, identity);
  return identity;
}

function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null || Array.isArray(value);
}
