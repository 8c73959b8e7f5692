import type { RedisOptions } from 'ioredis';
import { createHash } from 'node:crypto';
import type {
  SubscriptionConnection,
  SubscriptionListener,
} from '../connect/client/subscription-connection.js';
import type { SentinelPorts } from '../connect/connectors/sentinel-connector.js';
import type { BackoffBounds } from '../core/backoff.js';
import type { Clock } from '../core/clock.js';
import { createMasterDiscovery } from './master-discovery.js';
import { type FailoverReport, MasterGroup } from './master-group.js';
import { createSentinelMonitor, type SentinelMonitorPorts } from './sentinel-monitor.js';
import type { OpenSentinel } from './sentinel-query.js';
import { type NodeAddress, formatAddress, sentinelAddress, translate } from './sentinel-replies.js';
import type { SentinelAccess, SentinelWatchers } from './sentinel-watchers.js';

export interface MasterGroupsPorts {
  readonly clock: Clock;
  readonly bounds: BackoffBounds;
  /** Opens a connection to a sentinel with these ioredis options. */
  readonly open: (options: RedisOptions, listener: SubscriptionListener) => SubscriptionConnection;
  readonly watchers: SentinelWatchers;
  /** How long one sentinel may take, unless the client says otherwise (`sentinelCommandTimeout`). */
  readonly limitMs: number;
  /** False once the factory shuts down. */
  readonly isOpen: () => boolean;
  readonly onFailover: (report: FailoverReport) => void;
}

/** How a client's sentinels are reached. */
interface Reach {
  readonly sentinels: readonly NodeAddress[];
  readonly options: RedisOptions;
  readonly limitMs: number;
  /** Under which address a sentinel is reached that the others tell of. */
  readonly reach: ((other: NodeAddress) => NodeAddress) | undefined;
}

function readReach(options: RedisOptions, usualLimitMs: number): Reach {
  const { sentinelUsername, sentinelPassword, sentinelTLS, sentinelCommandTimeout } = options;
  const { natMap, updateSentinels, connectTimeout, family, protocol } = options;
  return {
    sentinels: (options.sentinels ?? []).map(sentinelAddress),
    limitMs: sentinelCommandTimeout || usualLimitMs, // 0 would leave no time at all
    reach: updateSentinels === false ? undefined : (other) => translate(other, natMap),
    options: {
      username: sentinelUsername ?? undefined,
      password: sentinelPassword ?? undefined,
      tls: sentinelTLS,
      connectTimeout,
      family,
      protocol,
      // A sentinel has no data to load, and knows no CLIENT SETINFO.
      enableReadyCheck: false,
      disableClientInfo: true,
    },
  };
}

function fingerprintOf(given: RedisOptions, { sentinels, limitMs, options }: Reach): string {
  const { name, natMap, updateSentinels, sentinelMaxConnections } = given;
  return fingerprint(name, natMap, updateSentinels, sentinelMaxConnections, sentinels, limitMs, options);
}

/** The clients of a factory that have their servers from sentinels, in groups that follow the same master. */
export function createMasterGroups(ports: MasterGroupsPorts): SentinelPorts {
  const { clock, bounds, watchers, isOpen, onFailover } = ports;
  const groups = new Map<string, MasterGroup>();

  function opener({ options }: Reach, retryStrategy: RedisOptions['retryStrategy']): OpenSentinel {
    return ({ host, port, family = options.family }, listener, { once }) => {
      const strategy = once ? () => null : retryStrategy;
      return ports.open({ ...options, host, port, family, retryStrategy: strategy }, listener);
    };
  }

  function accessBy(open: OpenSentinel, { options }: Reach): (sentinel: NodeAddress) => SentinelAccess {
    const { username, password, tls } = options;
    return (sentinel) => ({
      key: fingerprint(formatAddress(sentinel), username, password, tls),
      bounds,
      isOpen,
      factory: ports,
      open: (listener) => open(sentinel, listener, { once: false }),
    });
  }

  function makeGroup(given: RedisOptions, reach: Reach, onEmpty: () => void): MasterGroup {
    const { name = '', sentinelReconnectStrategy, sentinelMaxConnections = Infinity } = given;
    const open = opener(reach, sentinelReconnectStrategy);
    const accessTo = accessBy(open, reach);
    const follow: SentinelMonitorPorts['follow'] = (sentinel, follower) =>
      watchers.follow(accessTo(sentinel), follower);
    return new MasterGroup({
      ...{ clock, name, isOpen, onFailover, onEmpty },
      finder: createMasterDiscovery({ clock, open, name, ...reach }),
      lookout: (hear) =>
        createSentinelMonitor({ name, ...reach, limit: sentinelMaxConnections, follow, hear }),
    });
  }

  return {
    join(client) {
      const reach = readReach(client.options, ports.limitMs);
      const key = fingerprintOf(client.options, reach);
      const group = groups.get(key) ?? makeGroup(client.options, reach, () => void groups.delete(key));
      groups.set(key, group);
      return group.join(client);
    },
  };
}

/** Numbers for what cannot be compared by its contents. */
const numbers = new WeakMap<object, number>();
let last = 0;

function numberOf(value: object): number {
  const known = numbers.get(value) ?? (last += 1);
  numbers.set(value, known);
  return known;
}

function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null || Array.isArray(value);
}

/** Functions and instances (a SecureContext) are themselves, and nothing else is. */
function comparable(_key: string, value: unknown): unknown {
  if (typeof value === 'function') return `[function ${numberOf(value)}]`;
  if (typeof value === 'object' && value !== null && !isPlain(value)) return `[object ${numberOf(value)}]`;
  return value;
}

/** The same text for the same options, and another for others. It shows no password. */
export function fingerprint(...options: readonly unknown[]): string {
  return createHash('sha256').update(JSON.stringify(options, comparable)).digest('base64');
}
