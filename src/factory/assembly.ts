import type { Cluster, ClusterNode, ClusterOptions, Redis } from 'ioredis';
import type { EnforcedOptions, OpenRequest } from '../connect/client/client-factory.js';
import { createPlainClients, type PlainClients } from '../connect/client/plain-clients.js';
import { clusterStateOf } from '../connect/cluster/cluster-nodes.js';
import { openCluster } from '../connect/cluster/open-cluster.js';
import { type ConstructCluster, findOtherCopies, loadIoredis } from '../connect/ioredis/load-ioredis.js';
import { lazy } from '../core/lazy.js';
import { type Identity, readProcessSources } from '../identity/detect-identity.js';
import type { ConnectionInfo } from '../ledger/connection.js';
import type { OrphanInfo } from '../liveness/orphans.js';
import { optionTypeError } from '../options/check-options.js';
import { type ClientArguments, readClientArguments } from '../options/client-arguments.js';
import type { Mode } from '../options/environment.js';
import type { FactoryOptions } from '../options/factory-options.js';
import { resolveLibraryRole } from '../options/resolve-options.js';
import type { Settings } from '../options/settings.js';
import type { PoolOptions } from '../pool/pool-options.js';
import { createPoolFactory, type ManagedPool, type Pool, type PoolFactoryPorts } from '../pool/pool.js';
import type { ShutdownReport } from '../shutdown/shutdown-plan.js';
import type { ShutdownOptions } from '../shutdown/shutdown.js';
import type { SubscriberOptions } from '../subscriber/subscriber-options.js';
import {
  createSubscriberFactory,
  type OpenSubscriber,
  type Subscriber,
  type SubscriberFactoryPorts,
} from '../subscriber/subscriber.js';
import {
  type AssembledConnections,
  assembleConnections,
  assembleLedger,
  type ConnectionsPorts,
} from './connections.js';
import { expectEvent } from './event-counts.js';
import type { Events } from './events.js';
import { printAsTable } from './format-connections.js';
import type { HealthReport } from './health/health-report.js';
import type { HealthOptions } from './health/health-options.js';
import { createHealth } from './health/health.js';
import { createReadiness, type ReadinessPorts, type ReadyOptions } from './health/readiness.js';
import { processPoolTotals } from './pool-totals.js';

/** The assembled parts of a factory. The drop-in also uses them to construct its subclasses of Redis and Cluster. */
export interface Assembly {
  readonly identity: Identity;
  readonly settings: Settings;
  readonly mode: Mode | 'off';
  readonly events: Events;
  readonly client: (args: ClientArguments, request?: OpenRequest) => Redis;
  readonly cluster: (nodes: ClusterNode[], options?: ClusterOptions, construct?: ConstructCluster) => Cluster;
  readonly subscriber: (options?: SubscriberOptions) => Subscriber;
  readonly pool: (options?: PoolOptions) => Pool;
  readonly options: (role?: string) => EnforcedOptions;
  readonly connections: () => readonly ConnectionInfo[];
  readonly orphans: () => readonly OrphanInfo[];
  readonly health: (options?: HealthOptions) => Promise<HealthReport>;
  readonly ready: (options?: ReadyOptions) => Promise<void>;
  readonly extendTo: (remainingMs: number) => Promise<void>;
  readonly shutdown: (options?: ShutdownOptions) => Promise<ShutdownReport>;
}

/**
 * Puts the parts of a factory together.
 *
 * @throws HygieneError `HYG_OPTION_UNKNOWN`, `HYG_OPTION_TYPE`, `HYG_OPTION_RANGE`, `HYG_SERVICE_MISSING`,
 * `HYG_IOREDIS_MISSING`, `HYG_IOREDIS_VERSION`
 */
export function assembleFactory(
  options: FactoryOptions = {},
  { authErrors }: Pick<ConnectionsPorts, 'authErrors'> = { authErrors: 'coded' },
): Assembly {
  const pools = new Set<ManagedPool>();
  const copy = loadIoredis();
  const ledger = assembleLedger(options, {
    pools: () => [...pools],
    plainEntries: () => plain?.entries() ?? [],
    budgetPolicy: 'refuse',
  });
  const parts = assembleConnections(ledger, { copy, authErrors, eventsFor: 'application' });
  const { clientFactory, connection, identity } = parts;
  const { keepCounts, onOpened } = metricPorts(identity);
  reportOtherCopies(parts);

  const plain: PlainClients | undefined = parts.isOff ? createPlainClients(parts) : undefined;
  const subscribers = new Set<OpenSubscriber>();
  const subscriberFactory = lazy(() => createSubscriberFactory({ ...parts, subscribers, onOpened }));
  const poolFactory = lazy(() => createPoolFactory({ ...parts, pools, keepCounts }));
  const opened = openedBy(parts, { plain, pools, subscribers });
  const health = lazy(() => createHealth(opened));
  const readiness = lazy(() => createReadiness(opened));

  return {
    identity: parts.identity,
    settings: parts.settings,
    events: parts.events,
    mode: plain ? 'off' : parts.mode,
    health: (given) => health()(given),
    ready: (given) => readiness()(given),
    extendTo: (remainingMs) => parts.healthChecks.extendTo(checkRemainingMs(remainingMs), parts.settings),
    shutdown: parts.shutdown,
    connections: () => printAsTable(parts.ledger.snapshot()),
    orphans: () => parts.orphans.list(),
    subscriber: (given) => subscriberFactory()(given),
    pool: (given) => poolFactory()(given),
    options: (role) =>
      plain
        ? (plain.options() as EnforcedOptions)
        : clientFactory.enforceOptions(readClientArguments(connection, []), resolveLibraryRole(role)),
    client: (args, request) =>
      plain
        ? plain.client(args, request?.construct)
        : clientFactory.createClient(readClientArguments(connection, args), request),
    cluster: (nodes, given = {}, construct) =>
      plain
        ? plain.cluster(nodes, given, construct)
        : openCluster(parts, { nodes, options: given }, construct),
  };
}

/** The longest call of a function: Cloud Run grants 60 minutes, and a job of it a day. */
const MAX_REMAINING_MS = 86_400_000;

/** Hosts tell the remaining time, or a deadline from which it is computed: it may be over, and have a fraction. */
function checkRemainingMs(remainingMs: number): number {
  if (typeof remainingMs === 'number' && !Number.isNaN(remainingMs)) {
    return Math.floor(Math.min(Math.max(remainingMs, 0), MAX_REMAINING_MS));
  }
  throw optionTypeError('remainingMs', remainingMs, 'a number of milliseconds');
}

/** What pools and subscribers tell the metrics of the process. */
function metricPorts(
  identity: Identity,
): Pick<PoolFactoryPorts, 'keepCounts'> & Pick<SubscriberFactoryPorts, 'onOpened'> {
  return {
    keepCounts({ role, target }, counters, owner) {
      expectEvent(identity, 'lease-overdue', { role });
      return processPoolTotals.add({ service: identity.service, role, target }, counters, owner);
    },
    onOpened: ({ role, target }) => expectEvent(identity, 'gap', { role, target }),
  };
}

function reportOtherCopies({ onFailure }: Pick<AssembledConnections, 'onFailure'>): void {
  const otherCopies = findOtherCopies(readProcessSources().directory);
  if (otherCopies) onFailure(otherCopies);
}

/** What a factory has opened, beside the connections of its ledger. */
interface OpenedParts {
  readonly plain: PlainClients | undefined;
  readonly pools: ReadonlySet<ManagedPool>;
  readonly subscribers: ReadonlySet<OpenSubscriber>;
}

/** Everything that a factory has opened, for its health and its readiness. */
function openedBy(parts: AssembledConnections, { plain, pools, subscribers }: OpenedParts): ReadinessPorts {
  return {
    ...parts,
    entries: () => parts.ledger.entries(),
    plainClients: () => plain?.opened() ?? [],
    clusters: () => [...parts.clusters.keys()].map((cluster) => clusterStateOf(cluster)),
    pools: () => [...pools].map(({ pool }) => pool),
    subscribers: () => [...subscribers],
  };
}
