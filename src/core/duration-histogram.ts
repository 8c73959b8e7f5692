import { lazy } from './lazy.js';

/** A kind of duration, summed up. Percentiles are exact up to 20 ms, and at most 10 % too high up to an hour. */
export interface Durations {
  readonly count: number;
  /** The sum of all durations, in milliseconds. */
  readonly totalMs: number;
  /** The longest duration, in milliseconds. 0 if there is none. */
  readonly maxMs: number;
  /** Half of the durations are not longer than this, in milliseconds. 0 if there is none. */
  readonly p50Ms: number;
  /** 95 % of the durations are not longer than this, in milliseconds. 0 if there is none. */
  readonly p95Ms: number;
  /** 99 % of the durations are not longer than this, in milliseconds. 0 if there is none. */
  readonly p99Ms: number;
}

/** The durations that are longer than `aboveMs` and not longer than `upToMs`. */
export interface DurationBucket {
  /** `-Infinity` for the bucket that holds the durations of 0. */
  readonly aboveMs: number;
  /** `Infinity` for the last bucket. */
  readonly upToMs: number;
  readonly count: number;
}

/** Bounds of OpenTelemetry's histograms for connections, in milliseconds. Each is a bound of our buckets too. */
const OPEN_TELEMETRY_BOUNDS_MS = [1, 5, 10, 50, 100, 500, 1_000, 5_000, 10_000];

/** One hour. All longer durations share the last bucket. */
const LONGEST_MS = 3_600_000;

/** How much longer than its lower bound a duration may be, so that a percentile is at most 10 % too high. */
const GROWTH = 1.1;

/** Upper bounds of all buckets, in milliseconds: 0, 1, 2 … 20, 22, 24 … 3 600 000, and Infinity. */
const UPPER_BOUNDS_MS: readonly number[] = makeUpperBounds();

function makeUpperBounds(): number[] {
  const bounds: number[] = [];
  for (let bound = 0; bound < LONGEST_MS; bound = nextBound(bound)) bounds.push(bound);
  return [...bounds, LONGEST_MS, Infinity];
}

function nextBound(bound: number): number {
  const next = Math.max(bound + 1, Math.floor(bound * GROWTH));
  const required = OPEN_TELEMETRY_BOUNDS_MS.find((one) => one > bound) ?? LONGEST_MS;
  return Math.min(next, required);
}

/** Up to this duration, a table has the bucket of each whole millisecond. */
const TABLE_MS = 10_000;

/**
 * Index of the bucket of each duration from 0 to `TABLE_MS`. There are fewer than 256 buckets. Made for the first histogram,
 * as that takes a millisecond, which a program without a pool need not spend.
 */
const bucketsOfMs = lazy(() => Uint8Array.from({ length: TABLE_MS + 1 }, (_, ms) => findBucket(ms)));

/** Index of the first bucket whose upper bound is not below the duration, by bisection. */
function findBucket(ms: number): number {
  let [low, high] = [0, UPPER_BOUNDS_MS.length - 1];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((UPPER_BOUNDS_MS[middle] ?? Infinity) < ms) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Counts durations by their length. Adding one allocates nothing. */
export class DurationHistogram {
  /** Counts as doubles: a busy pool would exceed 32 bits within a day. */
  readonly #counts = new Float64Array(UPPER_BOUNDS_MS.length);
  readonly #bucketsOfMs = bucketsOfMs();
  #totalMs = 0;
  #maxMs = 0;

  /** Adds a duration in milliseconds. One that is not a positive finite number counts as 0. */
  add(ms: number): void {
    const valid = ms > 0 && ms < Infinity ? ms : 0;
    const bucket = valid <= TABLE_MS ? (this.#bucketsOfMs[Math.ceil(valid)] ?? 0) : findBucket(valid);
    this.#counts[bucket] = (this.#counts[bucket] ?? 0) + 1;
    this.#totalMs += valid;
    if (valid > this.#maxMs) this.#maxMs = valid;
  }

  /** Adds all durations of another histogram, perhaps of a second copy of redis-hygiene in this process. */
  addAll(other: Pick<DurationHistogram, 'buckets' | 'read'>): void {
    const { totalMs, maxMs } = other.read();
    other.buckets().forEach(({ count }, index) => (this.#counts[index] = (this.#counts[index] ?? 0) + count));
    this.#totalMs += totalMs;
    this.#maxMs = Math.max(this.#maxMs, maxMs);
  }

  read(): Durations {
    const count = this.#counts.reduce((sum, one) => sum + one, 0);
    const percentile = (share: number) => this.#percentileMs(share * count);
    return {
      ...{ count, totalMs: this.#totalMs, maxMs: this.#maxMs },
      ...{ p50Ms: percentile(0.5), p95Ms: percentile(0.95), p99Ms: percentile(0.99) },
    };
  }

  /** Upper bound of the bucket up to which there are `rank` durations, and at most the longest duration. */
  #percentileMs(rank: number): number {
    let sum = 0;
    const bucket = this.#counts.findIndex((count) => (sum += count) >= rank && sum > 0);
    return Math.min(UPPER_BOUNDS_MS[bucket] ?? 0, this.#maxMs);
  }

  /**
   * Counts the durations that are not longer than each of the bounds, in milliseconds. Exact for the bounds of
   * OpenTelemetry. For any other bound, the durations of the bucket in which it lies are left out.
   */
  cumulative(boundsMs: readonly number[]): number[] {
    return boundsMs.map((bound) =>
      this.#counts.reduce(
        (sum, count, index) => ((UPPER_BOUNDS_MS[index] ?? 0) <= bound ? sum + count : sum),
        0,
      ),
    );
  }

  /** All buckets, the shortest durations first. Their bounds are the same for every histogram and at any time. */
  buckets(): readonly DurationBucket[] {
    return UPPER_BOUNDS_MS.map((upToMs, index) => ({
      aboveMs: UPPER_BOUNDS_MS[index - 1] ?? -Infinity,
      upToMs,
      count: this.#counts[index] ?? 0,
    }));
  }
}
