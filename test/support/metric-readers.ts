import { PrometheusExporter } from '@opentelemetry/exporter-prometheus';
import {
  AggregationTemporality,
  DataPointType,
  InMemoryMetricExporter,
  MeterProvider,
  PeriodicExportingMetricReader,
} from '@opentelemetry/sdk-metrics';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Registry } from 'prom-client';
import { attributesOf } from '../../src/metrics/label-attributes.js';
import { metricTable } from '../../src/metrics/metric-table.js';
import { recordMetrics } from '../../src/metrics/otel.js';
import { registerMetrics } from '../../src/metrics/prometheus.js';
import { type ExposedSample, parseExposition } from './exposition.js';

/**
 * Values by metric and attributes, both as the Prometheus exporter of OpenTelemetry writes them. Sums of histograms are left
 * out, because OpenTelemetry's are approximate.
 */
type Figures = Record<string, number>;

/** All backends, each collecting the metrics of this process. */
export interface MetricReaders extends AsyncDisposable {
  /** The same moment, as each backend shows it. */
  read(): Promise<Record<'prometheus' | 'openTelemetry' | 'openTelemetryAsText', Figures>>;
  /** The samples of a scrape by prom-client. */
  scrape(): Promise<readonly ExposedSample[]>;
  /** Sums of a metric by role and this label, without those that are 0. `target`: of this server only. */
  valuesBy(label: string, metric: string, target?: string): Promise<Record<string, number>>;
}

export async function createMetricReaders(): Promise<MetricReaders> {
  const register = new Registry();
  registerMetrics({ register });
  const exporter = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE);
  const reader = new PeriodicExportingMetricReader({ exporter, exportIntervalMillis: 3_600_000 });
  const textReader = new PrometheusExporter({ preventServerStart: true });
  const provider = new MeterProvider({ readers: [reader, textReader] });
  recordMetrics({ meterProvider: provider });
  const http = createServer((request, response) => textReader.getMetricsRequestHandler(request, response));
  await new Promise<void>((resolve) => void http.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(http.address() as AddressInfo).port}/metrics`;

  const scrape = async () => parseExposition(await register.metrics());

  return {
    scrape,
    async valuesBy(label, metric, target) {
      const samples = (await scrape()).filter(
        ({ name, labels }) =>
          name === `redis_hygiene_${metric}` && (target === undefined || labels['target'] === target),
      );
      return sumByKey(
        samples.map(({ labels, value }) => [`${labels['role'] ?? ''} ${labels[label] ?? ''}`.trim(), value]),
      );
    },
    async read() {
      const [own] = await Promise.all([register.metrics(), reader.forceFlush()]);
      const text = await (await fetch(url, { headers: { connection: 'close' } })).text();
      const openTelemetry = figuresInMemory(exporter);
      exporter.reset();
      return {
        prometheus: figuresOfPrometheus(parseExposition(own)),
        openTelemetry,
        openTelemetryAsText: figuresAsText(parseExposition(text)),
      };
    },
    async [Symbol.asyncDispose]() {
      await provider.shutdown();
      await new Promise((resolve) => void http.close(resolve));
    },
  };
}

const sanitize = (name: string) => name.replaceAll(/[^a-zA-Z0-9_]/g, '_');

function keyOf(name: string, attributes: Readonly<Record<string, unknown>>): string {
  const sorted = Object.entries(attributes)
    .map(([attribute, value]) => `${sanitize(attribute)}=${String(value)}`)
    .sort();
  return `${name} ${sorted.join(' ')}`;
}

/** Adds up what has the same key, as those of several services have. Without 0, which only some backends show. */
function sumByKey(entries: readonly (readonly [key: string, value: number])[]): Figures {
  const sums: Record<string, number> = {};
  for (const [key, value] of entries) if (value !== 0) sums[key] = (sums[key] ?? 0) + value;
  return sums;
}

function figuresOfPrometheus(samples: readonly ExposedSample[]): Figures {
  return sumByKey(
    samples.flatMap(({ name, labels: { le, ...labels }, value }) => {
      const metric = metricTable.find(
        ({ prometheus }) => name.replace(/_(bucket|sum|count)$/, '') === `redis_hygiene_${prometheus}`,
      );
      if (!metric || name.endsWith('_sum')) return [];
      const suffix = metric.kind === 'counter' ? '_total' : (/_(bucket|count)$/.exec(name)?.[0] ?? '');
      const bound = le === undefined ? {} : { le };
      return [[keyOf(sanitize(metric.otel) + suffix, { ...attributesOf(labels), ...bound }), value]] as const;
    }),
  );
}

function figuresAsText(samples: readonly ExposedSample[]): Figures {
  return sumByKey(
    samples
      .filter(({ name }) => name !== 'target_info' && !name.endsWith('_sum'))
      .map(({ name, labels, value }) => {
        const own = Object.entries(labels).filter(([label]) => !label.startsWith('otel_scope_'));
        return [keyOf(name, Object.fromEntries(own)), value] as const;
      }),
  );
}

function figuresInMemory(exporter: InMemoryMetricExporter): Figures {
  const metrics = exporter
    .getMetrics()
    .flatMap(({ scopeMetrics }) => scopeMetrics.flatMap((one) => one.metrics));
  return sumByKey(
    metrics.flatMap((metric) =>
      metric.dataPoints.flatMap(({ attributes, value }) => {
        const name = sanitize(metric.descriptor.name);
        if (typeof value === 'number') {
          const suffix = metric.dataPointType === DataPointType.SUM && metric.isMonotonic ? '_total' : '';
          return [[keyOf(name + suffix, attributes), value] as const];
        }
        if (!('buckets' in value) || !('boundaries' in value.buckets)) return [];
        const { boundaries, counts } = value.buckets;
        let upTo = 0;
        const buckets = [...boundaries, '+Inf'].map((le, index) => {
          upTo += counts[index] ?? 0;
          return [keyOf(`${name}_bucket`, { ...attributes, le }), upTo] as const;
        });
        return [...buckets, [keyOf(`${name}_count`, attributes), value.count] as const];
      }),
    ),
  );
}
