import type { RedisOptions } from 'ioredis';
import { createHash } from 'node:crypto';
import type { Line, LineListener } from '../connect/client/subscription-connection.js';
import type { SentinelPorts } from '../connect/connectors/sentinel-connector.js';
import type { BackoffBounds } from '../core/backoff.js';
import type { Clock } from '../core/clock.js';
import { createFinder } from './master-discovery.js';
import { type FailoverReport, Group } from './master-group.js';
import { createLookout, type LookoutPorts } from './sentinel-monitor.js';
import type { OpenSentinel } from './sentinel-query.js';
import { type Address, formatAddress, sentinelAddress, translate } from './sentinel-replies.js';
import type { Access, Watchers } from './sentinel-watchers.js';

export interface SentinelsPorts {
  readonly clock: Clock;
  readonly bounds: BackoffBounds;
  /** Opens a connection to a sentinel with these ioredis options. */
  readonly open: (options: RedisOptions, listener: LineListener) => Line;
  readonly watchers: Watchers;
  /** How long one sentinel may take, unless the client says otherwise (`sentinelCommandTimeout`). */
  readonly limitMs: number;
  /** False once the factory shuts down. */
  readonly isOpen: () => boolean;
  readonly onFailover: (report: FailoverReport) => void;
}

/** How a client's sentinels are reached. */
interface Reach {
  readonly sentinels: readonly Address[];
  readonly options: RedisOptions;
  readonly limitMs: number;
  /** Under which address a sentinel is reached that the others tell of. */
  readonly reach: ((other: Address) => Address) | undefined;
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
export function createSentinels(ports: SentinelsPorts): SentinelPorts {
  const { clock, bounds, watchers, isOpen, onFailover } = ports;
  const groups = new Map<string, Group>();

  function opener({ options }: Reach, retryStrategy: RedisOptions['retryStrategy']): OpenSentinel {
    return ({ host, port, family = options.family }, listener, { once }) => {
      const strategy = once ? () => null : retryStrategy;
      return ports.open({ ...options, host, port, family, retryStrategy: strategy }, listener);
    };
  }

  function accessBy(open: OpenSentinel, { options }: Reach): (sentinel: Address) => Access {
    const { username, password, tls } = options;
    return (sentinel) => ({
      key: fingerprint(formatAddress(sentinel), username, password, tls),
      bounds,
      isOpen,
      factory: ports,
      open: (listener) => open(sentinel, listener, { once: false }),
    });
  }

  function makeGroup(given: RedisOptions, reach: Reach, onEmpty: () => void): Group {
    const { name = '', sentinelReconnectStrategy, sentinelMaxConnections = Infinity } = given;
    const open = opener(reach, sentinelReconnectStrategy);
    const accessTo = accessBy(open, reach);
    const follow: LookoutPorts['follow'] = (sentinel, follower) =>
      watchers.follow(accessTo(sentinel), follower);
    return new Group({
      ...{ clock, name, isOpen, onFailover, onEmpty },
      finder: createFinder({ clock, open, name, ...reach }),
      lookout: (hear) => createLookout({ name, ...reach, limit: sentinelMaxConnections, follow, hear }),
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
