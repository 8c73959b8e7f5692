import type { Redis, RedisOptions } from 'ioredis';
import type { BackoffBounds } from '../../core/backoff.js';
import type { Clock } from '../../core/clock.js';
import { interned } from '../../core/process-wide.js';
import type { Identity } from '../../identity/detect-identity.js';
import type { Budget } from '../../ledger/budget.js';
import { captureCallSite } from '../../ledger/call-site.js';
import type { ConnectionFacts } from '../../ledger/connection.js';
import { sentinelHealthCheckSettings } from '../../liveness/health-check-target.js';
import { describeTarget, resolveOptions, roleOfName } from '../../options/resolve-options.js';
import type { Settings } from '../../options/settings.js';
import {
  createConstructionContexts,
  type ConnectionOwner,
  type ConnectionTerms,
  type ConstructionContext,
  type ConstructionContexts,
} from '../connection/connection-terms.js';
import { ManagedConnection, type ManagedConnectionPorts } from '../connection/managed-connection.js';
import { createConnectorChoice } from '../connectors/connector-choice.js';
import { type ConnectorPorts, connectionOf } from '../connectors/enforced-connector.js';
import type { SentinelPorts } from '../connectors/sentinel-connector.js';
import { DialAttempt, type DialAttemptPorts } from '../dial/dial-attempt.js';
import type { DialLimiters } from '../dial/dial-limiter.js';
import { type Construct, copyOf, type Ioredis, plainClients } from '../ioredis/load-ioredis.js';
import { clientInternals } from '../ioredis/internals.js';
import { ClientHandle } from './client-handle.js';
import { givenOptions } from './handshake.js';
import { instrumentClient } from './instrument-client.js';
import { createRetries, type RetryStrategy } from './retry-strategies.js';

/** What the factory lends to those who open connections. */
export interface ClientFactoryPorts extends ManagedConnectionPorts {
  /** The copy of ioredis that clients are made with, but for duplicates: these are of their original's. */
  readonly copy: Ioredis;
  readonly clock: Clock;
  readonly identity: Identity;
  readonly settings: Settings;
  readonly sentinels: SentinelPorts;
  readonly budget: Pick<Budget, 'ensure'>;
  readonly gates: DialLimiters;
  readonly onSaturated: DialAttemptPorts['onSaturated'];
  /** Throws `HYG_SHUT_DOWN` once shutdown() has begun. */
  readonly admit: () => void;
  readonly isOpen: () => boolean;
}

/** Options after the policy. Libraries' own types often know no `null` strategy. */
export type EnforcedOptions = Omit<RedisOptions, 'retryStrategy'> & { readonly retryStrategy: RetryStrategy };

/** How a client is opened, beside its options. Its duplicates are opened on the usual terms. */
export interface OpenRequest {
  readonly construct?: Construct | undefined;
  readonly terms?: ConnectionTerms | undefined;
}

/** Opens connections, enforced. */
export interface ClientFactory {
  /**
   * A plain ioredis client.
   *
   * @throws HygieneError `HYG_SHUT_DOWN`, and `HYG_LIMIT_CONNECTIONS` where it would dial at once
   */
  client(given: RedisOptions, request?: OpenRequest): Redis;
  /** Watches a client that ioredis made with `options()`, as it makes the nodes of a Cluster. */
  watch(client: Redis, handle: ConnectionOwner): void;
  /** Options with which a library makes an enforced client by itself. */
  options(given: RedisOptions, role?: string): EnforcedOptions;
}

/** A Cluster duplicates its nodes to ask for slots, and takes no exception there: its dial is refused instead. */
function isInternal(override: RedisOptions | undefined): boolean {
  return override?.connectionName?.startsWith('ioredis-cluster(') ?? false;
}

/**
 * A Cluster asks for its slots over a duplicate of a node. One that has connections must hear of a failover, also in a
 * full budget; one that has none yet is told in the beginning, as if it reached no node.
 */
const REFRESHER: ConnectionTerms = { budgetClass: 'exempt' };
const FIRST_REFRESHER: ConnectionTerms = { budgetClass: 'clusterNode' };

/** Whether a full budget refuses it with an exception. Others are refused, if at all, when they dial. */
function isRefusedNow(
  { lazyConnect, connectionName }: EnforcedOptions,
  { terms }: ConstructionContext,
): boolean {
  if (lazyConnect || terms?.budgetClass) return false;
  return roleOfName(connectionName ?? '') !== 'sentinel';
}

/** A subclass may bring its own `duplicate`. */
function hasPlainDuplicate(client: Redis): boolean {
  return client.duplicate === copyOf(client).Redis.prototype.duplicate;
}

/** What a client's final options say of its connection. */
function factsOf(
  options: RedisOptions,
  { callSiteFrames }: Settings,
  { parent, terms }: ConstructionContext,
): ConnectionFacts {
  const name = options.connectionName ?? '';
  return {
    name,
    role: interned(roleOfName(name)),
    target: interned(describeTarget(options)),
    parent,
    callSite: terms?.callSite ?? captureCallSite(callSiteFrames),
  };
}

/** The bounds of the backoff before a lost connection is dialled again. */
export function reconnectBounds({ reconnectBaseMs, reconnectCapMs }: Settings): BackoffBounds {
  return { baseMs: reconnectBaseMs, capMs: reconnectCapMs };
}

/** Lets connections into the ledger. */
function createGatekeeper(ports: ClientFactoryPorts, origins: ConstructionContexts): ConnectorPorts {
  const { settings, admit } = ports;
  const sentinelPorts: ManagedConnectionPorts = { ...ports, settings: sentinelHealthCheckSettings(settings) };
  const { handshakeTimeoutMs } = settings;
  const passagePorts: DialAttemptPorts = {
    ...ports,
    connecting: settings.limits.connecting,
    handshakeTimeoutMs,
  };
  return {
    admit,
    pass(link, to) {
      link.passage = new DialAttempt(passagePorts, link, to);
      return link.passage.enter();
    },
    link(options) {
      const origin = origins.take();
      const facts = factsOf(options, settings, origin);
      const linkPorts = facts.role === 'sentinel' ? sentinelPorts : ports;
      return new ManagedConnection(facts, options.keepAlive ?? settings.keepAliveMs, linkPorts, origin.terms);
    },
  };
}

export function createClientFactory(ports: ClientFactoryPorts): ClientFactory {
  const { copy, clock, identity, settings, budget, admit, isOpen, onOverride } = ports;
  const retries = createRetries({ bounds: reconnectBounds(settings), random: () => clock.random(), isOpen });
  const origins = createConstructionContexts();
  const gatekeeper = createGatekeeper(ports, origins);
  const connectorFor = createConnectorChoice(copy, gatekeeper, ports.sentinels);

  function enforce(given: RedisOptions, role?: string): EnforcedOptions {
    const { options, overrides } = resolveOptions(given, identity, settings, role);
    overrides.forEach(onOverride);
    return {
      ...options,
      ...retries(options),
      Connector: connectorFor(options) as unknown as NonNullable<RedisOptions['Connector']>,
    };
  }

  function open(given: RedisOptions, origin: ConstructionContext, construct: Construct): Redis {
    const options = enforce(given);
    if (isRefusedNow(options, origin)) budget.ensure();
    const client = origins.during(origin, () => construct(options));
    watch(client, new ClientHandle(client));
    return client;
  }

  function watch(client: Redis, handle: ConnectionOwner): void {
    instrumentClient(client, handle);
    if (hasPlainDuplicate(client)) Object.defineProperty(client, 'duplicate', ownDuplicate);
  }

  /** `duplicate` of ioredis makes a client of the base class, beside the factory; ours comes back through it. */
  function duplicate(this: Redis, override?: RedisOptions): Redis {
    const parent = connectionOf(clientInternals(this).connector)?.entry?.id;
    const options = { ...givenOptions(this), ...override };
    const construct = plainClients(copyOf(this));
    if (isInternal(override)) {
      return open(options, { parent, terms: parent ? REFRESHER : FIRST_REFRESHER }, construct);
    }
    admit();
    return open(options, { parent }, construct);
  }
  const ownDuplicate = { value: duplicate, configurable: true, writable: true };

  return {
    client(given, { construct = plainClients(copy), terms } = {}) {
      admit();
      return open(given, { terms }, construct);
    },
    options: enforce,
    watch,
  };
}

/**
 * Calls back in the moment in which ioredis' constructor gives a client its connector: after its options are there, and
 * before it dials. The property is a plain one from then on.
 */
function whenConnectorIsMade(client: Redis, made: () => void): void {
  const property = { configurable: true, enumerable: true };
  Object.defineProperty(client, 'connector', {
    ...property,
    set(connector: unknown) {
      Object.defineProperty(client, 'connector', { ...property, writable: true, value: connector });
      made();
    },
  });
}

/**
 * Enforces a client that somebody else constructs, while its constructor looks at its options: gives those to go on with,
 * and watches the client from the moment in which it has its connector.
 */
export function adoptClient(
  opener: ClientFactory,
  client: Redis,
  given: RedisOptions,
  role: string | undefined,
): EnforcedOptions {
  const options = opener.options(given, role);
  whenConnectorIsMade(client, () => opener.watch(client, new ClientHandle(client)));
  return options;
}
