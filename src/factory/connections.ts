import type { Cluster } from 'ioredis';
import {
  reconnectBounds,
  createClientFactory,
  type ClientFactory,
} from '../connect/client/client-factory.js';
import { openSubscriptionConnection } from '../connect/client/subscription-connection.js';
import { endCluster } from '../connect/cluster/cluster-end.js';
import { processDialLimiters } from '../connect/dial/dial-limiter.js';
import type { Ioredis } from '../connect/ioredis/load-ioredis.js';
import { type Clock, systemClock } from '../core/clock.js';
import { publish } from '../core/emitter.js';
import { formatConnectionName, sanitizePart } from '../identity/connection-name.js';
import { detectIdentity, type Identity, processSources } from '../identity/detect-identity.js';
import { createBudget } from '../ledger/budget.js';
import { createCallSiteMonitor, processConnectionCounts } from '../ledger/connection-counts.js';
import { createLedger } from '../ledger/ledger.js';
import { processHealthChecks } from '../liveness/health-check-scheduler.js';
import { createOrphans } from '../liveness/orphans.js';
import { checkFactoryOptions, type FactoryOptions } from '../options/factory-options.js';
import type { Settings } from '../options/settings.js';
import { createMasterGroups } from '../sentinel/master-groups.js';
import { processSentinelWatchers } from '../sentinel/sentinel-watchers.js';
import { createShutdown, type ShutdownPorts } from '../shutdown/shutdown.js';
import { createEvents, type Events } from './events.js';
import { createReporter, type Reporter } from './reporter.js';

/** What differs between those who put connections together: a factory, and the preload. */
export interface ConnectionsPorts {
  readonly copy: Ioredis;
  readonly pools: ShutdownPorts['pools'];
  /** What happens where the budget is full: with `warn` it is an event, and the connection is opened all the same. */
  readonly onFull: 'refuse' | 'warn';
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
function openBooks(
  clock: Clock,
  { callSiteFrames, limits }: Settings,
  { onMove, onSuspect, onFailure }: Reporter,
  onFull: ConnectionsPorts['onFull'],
) {
  const onOver = onFull === 'warn' ? onFailure : undefined;
  const budget = createBudget({
    limit: limits.connections,
    callSiteFrames,
    holdings: processConnectionCounts,
    onOver,
  });
  const suspects = createCallSiteMonitor(limits.perCallSite, onSuspect);
  return { budget, ledger: createLedger({ clock, onMove, budget, suspects }) };
}

/** The parts that open, watch and close connections. */
export type Connections = ReturnType<typeof assembleConnections>;

/** Puts together what opens, watches and closes connections. */
export function assembleConnections(options: FactoryOptions, { copy, pools, onFull }: ConnectionsPorts) {
  const { service, host, connection, settings } = checkFactoryOptions(options);
  const clock = systemClock;
  const events: Events = createEvents();
  const reporter = createReporter(events, clock);
  const identity = cleanIdentity(detectIdentity({ ...processSources(), service, host }), reporter);
  const { ledger, budget } = openBooks(clock, settings, reporter, onFull);
  const clusters = new Set<Cluster>();
  const door = createShutdown({
    clock,
    entries: () => ledger.entries(),
    pools,
    defaultTimeoutMs: settings.shutdownTimeoutMs,
    onDone(report) {
      clusters.forEach(endCluster);
      publish(events, 'shutdown', report);
    },
  });
  const shared = { copy, clock, identity, settings, connection, budget, ...door, ...reporter };
  const orphans = createOrphans(shared);
  const sentinelName = formatConnectionName({ ...identity, role: 'sentinel' });
  const sentinels = createMasterGroups({
    ...shared,
    watchers: processSentinelWatchers,
    bounds: reconnectBounds(settings),
    limitMs: settings.sentinelTimeoutMs,
    open: (given, listener) =>
      openSubscriptionConnection(opener, { ...given, connectionName: sentinelName }, listener, clock),
  });
  const opener: ClientFactory = createClientFactory({
    ...{ ...shared, ledger, orphans, sentinels },
    ...{ heartbeat: processHealthChecks, gates: processDialLimiters },
  });
  return { events, ledger, clusters, ...shared, opener };
}
