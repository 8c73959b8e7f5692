import { expect, test } from 'vitest';
import { createEventCounts } from '../../../src/factory/event-counts.js';
import { collect } from '../../../src/metrics/collect.js';
import type { MetricSource } from '../../../src/metrics/metric-source.js';
import { metricTable } from '../../../src/metrics/metric-table.js';
import {
  connection,
  createSource,
  place,
  pool,
  poolTotal,
} from '../../support/unit/metrics/metric-source.js';

/** The samples of a metric of numbers. */
function read(name: string, source: MetricSource, seen = new Map()) {
  const { numbers } = collect(source, seen);
  const [, samples] = [...numbers].find(([metric]) => metric.prometheus === name) ?? [];
  return samples;
}

test('samples with the same labels are added up', () => {
  const pools = [pool({ pending: 2 }), pool({ pending: 3 })];
  expect(read('pool_pending_requests', createSource({ pools }))).toEqual([{ labels: place, value: 5 }]);
  expect(read('pool_connections_max', createSource({ pools }))).toEqual([{ labels: place, value: 10 }]);
});

test('a series that rises and falls shows 0 once it has ended, and a counter keeps no series alive', () => {
  const seen = new Map();
  const events = [{ event: 'ready', labels: place, count: 1 }] as const;
  const before = createSource({ connections: [connection({ state: 'reconnecting' })], events });
  expect(read('connections_disconnected', before, seen)).toMatchObject([{ value: 1 }]);
  expect(read('connections_disconnected', createSource(), seen)).toEqual([
    { labels: { ...place, state: 'reconnecting' }, value: 0 },
  ]);
  expect(read('connections', createSource(), seen)).toEqual([]);
});

test('what is beyond the limit of a label is added up as other', () => {
  const counts = createEventCounts({ service: 1, role: 2, target: 2, master: 1 });
  for (let index = 0; index < 10; index += 1) {
    counts.count('gap', { service: 'orders', role: `role-${index}`, target: 'redis://h:6379' });
  }
  expect(read('gaps_total', createSource({ events: counts.read() }))).toEqual([
    { labels: { ...place, role: 'role-0' }, value: 1 },
    { labels: { ...place, role: 'role-1' }, value: 1 },
    { labels: { ...place, role: 'other' }, value: 8 },
  ]);
});

test('the budget has no labels, and no limit when all factories are shut down', () => {
  const source = createSource({ budgetUsed: 7, budgetLimit: 100 });
  expect(read('budget_used', source)).toEqual([{ labels: {}, value: 7 }]);
  expect(read('budget_limit', source)).toEqual([{ labels: {}, value: 100 }]);
  expect(read('budget_limit', createSource())).toEqual([]);
});

test('every sample has the labels of its row in the table, in their order', () => {
  const event = (name: string, labels: object) => ({
    event: name,
    labels: { ...place, ...labels },
    count: 1,
  });
  const events = [
    ...['connecting', 'connected', 'stalled', 'recovered', 'saturated', 'gap', 'suspect'].map((name) =>
      event(name, {}),
    ),
    event('lease-overdue', {}),
    event('closed', { from: 'ready', reason: 'shutdown', loss: 'unknown' }),
    event('stale', { cause: 'kernel' }),
    event('orphan', { outcome: 'reaped' }),
    event('failover', { master: 'mymaster' }),
    event('error', { code: 'HYG_STALLED' }),
  ] as unknown as MetricSource['events'];
  const connections = [connection(), connection({ state: 'connecting' })];
  const poolTotals = [{ ...poolTotal([1]), closed: { lost: 1 } }];
  const source = createSource({
    ...{ connections, events, pools: [pool()], poolTotals, orphans: [place], budgetLimit: 1 },
  });
  const { numbers, durations } = collect(source, new Map());
  for (const metric of metricTable) {
    const samples = (metric.kind === 'histogram' ? durations : numbers).get(metric as never) ?? [];
    expect(samples.length, metric.prometheus).toBeGreaterThan(0);
    for (const { labels } of samples) expect(Object.keys(labels), metric.prometheus).toEqual(metric.labels);
  }
});
