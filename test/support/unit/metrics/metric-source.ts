import { DurationHistogram } from '../../../../src/core/duration-histogram.js';
import type { Labels } from '../../../../src/factory/event-counts.js';
import type { PoolTotal } from '../../../../src/factory/pool-totals.js';
import type {
  MetricSource,
  ObservedConnection,
  ObservedPool,
} from '../../../../src/metrics/metric-source.js';
import { PoolCounters } from '../../../../src/pool/pool-report.js';

export const place = { service: 'orders', role: 'command', target: 'redis://h:6379' };

/** A source without anything but what is given. */
export function createSource(given: Partial<MetricSource> = {}): MetricSource {
  const empty = { connections: [], pools: [], poolTotals: [], events: [], orphans: [] };
  return { ...empty, budgetUsed: 0, budgetLimit: undefined, ...given };
}

/** A shared connection that is ready and idle. */
export function connection(given: Partial<ObservedConnection> = {}): ObservedConnection {
  return {
    ...{ labels: place, state: 'ready', user: 'application' },
    ...{ isInUse: false, isStalled: false, isServerFull: false },
    ...given,
  };
}

/** A pool of at most 5 connections. */
export function pool(
  figures: Partial<Record<'used' | 'resetting' | 'connecting' | 'pending', number>> = {},
): ObservedPool {
  const sizes = { min: 1, max: 5, size: 0, idle: 0, used: 0, resetting: 0, connecting: 0, pending: 0 };
  return { labels: place, statistics: { ...new PoolCounters().read(), ...sizes, ...figures } };
}

/** What pools have counted, with leases of these durations. */
export function poolTotal(useMs: readonly number[], labels: Labels = place): PoolTotal {
  const use = new DurationHistogram();
  useMs.forEach((ms) => use.add(ms));
  const [wait, create] = [new DurationHistogram(), new DurationHistogram()];
  return { labels, wait, use, create, timeouts: 0, refusals: 0, closed: {} };
}
