import { type EventCount, type Labels, processEventCounts } from '../factory/event-counts.js';
import { type PoolTotal, processPoolTotals } from '../factory/pool-totals.js';
import { type ObservedFactory, processFactories } from '../factory/process-factories.js';
import { processConnectionCounts } from '../ledger/connection-counts.js';
import type { ConnectionHealth, StateKind } from '../ledger/connection.js';
import type { LedgerEntry } from '../ledger/ledger.js';
import type { PoolStatistics } from '../pool/pool-report.js';

/** A connection in the ledger of a factory. */
export interface ObservedConnection extends Pick<ConnectionHealth, 'user' | 'isStalled' | 'isServerFull'> {
  /** `service`, `role` and `target`. */
  readonly labels: Labels;
  readonly state: StateKind;
  /** Whether commands are in flight. */
  readonly isInUse: boolean;
}

/** An open pool. */
export interface ObservedPool {
  /** `service`, `role` and `target`. */
  readonly labels: Labels;
  readonly statistics: PoolStatistics;
}

/** All that the metrics of the process are made of, at one moment. Labels are limited in number. */
export interface MetricSource {
  readonly connections: readonly ObservedConnection[];
  readonly pools: readonly ObservedPool[];
  /** Open and closed pools together. */
  readonly poolTotals: readonly PoolTotal[];
  readonly events: readonly EventCount[];
  /** `service`, `role` and `target` of each orphan that is not reaped yet. */
  readonly orphans: readonly Labels[];
  readonly budgetUsed: number;
  /** The lowest limit of all factories that are not shut down. `undefined` if there are none. */
  readonly budgetLimit: number | undefined;
}

/** Reads the ledgers, pools, counts and budget of this process. */
export function readMetricSource(): MetricSource {
  const factories = processFactories.all();
  const limits = factories.filter((factory) => factory.isOpen()).map(({ settings }) => settings.limits);
  return {
    connections: factories.flatMap(connectionsOf),
    pools: factories.flatMap(poolsOf),
    poolTotals: processPoolTotals.read(),
    events: processEventCounts.read(),
    orphans: factories.flatMap((factory) => factory.orphans().map((orphan) => labelsOf(factory, orphan))),
    budgetUsed: processConnectionCounts.used,
    budgetLimit: limits.length > 0 ? Math.min(...limits.map(({ connections }) => connections)) : undefined,
  };
}

interface Place {
  readonly role: string;
  readonly target: string;
}

function labelsOf({ identity: { service } }: ObservedFactory, { role, target }: Place): Labels {
  return processEventCounts.limit({ service, role, target });
}

function connectionsOf(factory: ObservedFactory): readonly ObservedConnection[] {
  return factory.ledger.entries().map(({ facts, state, handle }: LedgerEntry) => {
    const { user, isStalled, isServerFull } = handle.health();
    const labels = labelsOf(factory, facts);
    return { labels, state: state.kind, isInUse: handle.isInUse(), user, isStalled, isServerFull };
  });
}

function poolsOf(factory: ObservedFactory): readonly ObservedPool[] {
  return factory
    .pools()
    .map(({ pool }) => ({ labels: labelsOf(factory, pool), statistics: pool.statistics() }));
}
