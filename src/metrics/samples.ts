import type { DurationHistogram } from '../core/duration-histogram.js';
import type { Labels } from '../factory/event-counts.js';

/** A value of a metric, for one set of labels. */
export interface Sample<Value = number> {
  readonly labels: Labels;
  readonly value: Value;
}

export type DurationSample = Sample<DurationHistogram>;

/** Text that is the same for equal labels in the same order. */
export function keyOf(labels: Readonly<Record<string, unknown>>): string {
  return JSON.stringify(labels);
}

/** Adds up the samples of each set of labels. */
export function sumByLabels<Given extends Record<string, unknown>>(
  samples: readonly { readonly labels: Given; readonly value: number }[],
): readonly { readonly labels: Given; readonly value: number }[] {
  const sums = new Map<string, { readonly labels: Given; readonly value: number }>();
  for (const { labels, value } of samples) {
    const key = keyOf(labels);
    sums.set(key, { labels, value: (sums.get(key)?.value ?? 0) + value });
  }
  return [...sums.values()];
}

/** The labels of a connection or pool. */
export const PLACE = ['service', 'role', 'target'] as const;

/** Keeps these labels, in this order. */
export function pickLabels(labels: Labels, names: readonly string[]): Labels {
  return Object.fromEntries(names.map((name) => [name, labels[name] ?? '']));
}

/** Upper bounds of the buckets, in seconds, as OpenTelemetry's conventions give them for durations of connections. */
export const BOUNDS_SECONDS: readonly number[] = [0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 10];
