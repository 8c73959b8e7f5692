import type { Redis, RedisOptions } from 'ioredis';
import type { BackoffBounds } from '../../core/backoff.js';
import type { Clock } from '../../core/clock.js';
import type { HygieneError } from '../../core/errors.js';
import { intern } from '../../core/process-wide.js';
import { printWithoutSecrets } from '../../core/redact.js';
import { withoutHeartbeatRole } from '../../identity/connection-name.js';
import type { Identity } from '../../identity/detect-identity.js';
import type { Budget } from '../../ledger/budget.js';
import { captureCallSite, openedByCaller } from '../../ledger/call-site.js';
import type { ConnectionFacts } from '../../ledger/connection.js';
import { sentinelHealthCheckSettings } from '../../liveness/health-check-target.js';
import { describeTarget, observeOptions, resolveOptions, roleOfName } from '../../options/resolve-options.js';
import type { Settings } from '../../options/settings.js';
import {
  type ConnectionOwner,
  type ConnectionTerms,
  type ConstructionContext,
  type ConstructionContexts,
  createConstructionContexts,
  NO_CONTEXT,
} from '../connection/connection-terms.js';
import type { ManagedConnectionPorts } from '../connection/managed-connection-ports.js';
import { ManagedConnection } from '../connection/managed-connection.js';
import { createConnectorChoice } from '../connectors/connector-choice.js';
import { connectionOf, type ConnectorPorts } from '../connectors/enforced-connector.js';
import type { MasterGroups } from '../connectors/sentinel-connector.js';
import { DialAttempt, type DialAttemptPorts } from '../dial/dial-attempt.js';
import type { DialLimiters } from '../dial/dial-limiter.js';
import { clientInternals } from '../ioredis/internals.js';
import {
  type ConstructClient,
  constructRedis,
  copyOf,
  defaultOptionsOf,
  type Ioredis,
} from '../ioredis/load-ioredis.js';
import { ClientHandle } from './client-handle.js';
import { callerOptionsOf, enableReadyCheck } from './handshake.js';
import { followClientStatus } from './client-status.js';
import { createRetryOptionsResolver, type RetryStrategy } from './retry-strategies.js';
import { leaveUnguarded } from './watch-guard.js';

export interface ClientFactoryPorts extends ManagedConnectionPorts {
  /** Copy of ioredis that constructs clients. A duplicate is constructed by its original's copy instead. */
  readonly copy: Ioredis;
  readonly clock: Clock;
  readonly identity: Identity;
  readonly settings: Settings;
  /** Reports options that would be refused in the mode `enforce`. */
  readonly onFailure: (error: HygieneError) => void;
  readonly masterGroups: MasterGroups;
  readonly budget: Pick<Budget, 'ensureFree'>;
  readonly dialLimiters: DialLimiters;
  readonly onSaturated: DialAttemptPorts['onSaturated'];
  /** Throws `HYG_SHUT_DOWN` once shutdown() has begun. */
  readonly assertOpen: () => void;
  readonly isOpen: () => boolean;
}

/** Options after the policy. `retryStrategy` is never `null`, because the types of many libraries do not allow that. */
export type EnforcedOptions = Omit<RedisOptions, 'retryStrategy'> & { readonly retryStrategy: RetryStrategy };

/** How a client is opened, apart from its options. Its duplicates are opened on the default terms. */
export interface OpenRequest {
  readonly construct?: ConstructClient | undefined;
  readonly terms?: ConnectionTerms | undefined;
}

/** Makes enforced ioredis clients: named, bounded, watched and in the ledger. */
export interface ClientFactory {
  /**
   * Opens an ioredis client.
   *
   * @throws HygieneError `HYG_SHUT_DOWN`; `HYG_LIMIT_CONNECTIONS` for a client that dials at once
   */
  createClient(given: RedisOptions, request?: OpenRequest): Redis;
  /** Instruments a client that ioredis constructed with `enforceOptions()`, such as a node of a Cluster. */
  follow(client: Redis, owner: ConnectionOwner): void;
  /** Returns the options with which a library constructs an enforced client by itself. */
  enforceOptions(given: RedisOptions, role?: string): EnforcedOptions;
}

export function createClientFactory(ports: ClientFactoryPorts): ClientFactory {
  const { copy, mode, budget, assertOpen } = ports;
  const contexts = createConstructionContexts();
  const enforceOptions = createOptionsResolver(ports, contexts);

  function open(given: RedisOptions, context: ConstructionContext, construct: ConstructClient): Redis {
    const options = enforceOptions(given);
    if (needsFreeBudget(options, context)) budget.ensureFree();
    const client = contexts.run(context, () => construct(options));
    follow(client, new ClientHandle(client));
    return client;
  }

  function follow(client: Redis, owner: ConnectionOwner): void {
    const isOwn = connectionOf(clientInternals(client).connector)?.terms.readsCodes === true;
    if (mode !== 'observe' || isOwn) enableReadyCheck(client); // the own clients of a pool never run ahead of a refusal
    if (mode === 'observe') observe(client);
    followClientStatus(client, owner);
    if (hasPlainDuplicate(client)) Object.defineProperty(client, 'duplicate', enforcedDuplicate);
  }

  /** Duplicates through this factory. The `duplicate` of ioredis would construct a client of the base class itself. */
  function duplicate(this: Redis, override?: RedisOptions): Redis {
    const parent = connectionOf(clientInternals(this).connector)?.entry?.id;
    const options = { ...callerOptionsOf(this), ...override };
    const construct = constructRedis(copyOf(this));
    if (isSlotsRefresher(override)) {
      return open(options, { parent, terms: parent ? REFRESHER_TERMS : FIRST_REFRESHER_TERMS }, construct);
    }
    assertOpen();
    return open(options, { parent }, construct);
  }
  const enforcedDuplicate = { value: openedByCaller(duplicate), configurable: true, writable: true };

  return {
    createClient(given, { construct = constructRedis(copy), terms } = {}) {
      assertOpen();
      return open(given, { terms }, construct);
    },
    enforceOptions,
    follow,
  };
}

/** Creates the function that turns a caller's options into those of a client of this factory. */
function createOptionsResolver(
  ports: ClientFactoryPorts,
  contexts: ConstructionContexts,
): ClientFactory['enforceOptions'] {
  const { copy, clock, identity, settings, mode, isOpen, onOverride, onFailure } = ports;
  const isObserving = mode === 'observe';
  const resolveRetryOptions = createRetryOptionsResolver({
    bounds: reconnectBounds(settings),
    random: () => clock.random(),
    ...{ isOpen, onFailure },
    defaults: isObserving ? defaultOptionsOf(copy) : undefined,
  });
  const masterGroups = isObserving ? undefined : ports.masterGroups;
  const connectorFor = createConnectorChoice(copy, createConnectorPorts(ports, contexts), masterGroups);

  return (given, role) => {
    const resolve = isObserving ? observeOptions : resolveOptions;
    const { options, overrides, refusal } = resolve(given, identity, settings, role);
    overrides.forEach(onOverride);
    if (refusal) onFailure(refusal);
    return printWithoutSecrets({
      ...options,
      ...resolveRetryOptions(options),
      Connector: connectorFor(options) as unknown as NonNullable<RedisOptions['Connector']>,
    });
  };
}

/**
 * Enforces a client that a library constructs, while its constructor reads its options: returns the options to go on with,
 * and follows the client as soon as it has its connector.
 */
export function adoptClient(
  clientFactory: ClientFactory,
  client: Redis,
  given: RedisOptions,
  role: string | undefined,
): EnforcedOptions {
  const options = clientFactory.enforceOptions(given, role);
  whenConnectorIsSet(client, () => clientFactory.follow(client, new ClientHandle(client)));
  return options;
}

/**
 * Calls back when ioredis' constructor sets the client's connector: its options are complete then, and it has not dialled.
 * From then on the property is a plain one.
 */
function whenConnectorIsSet(client: Redis, callback: () => void): void {
  const property = { configurable: true, enumerable: true };
  Object.defineProperty(client, 'connector', {
    ...property,
    set(connector: unknown) {
      Object.defineProperty(client, 'connector', { ...property, writable: true, value: connector });
      callback();
    },
  });
}

/** Bounds of the backoff before a lost connection is dialled again. */
export function reconnectBounds({ reconnectBaseMs, reconnectCapMs }: Settings): BackoffBounds {
  return { baseMs: reconnectBaseMs, capMs: reconnectCapMs };
}

/** Creates what connectors need of the factory: a managed connection for each client, and permission for each dial. */
function createConnectorPorts(ports: ClientFactoryPorts, contexts: ConstructionContexts): ConnectorPorts {
  const { settings, mode, assertOpen } = ports;
  const sentinelPorts: ManagedConnectionPorts = { ...ports, settings: sentinelHealthCheckSettings(settings) };
  const { handshakeTimeoutMs } = settings;
  const dialPorts: DialAttemptPorts = {
    ...ports,
    maxConnecting: settings.limits.connecting,
    handshakeTimeoutMs,
  };
  return {
    assertOpen,
    waitForDial(connection, target) {
      if (mode === 'observe') return undefined;
      connection.dialAttempt = new DialAttempt(dialPorts, connection, target);
      return connection.dialAttempt.acquire();
    },
    createConnection(options) {
      printWithoutSecrets(options); // those of a client that a library makes too
      const context = contexts.take();
      const facts = factsOf(options, settings, context);
      const connectionPorts = facts.role === 'sentinel' ? sentinelPorts : ports;
      const keepAliveMs = mode === 'observe' ? undefined : (options.keepAlive ?? settings.keepAliveMs);
      const connection = new ManagedConnection(facts, keepAliveMs, connectionPorts, context.terms);
      connection.options = options;
      if (context === NO_CONTEXT) withdrawHeartbeatRole(connection, options, ports);
      return connection;
    },
  };
}

/**
 * Withdraws the role of a connection before its first dial, if the role promises a heartbeat and no client of ours has
 * adopted the connection. The application has made such a client itself, with the options of one of ours:
 * `new Redis(client.options)`. ioredis reads the name from these options when the socket is up.
 */
function withdrawHeartbeatRole(
  connection: ManagedConnection,
  options: RedisOptions,
  { onOverride }: Pick<ClientFactoryPorts, 'onOverride'>,
): void {
  const given = connection.facts.name;
  const name = withoutHeartbeatRole(given);
  if (name === given) return;
  connection.beforeUnownedDial = () => {
    options.connectionName = name;
    connection.facts = { ...connection.facts, name, role: intern(roleOfName(name)) };
    onOverride({
      option: 'connectionName',
      given,
      used: name,
      why: 'A client was made with the options of another one, but by ioredis itself, so it gets no heartbeat. Use duplicate() of the other client, the factory or the drop-in.',
    });
  };
}

/** Leaves to a client what it does in ioredis: its transactions, and the events of its sentinels. */
function observe(client: Redis): void {
  leaveUnguarded(client);
  if (client.options.sentinels) attachEmitter(client);
}

/** Gives a client the events of its sentinels, as ioredis does for the connector that it makes itself. */
function attachEmitter(client: Redis): void {
  const connector = clientInternals(client).connector as { emitter?: unknown };
  connector.emitter ??= client;
}

/** Facts about a connection, from its client's final options and construction context. */
function factsOf(
  options: RedisOptions,
  { callSiteFrames }: Settings,
  { parent, terms }: ConstructionContext,
): ConnectionFacts {
  const name = options.connectionName ?? '';
  return {
    name,
    role: intern(roleOfName(name)),
    target: intern(describeTarget(options)),
    parent,
    callSite: terms?.callSite ?? captureCallSite(callSiteFrames),
  };
}

/** Whether an exhausted budget throws when the client is opened. Other clients are refused, if at all, when they dial. */
function needsFreeBudget(
  { lazyConnect, connectionName }: EnforcedOptions,
  { terms }: ConstructionContext,
): boolean {
  if (lazyConnect || terms?.budgetClass) return false;
  return roleOfName(connectionName ?? '') !== 'sentinel';
}

/** Whether duplicate() is the one of ioredis. A subclass may have its own. */
function hasPlainDuplicate(client: Redis): boolean {
  return client.duplicate === copyOf(client).Redis.prototype.duplicate;
}

/**
 * Whether a Cluster duplicates a node to ask for its slots. The Cluster does not handle an exception there, so a refusal
 * by the budget is a failed dial instead.
 */
function isSlotsRefresher(override: RedisOptions | undefined): boolean {
  return override?.connectionName?.startsWith('ioredis-cluster(') ?? false;
}

/**
 * Terms of the client with which a Cluster asks for its slots. A Cluster with connections must learn of a failover also
 * when the budget is exhausted. A Cluster without a connection is refused, as if it reached no node.
 */
const REFRESHER_TERMS: ConnectionTerms = { budgetClass: 'exempt' };
const FIRST_REFRESHER_TERMS: ConnectionTerms = { budgetClass: 'clusterNode' };
