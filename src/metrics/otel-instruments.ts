import type {
  BatchObservableCallback,
  BatchObservableResult,
  Histogram,
  Meter,
  Observable,
} from '@opentelemetry/api';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { collect, type Reading } from './collect.js';
import { type HistogramDifferences, type Repeated, scaleTo } from './histogram-differences.js';
import { attributesOf } from './label-attributes.js';
import { type DurationMetric, metricTable, type NumberMetric } from './metric-table.js';
import { BOUNDS_SECONDS, sumByLabels } from './samples.js';

/**
 * The most durations that are recorded at one collection. OpenTelemetry's SDK takes 2 µs or more for each, so that this is
 * 0.1 s of work.
 */
const MAX_RECORDS = 50_000;

/** Durations that are recorded without a break, which is 0.5 ms of work. */
const RECORDS_PER_TURN = 250;

/** The instruments of all metrics. */
interface Instruments {
  readonly numbers: ReadonlyMap<NumberMetric, Observable>;
  readonly histograms: ReadonlyMap<DurationMetric, Histogram>;
}

/**
 * Creates the instruments, and observes all metrics whenever the provider of the meter collects. Returns a function that
 * ends this.
 *
 * @throws whatever the meter throws
 */
export function recordInto(
  meter: Meter,
  differences: HistogramDifferences,
  onError: (error: unknown) => void,
): () => void {
  const instruments = createInstruments(meter);
  const observables = [...instruments.numbers.values()];
  /** Several readers may collect at once. Each waits until the durations of the others are recorded. */
  let recording = Promise.resolve();

  const observe: BatchObservableCallback = async (result) => {
    try {
      const reading = collect();
      observeNumbers(result, instruments, reading);
      const durations = scaleTo(MAX_RECORDS, takeDurations(differences, reading));
      recording = recording.then(() => recordDurations(instruments, durations)).catch(onError);
      await recording;
    } catch (error) {
      onError(error);
    }
  };
  meter.addBatchObservableCallback(observe, observables);
  return () => meter.removeBatchObservableCallback(observe, observables);
}

function createInstruments(meter: Meter): Instruments {
  const numbers = new Map<NumberMetric, Observable>();
  const histograms = new Map<DurationMetric, Histogram>();
  for (const metric of metricTable) {
    const { otel, unit, help: description } = metric;
    if (metric.kind === 'histogram') {
      const advice = { explicitBucketBoundaries: [...BOUNDS_SECONDS] };
      histograms.set(metric, meter.createHistogram(otel, { unit, description, advice }));
    } else if (metric.kind === 'counter') {
      numbers.set(metric, meter.createObservableCounter(otel, { unit, description }));
    } else {
      numbers.set(metric, meter.createObservableUpDownCounter(otel, { unit, description }));
    }
  }
  return { numbers, histograms };
}

/** Observes each set of attributes once, because a second observation of it would replace the first. */
function observeNumbers(result: BatchObservableResult, instruments: Instruments, { numbers }: Reading): void {
  for (const [metric, samples] of numbers) {
    const instrument = instruments.numbers.get(metric);
    const sums = sumByLabels(samples.map(({ labels, value }) => ({ labels: attributesOf(labels), value })));
    for (const { labels, value } of sums) {
      if (instrument) result.observe(instrument, value, labels);
    }
  }
}

interface DurationsOfMetric extends Repeated {
  readonly metric: DurationMetric;
}

/** The durations that were added since the last collection. They count as recorded from now on. */
function takeDurations(differences: HistogramDifferences, reading: Reading): readonly DurationsOfMetric[] {
  return [...reading.durations].flatMap(([metric, samples]) =>
    differences.take(metric.otel, samples).map((durations) => ({ ...durations, metric })),
  );
}

async function recordDurations(
  { histograms }: Instruments,
  durations: readonly DurationsOfMetric[],
): Promise<void> {
  let records = 0;
  for (const { metric, attributes, seconds, count } of durations) {
    const histogram = histograms.get(metric);
    for (let index = 0; index < count; index += 1) {
      histogram?.record(seconds, attributes);
      records += 1;
      if (records % RECORDS_PER_TURN === 0) await nextTurn();
    }
  }
}
