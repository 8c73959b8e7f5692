import { processWide } from '../core/process-wide.js';
import type { Labels } from '../factory/event-counts.js';
import { type MetricSource, readMetricSource } from './metric-source.js';
import { type DurationMetric, metricTable, type NumberMetric } from './metric-table.js';
import { type DurationSample, keyOf, type Sample, sumByLabels } from './samples.js';

/** The values of all metrics at one moment. */
export interface Reading {
  readonly numbers: ReadonlyMap<NumberMetric, readonly Sample[]>;
  readonly durations: ReadonlyMap<DurationMetric, readonly DurationSample[]>;
}

/** The labels with which metrics that rise and fall have had a value, by the name of the metric. */
type SeenLabels = Map<string, Map<string, Labels>>;

const seenInProcess = processWide<SeenLabels>('seen labels', () => new Map());

/**
 * Reads all metrics of the process. Every backend shows such a reading, so that they agree.
 *
 * @param source @default the ledgers, pools and counts of this process
 */
export function collect(
  source: MetricSource = readMetricSource(),
  seen: SeenLabels = seenInProcess,
): Reading {
  const numbers = new Map<NumberMetric, readonly Sample[]>();
  const durations = new Map<DurationMetric, readonly DurationSample[]>();
  for (const metric of metricTable) {
    if (metric.kind === 'histogram') durations.set(metric, metric.read(source));
    else numbers.set(metric, withSeen(metric, sumByLabels(metric.read(source)), seen));
  }
  return { numbers, durations };
}

/**
 * Adds a 0 for each series that has had a value before. A series that ends would keep its last value in the SDK of
 * OpenTelemetry for JavaScript, and leave a gap in a graph of Prometheus where the truth is 0.
 */
function withSeen(
  { kind, otel }: NumberMetric,
  samples: readonly Sample[],
  seen: SeenLabels,
): readonly Sample[] {
  if (kind !== 'updowncounter') return samples;
  const known = seen.get(otel) ?? new Map<string, Labels>();
  seen.set(otel, known);
  for (const { labels } of samples) known.set(keyOf(labels), labels);
  const zeros = [...known.values()].map((labels) => ({ labels, value: 0 }));
  return sumByLabels([...samples, ...zeros]);
}
