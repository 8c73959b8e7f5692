import type { Redis, RedisOptions } from 'ioredis';
import type { Clock } from '../core/clock.js';
import type { HygieneError } from '../core/errors.js';
import type { Identity } from '../identity/detect.js';
import type { ConnectionFacts, Ledger } from '../ledger/ledger.js';
import { captureOpener } from '../ledger/opener.js';
import type { Settings } from '../options/defaults.js';
import type { PolicyOverride } from '../options/policy.js';
import { describeTarget, resolveOptions, roleOfName } from '../options/resolve.js';
import { createConnectorChoice } from './connectors/choose.js';
import { linkOf } from './connectors/enforced.js';
import { ClientHandle } from './handle.js';
import { internals, ioredis } from './ioredis.js';
import { Link } from './link.js';
import { createRetry, type RetryStrategy } from './retry.js';
import { watchClient } from './watch.js';

/** What the factory lends to those who open connections. */
export interface ConnectPorts {
  readonly clock: Clock;
  readonly identity: Identity;
  readonly settings: Settings;
  readonly ledger: Ledger;
  /** Throws `HYG_SHUT_DOWN` once shutdown() has begun. */
  readonly admit: () => void;
  readonly isOpen: () => boolean;
  readonly onOverride: (override: PolicyOverride) => void;
  readonly onFailure: (error: HygieneError) => void;
}

/** Options after the policy. Libraries' own types often know no `null` strategy. */
export type EnforcedOptions = Omit<RedisOptions, 'retryStrategy'> & { readonly retryStrategy: RetryStrategy };

/** Makes a client from its final options; a subclass of Redis brings its own. */
export type Construct = (options: RedisOptions) => Redis;

/** Opens connections, enforced. */
export interface Opener {
  /** A plain ioredis client. */
  client(given: RedisOptions, construct?: Construct): Redis;
  /** Options with which a library makes an enforced client by itself. */
  options(given: RedisOptions, role?: string): EnforcedOptions;
}

function plainClient(options: RedisOptions): Redis {
  const Plain = ioredis().Redis as unknown as new (options: RedisOptions) => Redis;
  return new Plain(options);
}

/** What a client's final options say of its connection. */
function factsOf(
  options: RedisOptions,
  { openerFrames }: Settings,
  parent: number | undefined,
): ConnectionFacts {
  const name = options.connectionName ?? '';
  return {
    name,
    role: roleOfName(name),
    target: describeTarget(options),
    parent,
    opener: captureOpener(openerFrames),
  };
}

export function createOpener(ports: ConnectPorts): Opener {
  const { clock, identity, settings, ledger, admit, isOpen, onOverride, onFailure } = ports;
  const bounds = { baseMs: settings.reconnectBaseMs, capMs: settings.reconnectCapMs };
  const strategyFor = createRetry({ bounds, random: () => clock.random(), isOpen });
  /** The client that is being duplicated, while its copy is under construction. */
  let parent: number | undefined;

  const linkPorts = { ledger, onFailure };
  const gatekeeper = {
    admit,
    link: (options: unknown): Link => new Link(factsOf(options as RedisOptions, settings, parent), linkPorts),
  };
  const connectorFor = createConnectorChoice(gatekeeper, () => enforce({}, 'sentinel'));

  function enforce(given: RedisOptions, role?: string): EnforcedOptions {
    const { options, overrides } = resolveOptions(given, identity, settings, role);
    overrides.forEach(onOverride);
    return {
      ...options,
      retryStrategy: strategyFor(options.retryStrategy),
      Connector: connectorFor(options) as unknown as NonNullable<RedisOptions['Connector']>,
    };
  }

  function open(given: RedisOptions, construct: Construct = plainClient): Redis {
    admit();
    const client = construct(enforce(given));
    watchClient(client, new ClientHandle(client));
    // A subclass may bring its own.
    const isPlain = client.duplicate === ioredis().Redis.prototype.duplicate;
    if (isPlain) Object.defineProperty(client, 'duplicate', ownDuplicate);
    return client;
  }

  /** `duplicate` of ioredis makes a client of the base class, beside the factory; ours comes back through it. */
  function duplicate(this: Redis, override?: RedisOptions): Redis {
    parent = linkOf(internals(this).connector)?.entry?.id;
    try {
      return open({ ...this.options, ...override });
    } finally {
      parent = undefined;
    }
  }
  const ownDuplicate = { value: duplicate, configurable: true, writable: true };

  return { client: open, options: enforce };
}
