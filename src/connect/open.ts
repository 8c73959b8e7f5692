import type { Redis, RedisOptions } from 'ioredis';
import type { Clock } from '../core/clock.js';
import type { Identity } from '../identity/detect.js';
import type { ConnectionFacts, Ledger } from '../ledger/ledger.js';
import { captureOpener } from '../ledger/opener.js';
import type { Settings } from '../options/defaults.js';
import type { PolicyOverride } from '../options/policy.js';
import { describeTarget, resolveOptions, roleOfName } from '../options/resolve.js';
import { createConnectorChoice } from './connectors/choose.js';
import { linkOf } from './connectors/enforced.js';
import { clientHandle } from './handle.js';
import { internals, ioredis } from './ioredis.js';
import { Link, type LinkOwner } from './link.js';
import { retryStrategy, type RetryStrategy } from './retry.js';
import { watchClient, type FailureListener } from './watch.js';

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
  readonly onFailure: FailureListener;
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
  /** Watches a client that ioredis made with `options()`, as it makes the nodes of a Cluster. */
  watch(client: Redis, handle: LinkOwner): void;
}

function plainClient(options: RedisOptions): Redis {
  const Plain = ioredis().Redis as unknown as new (options: RedisOptions) => Redis;
  return new Plain(options);
}

/** `duplicate` of ioredis makes a client of the base class, beside the factory; ours comes back through it. */
function duplicateThrough(client: Redis, open: (given: RedisOptions) => Redis): void {
  if (client.duplicate !== ioredis().Redis.prototype.duplicate) return; // a subclass brings its own
  const value = (override?: RedisOptions) => open({ ...client.options, ...override });
  Object.defineProperty(client, 'duplicate', { value, configurable: true, writable: true });
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
  const { identity, settings, ledger, admit, isOpen, onOverride, onFailure } = ports;
  const bounds = { baseMs: settings.reconnectBaseMs, capMs: settings.reconnectCapMs };
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
      retryStrategy: retryStrategy(options.retryStrategy, {
        bounds,
        random: () => ports.clock.random(),
        isOpen,
      }),
      Connector: connectorFor(options) as unknown as NonNullable<RedisOptions['Connector']>,
    };
  }

  function watch(client: Redis, handle: LinkOwner): void {
    const link = linkOf(internals(client).connector);
    if (link) watchClient(client, { link, handle, onFailure });
  }

  function duplicateOf(client: Redis, given: RedisOptions): Redis {
    parent = linkOf(internals(client).connector)?.entry?.id;
    try {
      return open(given);
    } finally {
      parent = undefined;
    }
  }

  function open(given: RedisOptions, construct: Construct = plainClient): Redis {
    admit();
    const client = construct(enforce(given));
    watch(client, clientHandle(client));
    duplicateThrough(client, (options) => duplicateOf(client, options));
    return client;
  }

  return { client: open, options: enforce, watch };
}
