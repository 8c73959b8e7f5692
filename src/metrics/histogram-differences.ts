import type { DurationBucket } from '../core/duration-histogram.js';
import { keyOf, type DurationSample } from './samples.js';
import { attributesOf, type MetricAttributes } from './label-attributes.js';

/** Durations to record: `count` times the same value, in seconds. */
export interface Repeated {
  readonly attributes: MetricAttributes;
  readonly seconds: number;
  readonly count: number;
}

/** What histograms have counted since they were read last. */
export interface HistogramDifferences {
  /** The durations of one metric that were added since the last call. */
  take(metric: string, samples: readonly DurationSample[]): readonly Repeated[];
}

export function createHistogramDifferences(): HistogramDifferences {
  /** How many durations of each bucket have been taken, by metric and labels. */
  const taken = new Map<string, readonly number[]>();

  function takeSample(metric: string, { labels, value }: DurationSample): readonly Repeated[] {
    const key = `${metric} ${keyOf(labels)}`;
    const buckets = value.buckets();
    const before = taken.get(key);
    taken.set(
      key,
      buckets.map(({ count }) => count),
    );
    const attributes = attributesOf(labels);
    return buckets
      .map((bucket, index) => ({
        ...{ attributes, seconds: valueOf(bucket) / 1_000 },
        count: bucket.count - (before?.[index] ?? 0),
      }))
      .filter(({ count }) => count > 0);
  }

  return { take: (metric, samples) => samples.flatMap((sample) => takeSample(metric, sample)) };
}

/** A duration in the middle of a bucket, in milliseconds. Exact up to 20 ms, and at most 5 % off up to an hour. */
function valueOf({ aboveMs, upToMs }: DurationBucket): number {
  return upToMs === Infinity ? aboveMs + 1 : Math.max(0, Math.ceil((Math.max(aboveMs, -1) + upToMs) / 2));
}

/**
 * Reduces the durations to about `max` records, evenly, so that the shares of the buckets stay as they are. At least one
 * duration of each bucket is kept.
 */
export function scaleTo<Durations extends Repeated>(
  max: number,
  durations: readonly Durations[],
): readonly Durations[] {
  const total = durations.reduce((sum, { count }) => sum + count, 0);
  if (total <= max) return durations;
  return durations.map((each) => ({ ...each, count: Math.max(1, Math.round((each.count * max) / total)) }));
}
