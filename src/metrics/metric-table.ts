import type { HygieneEvents } from '../factory/events.js';
import type { PoolHistograms, PoolStatistics } from '../pool/pool-report.js';
import {
  closedSockets,
  disconnectedStates,
  socketStates,
  stalledConnections,
  usableConnections,
  waitingConnections,
} from './connection-samples.js';
import { eventSamples } from './event-samples.js';
import type { MetricSource } from './metric-source.js';
import { type DurationSample, PLACE, type Sample } from './samples.js';

/**
 * Who has given a metric its name in OpenTelemetry: the semantic conventions, which call all metrics of connections
 * "development"; Redis, for its own clients; or redis-hygiene.
 */
type MetricOrigin = 'conventions' | 'redis' | 'redis-hygiene';

interface MetricFacts {
  /** Name in OpenTelemetry. */
  readonly otel: string;
  /** Name in Prometheus, after the prefix. */
  readonly prometheus: string;
  readonly origin: MetricOrigin;
  /** Unit in OpenTelemetry (UCUM). */
  readonly unit: string;
  /** One sentence. */
  readonly help: string;
  /** Names in Prometheus. `label-attributes` has those of OpenTelemetry. */
  readonly labels: readonly string[];
}

/** A metric that is a number: one that rises and falls, or a counter. */
export interface NumberMetric extends MetricFacts {
  readonly kind: 'updowncounter' | 'counter';
  /** Samples with the same labels are added up. */
  readonly read: (source: MetricSource) => readonly Sample[];
}

/** A metric that is a histogram of durations, in seconds. */
export interface DurationMetric extends MetricFacts {
  readonly kind: 'histogram';
  readonly read: (source: MetricSource) => readonly DurationSample[];
}

export type Metric = NumberMetric | DurationMetric;

/** The number of times an event was emitted, by these labels. */
function countsOf(
  event: keyof HygieneEvents,
  labels: readonly string[],
): Pick<NumberMetric, 'labels' | 'read'> {
  return { labels, read: ({ events }) => eventSamples(events, event, labels) };
}

/** A figure of the open pools. */
function figureOf(
  read: (statistics: PoolStatistics) => number,
): Pick<NumberMetric, 'kind' | 'labels' | 'read'> {
  return {
    kind: 'updowncounter',
    labels: PLACE,
    read: ({ pools }) => pools.map(({ labels, statistics }) => ({ labels, value: read(statistics) })),
  };
}

/** What pools have counted, closed ones included. */
function totalOf(name: 'timeouts' | 'refusals'): Pick<NumberMetric, 'kind' | 'labels' | 'read'> {
  return {
    kind: 'counter',
    labels: PLACE,
    read: ({ poolTotals }) => poolTotals.map((total) => ({ labels: total.labels, value: total[name] })),
  };
}

/** Durations that pools have measured, closed ones included. */
function durationsOf(
  name: keyof PoolHistograms,
): Pick<DurationMetric, 'kind' | 'unit' | 'origin' | 'labels' | 'read'> {
  return {
    ...{ kind: 'histogram', unit: 's', origin: 'conventions', labels: PLACE },
    read: ({ poolTotals }) => poolTotals.map((total) => ({ labels: total.labels, value: total[name] })),
  };
}

const connectionMetrics: readonly Metric[] = [
  {
    otel: 'db.client.connection.count',
    prometheus: 'connections',
    ...{ origin: 'conventions', kind: 'updowncounter', unit: '{connection}' },
    help: 'Connections with a socket, by state: idle or used. The sum is what the servers show in CLIENT LIST.',
    labels: [...PLACE, 'state'],
    read: socketStates,
  },
  {
    otel: 'redis_hygiene.connection.disconnected',
    prometheus: 'connections_disconnected',
    ...{ origin: 'redis-hygiene', kind: 'updowncounter', unit: '{connection}' },
    help: 'Connections without a socket, by state: connecting or reconnecting.',
    labels: [...PLACE, 'state'],
    read: disconnectedStates,
  },
  {
    otel: 'redis_hygiene.connection.usable',
    prometheus: 'connections_usable',
    ...{ origin: 'redis-hygiene', kind: 'updowncounter', unit: '{connection}' },
    help: 'Connections that can be used now: ready, and not stalled.',
    labels: PLACE,
    read: usableConnections,
  },
  {
    otel: 'redis_hygiene.connection.stalled',
    prometheus: 'connections_stalled',
    ...{ origin: 'redis-hygiene', kind: 'updowncounter', unit: '{connection}' },
    help: 'Connections whose server does not answer now, although its machine acknowledges bytes. They are closed after stallLimitMs.',
    labels: PLACE,
    read: stalledConnections,
  },
  {
    otel: 'redis_hygiene.connection.waiting',
    prometheus: 'connections_waiting',
    ...{ origin: 'redis-hygiene', kind: 'updowncounter', unit: '{connection}' },
    help: 'Connections that wait now because their server is full (maxclients).',
    labels: PLACE,
    read: waitingConnections,
  },
  {
    otel: 'redis_hygiene.connection.dials',
    prometheus: 'dials_total',
    ...{ origin: 'redis-hygiene', kind: 'counter', unit: '{dial}' },
    help: 'Dials that were begun, first ones and those after a loss.',
    ...countsOf('connecting', PLACE),
  },
  {
    otel: 'redis_hygiene.connection.opened',
    prometheus: 'connections_opened_total',
    ...{ origin: 'redis-hygiene', kind: 'counter', unit: '{connection}' },
    help: 'Sockets that were connected.',
    ...countsOf('connected', PLACE),
  },
  {
    otel: 'redis.client.connection.closed',
    prometheus: 'connections_closed_total',
    ...{ origin: 'redis', kind: 'counter', unit: '{connection}' },
    help: 'Sockets that were connected and have closed, by reason.',
    labels: [...PLACE, 'reason'],
    read: closedSockets,
  },
  {
    otel: 'redis_hygiene.connection.stale',
    prometheus: 'stale_total',
    ...{ origin: 'redis-hygiene', kind: 'counter', unit: '{connection}' },
    help: 'Connections whose peer was found dead, by cause.',
    ...countsOf('stale', [...PLACE, 'cause']),
  },
  {
    otel: 'redis_hygiene.connection.stalls',
    prometheus: 'stalls_total',
    ...{ origin: 'redis-hygiene', kind: 'counter', unit: '{stall}' },
    help: 'Times that a connection was found stalled: its server stopped answering although its machine acknowledges bytes.',
    ...countsOf('stalled', PLACE),
  },
  {
    otel: 'redis_hygiene.connection.recovered',
    prometheus: 'recovered_total',
    ...{ origin: 'redis-hygiene', kind: 'counter', unit: '{connection}' },
    help: 'Stalled connections whose server answered again.',
    ...countsOf('recovered', PLACE),
  },
];

const poolMetrics: readonly Metric[] = [
  {
    otel: 'db.client.connection.max',
    prometheus: 'pool_connections_max',
    ...{ origin: 'conventions', unit: '{connection}' },
    help: 'The most connections that the open pools may have.',
    ...figureOf(({ max }) => max),
  },
  {
    otel: 'db.client.connection.idle.max',
    prometheus: 'pool_connections_idle_max',
    ...{ origin: 'conventions', unit: '{connection}' },
    help: 'The most idle connections that the open pools may have, which is as many as they may have at all.',
    ...figureOf(({ max }) => max),
  },
  {
    otel: 'db.client.connection.idle.min',
    prometheus: 'pool_connections_idle_min',
    ...{ origin: 'conventions', unit: '{connection}' },
    help: 'The connections that the open pools keep although nobody uses them.',
    ...figureOf(({ min }) => min),
  },
  {
    otel: 'db.client.connection.pending_requests',
    prometheus: 'pool_pending_requests',
    ...{ origin: 'conventions', unit: '{request}' },
    help: 'Callers that wait for a connection of a pool.',
    ...figureOf(({ pending }) => pending),
  },
  {
    otel: 'db.client.connection.timeouts',
    prometheus: 'pool_timeouts_total',
    ...{ origin: 'conventions', unit: '{timeout}' },
    help: 'Callers that waited for acquireTimeoutMs and got no connection.',
    ...totalOf('timeouts'),
  },
  {
    otel: 'redis_hygiene.pool.refusals',
    prometheus: 'pool_refusals_total',
    ...{ origin: 'redis-hygiene', unit: '{request}' },
    help: 'Callers that were refused at once, because maxWaiting callers waited already.',
    ...totalOf('refusals'),
  },
  {
    otel: 'redis_hygiene.pool.leases',
    prometheus: 'pool_leases_total',
    ...{ origin: 'redis-hygiene', kind: 'counter', unit: '{lease}' },
    help: 'Leases that pools have given.',
    labels: PLACE,
    read: ({ poolTotals }) => poolTotals.map(({ labels, wait }) => ({ labels, value: wait.read().count })),
  },
  {
    otel: 'db.client.connection.create_time',
    prometheus: 'pool_create_seconds',
    help: 'How long connections of pools took to become ready, from the first dial.',
    ...durationsOf('create'),
  },
  {
    otel: 'db.client.connection.wait_time',
    prometheus: 'pool_wait_seconds',
    help: 'How long callers waited until they got a connection of a pool.',
    ...durationsOf('wait'),
  },
  {
    otel: 'db.client.connection.use_time',
    prometheus: 'pool_use_seconds',
    help: 'How long connections of pools were leased.',
    ...durationsOf('use'),
  },
  {
    otel: 'redis_hygiene.pool.dropped',
    prometheus: 'pool_connections_dropped_total',
    ...{ origin: 'redis-hygiene', kind: 'counter', unit: '{connection}' },
    help: 'Connections that pools closed or lost, by reason.',
    labels: [...PLACE, 'drop_reason'],
    read: ({ poolTotals }) =>
      poolTotals.flatMap(({ labels, closed }) =>
        Object.entries(closed)
          .filter(([, value]) => value > 0)
          .map(([reason, value]) => ({ labels: { ...labels, drop_reason: reason }, value })),
      ),
  },
  {
    otel: 'redis_hygiene.lease.overdue',
    prometheus: 'leases_overdue_total',
    ...{ origin: 'redis-hygiene', kind: 'counter', unit: '{lease}' },
    help: 'Leases that were held for longer than leaseWarnMs.',
    ...countsOf('lease-overdue', ['service', 'role']),
  },
];

const processMetrics: readonly Metric[] = [
  {
    otel: 'redis_hygiene.budget.used',
    prometheus: 'budget_used',
    ...{ origin: 'redis-hygiene', kind: 'updowncounter', unit: '{connection}' },
    help: 'Connections of this process that the budget counts: open ones, and those that pools have reserved.',
    labels: [],
    read: ({ budgetUsed }) => [{ labels: {}, value: budgetUsed }],
  },
  {
    otel: 'redis_hygiene.budget.limit',
    prometheus: 'budget_limit',
    ...{ origin: 'redis-hygiene', kind: 'updowncounter', unit: '{connection}' },
    help: 'The budget: the lowest limits.connections of all factories of this process.',
    labels: [],
    read: ({ budgetLimit }) => (budgetLimit === undefined ? [] : [{ labels: {}, value: budgetLimit }]),
  },
  {
    otel: 'redis_hygiene.suspects',
    prometheus: 'suspects_total',
    ...{ origin: 'redis-hygiene', kind: 'counter', unit: '{suspect}' },
    help: 'Lines of code that were found to have more clients open than limits.perCallSite.',
    ...countsOf('suspect', ['service', 'role']),
  },
  {
    otel: 'redis_hygiene.saturations',
    prometheus: 'saturations_total',
    ...{ origin: 'redis-hygiene', kind: 'counter', unit: '{saturation}' },
    help: 'Times that a server was found to have reached its maxclients.',
    ...countsOf('saturated', ['service', 'target']),
  },
  {
    otel: 'redis_hygiene.orphans.waiting',
    prometheus: 'orphans_waiting',
    ...{ origin: 'redis-hygiene', kind: 'updowncounter', unit: '{orphan}' },
    help: 'Halves of lost connections that a server may still have, and that wait to be closed.',
    labels: PLACE,
    read: ({ orphans }) => orphans.map((labels) => ({ labels, value: 1 })),
  },
  {
    otel: 'redis_hygiene.orphans',
    prometheus: 'orphans_total',
    ...{ origin: 'redis-hygiene', kind: 'counter', unit: '{orphan}' },
    help: 'Halves of lost connections on servers, by outcome.',
    ...countsOf('orphan', [...PLACE, 'outcome']),
  },
  {
    otel: 'redis_hygiene.failovers',
    prometheus: 'failovers_total',
    ...{ origin: 'redis-hygiene', kind: 'counter', unit: '{failover}' },
    help: 'Failovers of a master that clients have followed, by the name of the master.',
    ...countsOf('failover', ['service', 'master']),
  },
  {
    otel: 'redis_hygiene.gaps',
    prometheus: 'gaps_total',
    ...{ origin: 'redis-hygiene', kind: 'counter', unit: '{gap}' },
    help: 'Periods in which a subscriber may have missed messages.',
    ...countsOf('gap', PLACE),
  },
  {
    otel: 'redis.client.errors',
    prometheus: 'errors_total',
    ...{ origin: 'redis', kind: 'counter', unit: '{error}' },
    help: 'Failures that redis-hygiene has reported as error events, by code, and by target if the failure has one.',
    ...countsOf('error', ['service', 'target', 'code']),
  },
];

/** All metrics. docs/metrics.md is generated from this table. */
export const metricTable: readonly Metric[] = [...connectionMetrics, ...poolMetrics, ...processMetrics];
