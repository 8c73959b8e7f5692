import type { Meter, MeterProvider } from '@opentelemetry/api';
import { metrics as globalMetrics } from '@opentelemetry/api';
import {
  AggregationTemporality,
  InMemoryMetricExporter,
  MeterProvider as SdkMeterProvider,
  PeriodicExportingMetricReader,
} from '@opentelemetry/sdk-metrics';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { type HygieneError } from '../../../src/core/errors.js';
import { processPoolTotals } from '../../../src/factory/pool-totals.js';
import { metricTable } from '../../../src/metrics/metric-table.js';
import { recordMetrics } from '../../../src/metrics/otel.js';
import { PoolCounters } from '../../../src/pool/pool-report.js';

afterEach(() => {
  globalMetrics.disable();
  vi.restoreAllMocks();
});

function createProvider() {
  const exporter = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE);
  const reader = new PeriodicExportingMetricReader({ exporter, exportIntervalMillis: 3_600_000 });
  const provider = new SdkMeterProvider({ readers: [reader] });
  return {
    provider,
    /** The values of a metric for the service of this test. */
    async collect(name: string, role: string) {
      exporter.reset();
      await reader.forceFlush();
      const all = exporter
        .getMetrics()
        .flatMap(({ scopeMetrics }) => scopeMetrics.flatMap((one) => one.metrics));
      const points = all.find(({ descriptor }) => descriptor.name === name)?.dataPoints ?? [];
      return points
        .filter(({ attributes }) =>
          String(attributes['db.client.connection.pool.name']).startsWith(`${role} `),
        )
        .map(({ value }) => (typeof value === 'number' ? value : (value as { count: number }).count));
    },
  };
}

/** A pool of this process with leases of 3 ms. */
function openPool(role: string, service = 'orders') {
  const counters = new PoolCounters();
  processPoolTotals.add({ service, role, target: 'redis://h:6379' }, counters, counters);
  return {
    lease(count = 1) {
      for (let index = 0; index < count; index += 1) {
        counters.wait.add(0);
        counters.use.add(3);
      }
    },
  };
}

describe('recording', () => {
  test('with the same provider twice records once, until both are stopped', async () => {
    const { provider, collect } = createProvider();
    const pool = openPool('otel-6');
    pool.lease(2);
    const [first, second] = [1, 2].map(() => recordMetrics({ meterProvider: provider }));
    expect(await collect('db.client.connection.use_time', 'otel-6')).toEqual([2]);
    first?.stop();
    first?.stop();
    pool.lease(1);
    expect(await collect('db.client.connection.use_time', 'otel-6')).toEqual([3]);
    second?.stop();
    pool.lease(1);
    expect(await collect('db.client.connection.use_time', 'otel-6')).toEqual([3]);
  });

  test('is ended by stop(), and begins again with the next call', async () => {
    const { provider, collect } = createProvider();
    const pool = openPool('otel-1');
    pool.lease(2);
    const metrics = recordMetrics({ meterProvider: provider });
    expect(await collect('db.client.connection.use_time', 'otel-1')).toEqual([2]);
    expect(await collect('redis_hygiene.pool.leases', 'otel-1')).toEqual([2]);
    metrics.stop();
    metrics.stop();
    pool.lease(1);
    expect(await collect('db.client.connection.use_time', 'otel-1')).toEqual([2]);
    const again = recordMetrics({ meterProvider: provider });
    expect(again).not.toBe(metrics);
    metrics.stop(); // of the ended recording
    expect(await collect('db.client.connection.use_time', 'otel-1')).toEqual([3]);
    again.stop();
  });

  test('adds up services, which are no attribute', async () => {
    const { provider, collect } = createProvider();
    openPool('otel-2').lease(1);
    openPool('otel-2', 'mails').lease(2);
    const metrics = recordMetrics({ meterProvider: provider });
    expect(await collect('redis_hygiene.pool.leases', 'otel-2')).toEqual([3]);
    expect(await collect('db.client.connection.use_time', 'otel-2')).toEqual([3]);
    metrics.stop();
  });

  test('of collections that overlap records each duration once', async () => {
    const { provider, collect } = createProvider();
    openPool('otel-3').lease(2_000);
    const metrics = recordMetrics({ meterProvider: provider });
    await Promise.all([provider.forceFlush(), provider.forceFlush()]);
    expect(await collect('db.client.connection.use_time', 'otel-3')).toEqual([2_000]);
    metrics.stop();
  });

  test('of more durations than one collection takes keeps all of the counter, and fewer in the histogram', async () => {
    const { provider, collect } = createProvider();
    openPool('otel-4').lease(200_000);
    const metrics = recordMetrics({ meterProvider: provider });
    expect(await collect('redis_hygiene.pool.leases', 'otel-4')).toEqual([200_000]);
    const [recorded = 0] = await collect('db.client.connection.use_time', 'otel-4');
    expect(recorded).toBeGreaterThan(20_000);
    expect(recorded).toBeLessThanOrEqual(25_000);
    metrics.stop();
  });

  test('takes the global provider, and one that is registered later with a later call', async () => {
    const early = recordMetrics();
    const { provider, collect } = createProvider();
    globalMetrics.setGlobalMeterProvider(provider);
    openPool('otel-5').lease(1);
    const metrics = recordMetrics();
    expect(metrics).not.toBe(early);
    expect(await collect('redis_hygiene.pool.leases', 'otel-5')).toEqual([1]);
    metrics.stop();
    early.stop();
  });

  test.each([
    [{ provider: {} }, 'HYG_OPTION_UNKNOWN'],
    [{ meterProvider: {} }, 'HYG_OPTION_TYPE'],
    [{ meterProvider: 5 }, 'HYG_OPTION_TYPE'],
    [null, 'HYG_OPTION_TYPE'],
  ])('with %o throws %s', (options, code) => {
    expect(() => recordMetrics(options as never)).toThrow(expect.objectContaining({ code }) as HygieneError);
  });
});

/** A meter provider whose meter throws in one of its methods, or gives instruments that throw. */
function createThrowingProvider(fails: string): MeterProvider & { collect: () => Promise<void> } {
  const callbacks: ((result: object) => Promise<void>)[] = [];
  const act = (name: string) => {
    if (name === fails) throw new Error(`${name} failed`);
  };
  const create = (name: string) => (metric: string) => {
    act(name);
    return { metric, record: () => act('record') };
  };
  const meter = {
    createObservableCounter: create('createObservableCounter'),
    createObservableUpDownCounter: create('createObservableUpDownCounter'),
    createHistogram: create('createHistogram'),
    addBatchObservableCallback(callback: (result: object) => Promise<void>) {
      act('addBatchObservableCallback');
      callbacks.push(callback);
    },
    removeBatchObservableCallback: () => act('removeBatchObservableCallback'),
  };
  return {
    getMeter() {
      act('getMeter');
      return meter as unknown as Meter;
    },
    async collect() {
      for (const callback of callbacks) await callback({ observe: () => act('observe') });
    },
  };
}

test.each([
  'getMeter',
  'createObservableCounter',
  'createHistogram',
  'addBatchObservableCallback',
  'removeBatchObservableCallback',
  'observe',
  'record',
])('a provider that throws in %s does no harm', async (method) => {
  const emitWarning = vi.spyOn(process, 'emitWarning').mockImplementation(() => undefined);
  const provider = createThrowingProvider(method);
  openPool(`throws-${method}`).lease(1);
  const metrics = recordMetrics({ meterProvider: provider });
  await provider.collect();
  await provider.collect();
  metrics.stop();
  // The process warns of it once, whatever throws and how often.
  expect(emitWarning.mock.calls.length).toBeLessThanOrEqual(1);
});

test('every metric has an instrument of its kind', () => {
  const created: string[] = [];
  const create = (kind: string) => (name: string) => void created.push(`${kind} ${name}`);
  const meter = {
    createObservableCounter: create('counter'),
    createObservableUpDownCounter: create('updowncounter'),
    createHistogram: create('histogram'),
    addBatchObservableCallback: () => undefined,
    removeBatchObservableCallback: () => undefined,
  };
  recordMetrics({ meterProvider: { getMeter: () => meter as unknown as Meter } }).stop();
  expect(created).toEqual(metricTable.map(({ kind, otel }) => `${kind} ${otel}`));
});
