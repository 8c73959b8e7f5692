import {
  AggregatorRegistry,
  Counter,
  Gauge,
  type OpenMetricsContentType,
  register as defaultRegistry,
  Registry,
} from 'prom-client';
import { afterEach, describe, expect, test } from 'vitest';
import type { HygieneError } from '../../../src/core/errors.js';
import { processPoolTotals } from '../../../src/factory/pool-totals.js';
import { metricTable } from '../../../src/metrics/metric-table.js';
import { registerMetrics } from '../../../src/metrics/prometheus.js';
import { PoolCounters } from '../../../src/pool/pool-report.js';
import { parseExposition } from '../../support/exposition.js';

afterEach(() => defaultRegistry.clear());

const ALL = metricTable.length;

/** Counts one lease of 3 ms in a pool of this process. */
function countLease(service: string): void {
  const counters = new PoolCounters();
  counters.use.add(3);
  processPoolTotals.add({ service, role: 'pool', target: 'redis://h:6379' }, counters, counters);
}

function thrownBy(action: () => unknown): HygieneError {
  try {
    action();
  } catch (error) {
    return error as HygieneError;
  }
  throw new Error('Nothing was thrown.');
}

describe('registering', () => {
  test('adds all metrics to the default registry, or to a given one', async () => {
    registerMetrics();
    expect(defaultRegistry.getMetricsAsArray()).toHaveLength(ALL);
    const register = new Registry();
    registerMetrics({ register, prefix: 'shop_redis_' });
    expect(register.getSingleMetric('shop_redis_connections')).toBeDefined();
    const names = parseExposition(await register.metrics()).map(({ name }) => name);
    expect(names.every((name) => name.startsWith('shop_redis_'))).toBe(true);
  });

  test('again changes nothing, and after the registry was cleared adds them again', () => {
    const register = new Registry();
    registerMetrics({ register });
    const first = register.getSingleMetric('redis_hygiene_connections');
    registerMetrics({ register });
    expect(register.getSingleMetric('redis_hygiene_connections')).toBe(first);
    register.clear();
    registerMetrics({ register });
    expect(register.getMetricsAsArray()).toHaveLength(ALL);
  });

  test('twice is undone when both are stopped, each of them once', () => {
    const register = new Registry();
    const [first, second] = [registerMetrics({ register }), registerMetrics({ register })];
    const other = registerMetrics({ register, prefix: 'shop_' });
    first.stop();
    first.stop();
    expect(register.getMetricsAsArray()).toHaveLength(2 * ALL);
    second.stop();
    expect(register.getMetricsAsArray()).toHaveLength(ALL);
    other.stop();
    expect(register.getMetricsAsArray()).toEqual([]);
  });

  test('in a registry that was cleared is undone by the callers of the new metrics alone', () => {
    const register = new Registry();
    const before = registerMetrics({ register });
    register.clear();
    const after = registerMetrics({ register });
    before.stop();
    expect(register.getMetricsAsArray()).toHaveLength(ALL);
    after.stop();
    expect(register.getMetricsAsArray()).toEqual([]);
  });

  test('is undone by stop(), which leaves the metrics of others', () => {
    const register = new Registry();
    const own = new Gauge({ name: 'up', help: 'Up.', registers: [register] });
    const metrics = registerMetrics({ register });
    metrics.stop();
    metrics.stop();
    expect(register.getMetricsAsArray()).toEqual([own]);
  });

  test('where a name is taken registers nothing, and says which name and what to do', () => {
    const register = new Registry();
    const taken = new Counter({ name: 'redis_hygiene_stale_total', help: 'Theirs.', registers: [register] });
    const error = thrownBy(() => registerMetrics({ register }));
    expect(error).toMatchObject({
      code: 'HYG_METRIC_NAME_TAKEN',
      message: expect.stringMatching(/redis_hygiene_stale_total.*`prefix`/) as string,
      details: { names: ['redis_hygiene_stale_total'] },
    });
    expect(register.getMetricsAsArray()).toEqual([taken]);
    registerMetrics({ register, prefix: 'rh_' });
    expect(register.getMetricsAsArray()).toHaveLength(ALL + 1);
  });

  test.each([
    [{ registry: defaultRegistry }, 'HYG_OPTION_UNKNOWN'],
    [{ register: {} }, 'HYG_OPTION_TYPE'],
    [{ register: 5 }, 'HYG_OPTION_TYPE'],
    [{ prefix: '5_' }, 'HYG_OPTION_TYPE'],
    [{ prefix: 'a-b' }, 'HYG_OPTION_TYPE'],
    [null, 'HYG_OPTION_TYPE'],
  ])('with %o throws %s', (options, code) => {
    expect(thrownBy(() => registerMetrics(options as never)).code).toBe(code);
  });
});

describe('a scrape', () => {
  test('is valid with default labels, also as OpenMetrics', async () => {
    countLease('orders');
    const register = new Registry<OpenMetricsContentType>();
    register.setContentType(Registry.OPENMETRICS_CONTENT_TYPE);
    register.setDefaultLabels({ region: 'eu' });
    registerMetrics({ register });
    const text = await register.metrics();
    expect(text.endsWith('# EOF\n')).toBe(true);
    expect(text).toContain('# TYPE redis_hygiene_pool_leases counter\n');
    const samples = parseExposition(text);
    expect(samples.find(({ name }) => name === 'redis_hygiene_pool_leases_total')?.labels).toMatchObject({
      service: 'orders',
      region: 'eu',
    });
    expect(parseExposition(await register.metrics())).toEqual(samples); // the registry has changed names
  });

  test('is not changed by resetMetrics()', async () => {
    countLease('orders');
    const register = new Registry();
    registerMetrics({ register });
    const before = await register.metrics();
    register.resetMetrics();
    expect(await register.metrics()).toBe(before);
  });

  test('of the workers of a cluster is added up', async () => {
    countLease('orders');
    const register = new Registry();
    registerMetrics({ register });
    const worker = JSON.stringify(await register.getMetricsAsJSON());
    const both = AggregatorRegistry.aggregate([JSON.parse(worker), JSON.parse(worker)] as object[]);
    const [one, two] = [await register.metrics(), await both.metrics()].map(parseExposition);
    expect(two?.length).toBe(one?.length);
    expect(two).toEqual(
      one?.map((sample) => ({ ...sample, value: expect.closeTo(2 * sample.value) as number })),
    );
    expect(one?.some(({ name, value }) => name.endsWith('_bucket') && value > 0)).toBe(true);
  });
});
