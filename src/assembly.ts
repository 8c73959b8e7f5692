import type { Cluster, ClusterNode, ClusterOptions, Redis } from 'ioredis';
import { endCluster } from './connect/cluster/end.js';
import { openCluster, type ConstructCluster } from './connect/cluster/open.js';
import { processGates } from './connect/gate/gates.js';
import { findOtherCopies } from './connect/ioredis.js';
import { openLine } from './connect/line.js';
import {
  boundsOf,
  createOpener,
  type EnforcedOptions,
  type Opener,
  type OpenRequest,
} from './connect/open.js';
import { systemClock, type Clock } from './core/clock.js';
import { publish } from './core/emitter.js';
import { createEvents, type Events } from './events.js';
import { detectIdentity, processSources, type Identity } from './identity/detect.js';
import { formatConnectionName, sanitizePart } from './identity/name.js';
import { createBudget } from './ledger/budget.js';
import { processHoldings } from './ledger/holdings.js';
import { createLedger, type ConnectionInfo } from './ledger/ledger.js';
import { createSuspects } from './ledger/suspects.js';
import { processHeartbeat } from './liveness/heartbeat.js';
import { createOrphans } from './liveness/orphans.js';
import { libraryRole } from './options/library.js';
import { readClientArguments, type ClientArguments } from './options/arguments.js';
import type { Settings } from './options/defaults.js';
import { checkFactoryOptions, type FactoryOptions } from './options/factory-options.js';
import { createPoolOpener } from './pool/open.js';
import type { PoolOptions } from './pool/options.js';
import type { Pool } from './pool/pool.js';
import { createReporter, type Reporter } from './reporter.js';
import { createSentinels } from './sentinel/sentinels.js';
import { processWatchers } from './sentinel/watchers.js';
import type { ShutdownReport } from './shutdown/report.js';
import { createShutdown, type ShutdownOptions } from './shutdown/shutdown.js';
import { createSubscriberOpener } from './subscriber/open.js';
import type { SubscriberOptions } from './subscriber/options.js';
import type { Subscriber } from './subscriber/subscriber.js';

/** The parts of a factory, put together. The drop-in constructs subclasses through them. */
export interface Assembly {
  readonly identity: Identity;
  readonly settings: Settings;
  readonly events: Events;
  readonly client: (args: ClientArguments, request?: OpenRequest) => Redis;
  readonly cluster: (nodes: ClusterNode[], options?: ClusterOptions, construct?: ConstructCluster) => Cluster;
  readonly subscriber: (options?: SubscriberOptions) => Subscriber;
  readonly pool: (options?: PoolOptions) => Pool;
  readonly options: (role?: string) => EnforcedOptions;
  readonly connections: () => readonly ConnectionInfo[];
  readonly shutdown: (options?: ShutdownOptions) => Promise<ShutdownReport>;
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

/** Where the connections of a factory are written down and counted. */
function openBooks(clock: Clock, { openerFrames, limits }: Settings, { onMove, onSuspect }: Reporter) {
  const budget = createBudget({ limit: limits.connections, openerFrames, holdings: processHoldings });
  const suspects = createSuspects(limits.perCallSite, onSuspect);
  return { budget, ledger: createLedger({ clock, onMove, budget, suspects }) };
}

/** Puts the parts together. */
export function assemble(options: FactoryOptions = {}): Assembly {
  const { service, host, connection, settings } = checkFactoryOptions(options);
  const clock = systemClock;
  const events = createEvents();
  const reporter = createReporter(events, clock);
  const sources = processSources();
  const identity = cleanIdentity(detectIdentity({ ...sources, service, host }), reporter);
  const { ledger, budget } = openBooks(clock, settings, reporter);
  const clusters = new Set<Cluster>();
  const pools = new Set<Pool>();
  const door = createShutdown({
    clock,
    entries: () => ledger.entries(),
    pools: () => [...pools],
    defaultTimeoutMs: settings.shutdownTimeoutMs,
    onDone(report) {
      clusters.forEach(endCluster);
      publish(events, 'shutdown', report);
    },
  });
  const shared = { clock, identity, settings, connection, budget, ...door, ...reporter };
  const orphans = createOrphans(shared);
  const sentinelName = formatConnectionName({ ...identity, role: 'sentinel' });
  const sentinels = createSentinels({
    ...shared,
    watchers: processWatchers,
    bounds: boundsOf(settings),
    limitMs: settings.sentinelTimeoutMs,
    open: (given, listener) => openLine(opener, { ...given, connectionName: sentinelName }, listener, clock),
  });
  const opener: Opener = createOpener({
    ...{ ...shared, ledger, orphans, sentinels },
    ...{ heartbeat: processHeartbeat, gates: processGates },
  });
  const copies = findOtherCopies(sources.directory);
  if (copies) reporter.onFailure(copies);

  return {
    identity,
    settings,
    events,
    shutdown: door.shutdown,
    connections: () => ledger.snapshot(),
    subscriber: createSubscriberOpener({ ...shared, opener }),
    pool: createPoolOpener({ ...shared, opener, pools }),
    options: (role) => opener.options(readClientArguments(connection, []), libraryRole(role)),
    client: (args, request) => opener.client(readClientArguments(connection, args), request),
    cluster: (nodes, given = {}, construct) =>
      openCluster({ ...shared, opener, clusters }, { nodes, options: given }, construct),
  };
}
