import type { Cluster } from 'ioredis';
import {
  reconnectBounds,
  createClientFactory,
  type ClientFactory,
} from '../connect/client/client-factory.js';
import { createMockClientFactory } from '../connect/client/mock-client-factory.js';
import { openSubscriptionConnection } from '../connect/client/subscription-connection.js';
import { endCluster } from '../connect/cluster/cluster-end.js';
import type { AuthErrors } from '../connect/connection/managed-connection-ports.js';
import { processDialLimiters } from '../connect/dial/dial-limiter.js';
import type { Ioredis } from '../connect/ioredis/load-ioredis.js';
import { isMock } from '../connect/ioredis/mocked-ioredis.js';
import { type Clock, systemClock } from '../core/clock.js';
import { HygieneError } from '../core/errors.js';
import { lazy } from '../core/lazy.js';
import { formatConnectionName, sanitizePart } from '../identity/connection-name.js';
import { detectIdentity, type Identity, readProcessSources } from '../identity/detect-identity.js';
import { createBudget } from '../ledger/budget.js';
import {
  createCallSiteMonitor,
  processConnectionCounts,
  processOpenClients,
} from '../ledger/connection-counts.js';
import { createLedger } from '../ledger/ledger.js';
import {
  type HealthCheckScheduler,
  processHealthChecks,
  shortLivedHealthChecks,
} from '../liveness/health-check-scheduler.js';
import { processLivingIdentities } from '../liveness/living-identities.js';
import { createLivingSocketFinder } from '../liveness/living-sockets.js';
import { createOrphans, type OrphanPorts } from '../liveness/orphans.js';
import { readEnvironment } from '../options/environment.js';
import { checkFactoryOptions, type FactoryOptions } from '../options/factory-options.js';
import type { Settings } from '../options/settings.js';
import type { ManagedPool } from '../pool/pool.js';
import { createMasterGroups } from '../sentinel/master-groups.js';
import { processSentinelConnections } from '../sentinel/sentinel-connections.js';
import { processSentinelWatchers } from '../sentinel/sentinel-watchers.js';
import { targetFailures } from '../shutdown/shutdown-hooks.js';
import { createShutdown, type ShutdownPorts } from '../shutdown/shutdown.js';
import { createAnnounce } from './announce.js';
import { createEvents } from './events.js';
import { processFactories } from './process-factories.js';
import { createRecentFailures, type RecentFailures } from './recent-failures.js';
import { createReporter, type Reporter } from './reporter.js';

/** What a factory and the preload do differently with their ledgers. */
export interface LedgerOptions {
  readonly pools: () => readonly ManagedPool[];
  /** Connections that the shutdown closes in addition to those of the ledger. */
  readonly plainEntries?: ShutdownPorts['entries'];
  /**
   * What happens when the budget is full, unless `REDIS_HYGIENE_BUDGET` says otherwise. With `warn` an `error` event is
   * emitted, and the connection is opened.
   */
  readonly budgetPolicy: 'refuse' | 'warn';
}

/** What a factory and the preload do differently when they open connections. */
export interface ConnectionsPorts {
  /** The copy of ioredis that makes the clients. */
  readonly copy: Ioredis;
  /**
   * What the application's clients get when their credentials are refused. With `reply` it is the error that an application
   * which was written for ioredis expects.
   */
  readonly authErrors: AuthErrors;
  /** Whose events the errors of all clients are: with `application`, its `error` listeners are the ones to hear them. */
  readonly eventsFor: 'application' | 'preload';
}

/** A ledger with all that needs no ioredis: its budget, its events and its shutdown. */
export type AssembledLedger = ReturnType<typeof assembleLedger>;

/**
 * Puts together the parts that record, count and close connections, whichever library makes the clients.
 *
 * @throws HygieneError `HYG_OPTION_UNKNOWN`, `HYG_OPTION_TYPE`, `HYG_OPTION_RANGE`, `HYG_SERVICE_MISSING`
 */
export function assembleLedger(
  options: FactoryOptions,
  { pools, plainEntries = () => [], budgetPolicy }: LedgerOptions,
) {
  const { service, host, connection, mode, settings, environment, invalidVariables } = readOptions(options);
  const clock = systemClock;
  const events = createEvents();
  const announce = createAnnounce(events, () => identity);
  const failures = createRecentFailures(clock);
  const reporter = forgettingFailures(createReporter(announce, clock), failures);
  invalidVariables.forEach(reporter.onFailure);
  const identity = sanitizeIdentity(detectIdentity({ ...readProcessSources(), service, host }), reporter);
  const policy = mode === 'observe' ? 'warn' : (environment.budgetPolicy ?? budgetPolicy);
  const { ledger, budget } = createLedgerAndBudget(clock, settings, reporter, policy);
  const clusters = new Map<Cluster, readonly string[]>();
  const shutdown = createShutdown({
    clock,
    entries: () => [...ledger.entries(), ...plainEntries()],
    pools,
    defaultTimeoutMs: settings.shutdownTimeoutMs,
    onDone: (report) => (clusters.forEach((_, cluster) => endCluster(cluster)), announce('shutdown', report)),
  });
  const shared = { clock, identity, settings, mode, connection, budget, ledger, ...shutdown, ...reporter };
  const orphans = createOrphans({ ...shared, ...ORPHAN_PORTS });
  targetFailures.set(settings, reporter.onFailure);
  processFactories.add({ ...shared, pools, clusters: () => clusters, orphans: () => orphans.list() });
  return { ...shared, events, orphans, clusters, failures, isOff: environment.isOff };
}

/** The parts of a factory that open, watch and close connections. */
export type AssembledConnections = ReturnType<typeof assembleConnections>;

/** Adds to a ledger the parts that open and watch clients of ioredis. */
export function assembleConnections(
  base: AssembledLedger,
  { copy, authErrors, eventsFor }: ConnectionsPorts,
) {
  const { clock, identity, settings, events } = base;
  const hasErrorListener = () => eventsFor === 'application' && events.listenerCount('error') > 0;
  const healthChecks = healthChecksOf(settings);
  const shared = { ...base, copy, authErrors, hasErrorListener, healthChecks };
  const masterGroups = lazy(() =>
    createMasterGroups({
      ...shared,
      watchers: processSentinelWatchers,
      sentinelConnections: processSentinelConnections,
      bounds: reconnectBounds(settings),
      timeoutMs: settings.sentinelTimeoutMs,
      openConnection(given, listener) {
        const connectionName = formatConnectionName({ ...identity, role: 'sentinel' });
        return openSubscriptionConnection(clientFactory, { ...given, connectionName }, listener, clock);
      },
    }),
  );
  const clientFactory: ClientFactory = isMock(copy)
    ? createMockClientFactory(shared)
    : createClientFactory({
        ...{ ...shared, ...base.failures, dialLimiters: processDialLimiters },
        masterGroups: { join: (client) => masterGroups().join(client) },
      });
  return { ...shared, clientFactory };
}

function healthChecksOf({ profile }: Settings): HealthCheckScheduler {
  return profile === 'short-lived' ? shortLivedHealthChecks : processHealthChecks;
}

/** A reporter that forgets the failures of a connection first, so that listeners of `ready` find none of them. */
function forgettingFailures(reporter: Reporter, failures: RecentFailures): Reporter {
  return {
    ...reporter,
    onMove(connection, ...move) {
      failures.onMove(connection);
      reporter.onMove(connection, ...move);
    },
  };
}

/** Checks the options of a factory, completed from the environment of this process. */
function readOptions(options: FactoryOptions) {
  const invalidVariables: HygieneError[] = [];
  const environment = readEnvironment(process.env, (message) =>
    invalidVariables.push(new HygieneError('HYG_VARIABLE', message)),
  );
  return { ...checkFactoryOptions(options, environment), environment, invalidVariables };
}

/** What a factory asks before it closes the server's half of a lost connection. */
const ORPHAN_PORTS: Pick<OrphanPorts, 'livingIdentities' | 'findLivingSockets'> = {
  livingIdentities: processLivingIdentities,
  findLivingSockets: createLivingSocketFinder(),
};

/** Removes from the identity what a connection name cannot hold, and reports each part that had to be changed. */
function sanitizeIdentity(detected: Identity, { onOverride }: Reporter): Identity {
  const sanitized = { service: sanitizePart(detected.service), host: sanitizePart(detected.host) };
  for (const option of ['service', 'host'] as const) {
    if (detected[option] === sanitized[option]) continue;
    const why = 'A connection name holds no blanks or control characters, and @ and # separate its parts.';
    onOverride({ option, given: detected[option], used: sanitized[option], why });
  }
  return sanitized;
}

function createLedgerAndBudget(
  clock: Clock,
  { callSiteFrames, limits }: Settings,
  { onMove, onSuspect, onFailure }: Reporter,
  policy: LedgerOptions['budgetPolicy'],
) {
  const onExceeded = policy === 'warn' ? onFailure : undefined;
  const budget = createBudget({
    limit: limits.connections,
    callSiteFrames,
    counts: processConnectionCounts,
    onExceeded,
    onOverrun: onFailure,
  });
  const callSiteMonitor = createCallSiteMonitor(limits.perCallSite, onSuspect, processOpenClients);
  return { budget, ledger: createLedger({ clock, onMove, budget, callSiteMonitor }) };
}
