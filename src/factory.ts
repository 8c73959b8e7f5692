import type { Cluster, ClusterNode, ClusterOptions, Redis, RedisOptions } from 'ioredis';
import { endCluster } from './connect/cluster/end.js';
import { openCluster, type ConstructCluster } from './connect/cluster/open.js';
import { findOtherCopies } from './connect/ioredis.js';
import { openLine } from './connect/line.js';
import { boundsOf, createOpener, type Construct, type EnforcedOptions, type Opener } from './connect/open.js';
import { systemClock } from './core/clock.js';
import { publish } from './core/emitter.js';
import { createEvents, type Events, type HygieneEvents } from './events.js';
import { detectIdentity, processSources, type Identity } from './identity/detect.js';
import { formatConnectionName, sanitizePart } from './identity/name.js';
import { createLedger, type ConnectionInfo } from './ledger/ledger.js';
import { processHeartbeat } from './liveness/heartbeat.js';
import { createOrphans } from './liveness/orphans.js';
import { readClientArguments, type ClientArguments } from './options/arguments.js';
import type { Settings } from './options/defaults.js';
import { checkFactoryOptions, type FactoryOptions } from './options/factory-options.js';
import { createReporter, type Reporter } from './reporter.js';
import { createSentinels } from './sentinel/sentinels.js';
import { processWatchers } from './sentinel/watchers.js';
import type { ShutdownReport } from './shutdown/report.js';
import { createShutdown, type ShutdownOptions } from './shutdown/shutdown.js';
import { createSubscriberOpener } from './subscriber/open.js';
import type { SubscriberOptions } from './subscriber/options.js';
import type { Subscriber } from './subscriber/subscriber.js';

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
   * @throws HygieneError `HYG_SHUT_DOWN`, `HYG_OPTION_TYPE`, `HYG_OPTION_RANGE`, `HYG_URL_SCHEME`, `HYG_URL_INVALID`
   */
  client(options?: RedisOptions): Redis;
  client(urlOrPathOrPort: string | number, options?: RedisOptions): Redis;
  client(port: number, host: string, options?: RedisOptions): Redis;

  /**
   * A plain ioredis Cluster whose nodes are named and in the ledger, with role `cluster`.
   *
   * @throws HygieneError `HYG_SHUT_DOWN`, `HYG_OPTION_TYPE`, `HYG_OPTION_RANGE`
   */
  cluster(nodes: ClusterNode[], options?: ClusterOptions): Cluster;

  /**
   * A connection for Pub/Sub that closes its socket before it dials again, subscribes everything again, and tells
   * what may have been missed. It dials at once.
   *
   * @throws HygieneError `HYG_SHUT_DOWN`, `HYG_OPTION_UNKNOWN`, `HYG_OPTION_TYPE`, `HYG_OPTION_RANGE`,
   * `HYG_URL_SCHEME`, `HYG_URL_INVALID`
   */
  subscriber(options?: SubscriberOptions): Subscriber;

  /**
   * Enforced ioredis options, for a library that builds its own clients: those are named, in the ledger, and
   * closed by shutdown() too.
   *
   * @param role What they are for, the part of the name after `#`. @default 'command'
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

/** The parts of a factory, put together. The drop-in constructs subclasses through them. */
export interface Assembly extends Pick<
  RedisFactory,
  'identity' | 'settings' | 'subscriber' | 'options' | 'connections' | 'shutdown'
> {
  readonly events: Events;
  client(args: ClientArguments, construct?: Construct): Redis;
  cluster(nodes: ClusterNode[], options?: ClusterOptions, construct?: ConstructCluster): Cluster;
}

/** The identity that names are made of, and a report where a part had to be changed for that. */
function cleanIdentity(found: Identity, { onOverride }: Reporter): Identity {
  const clean = { service: sanitizePart(found.service), host: sanitizePart(found.host) };
  for (const option of ['service', 'host'] as const) {
    if (found[option] === clean[option]) continue;
    const why = 'Redis takes no blanks or control characters in names, and @ and # separate the parts.';
    onOverride({ option, given: found[option], used: clean[option], why });
  }
  return clean;
}

/** Puts the parts together. */
export function assemble(options: FactoryOptions = {}): Assembly {
  const { service, host, connection, settings } = checkFactoryOptions(options);
  const clock = systemClock;
  const events = createEvents();
  const reporter = createReporter(events, clock);
  const sources = processSources();
  const identity = cleanIdentity(detectIdentity({ ...sources, service, host }), reporter);
  const ledger = createLedger({ clock, onMove: reporter.onMove });
  const clusters = new Set<Cluster>();
  const door = createShutdown({
    clock,
    entries: () => ledger.entries(),
    defaultTimeoutMs: settings.shutdownTimeoutMs,
    onDone(report) {
      clusters.forEach(endCluster);
      publish(events, 'shutdown', report);
    },
  });
  const orphans = createOrphans({ clock, onOrphan: reporter.onOrphan });
  const sentinelName = formatConnectionName({ ...identity, role: 'sentinel' });
  const sentinels = createSentinels({
    ...{ clock, ...door, ...reporter, watchers: processWatchers },
    bounds: boundsOf(settings),
    limitMs: settings.sentinelTimeoutMs,
    open: (given, listener) => openLine(opener, { ...given, connectionName: sentinelName }, listener, clock),
  });
  const opener: Opener = createOpener({
    ...{ clock, identity, settings, ledger, orphans, sentinels, ...door, ...reporter },
    heartbeat: processHeartbeat,
  });
  const copies = findOtherCopies(sources.directory);
  if (copies) reporter.onFailure(copies);

  return {
    identity,
    settings,
    events,
    shutdown: door.shutdown,
    connections: () => ledger.snapshot(),
    subscriber: createSubscriberOpener({ clock, identity, settings, connection, opener, ...door }),
    options: (role) => opener.options(readClientArguments(connection, []), role),
    client: (args, construct) => opener.client(readClientArguments(connection, args), construct),
    cluster: (nodes, given = {}, construct) =>
      openCluster({ clock, settings, opener, ...door, clusters }, { nodes, options: given }, construct),
  };
}

/** The public face of the parts. */
export function faceOf({ identity, settings, events, shutdown, ...parts }: Assembly): RedisFactory {
  const factory: RedisFactory = {
    identity,
    settings,
    client: (...args: ClientArguments) => parts.client(args),
    cluster: (nodes, options) => parts.cluster(nodes, options),
    subscriber: parts.subscriber,
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
  return faceOf(assemble(options));
}
