/** The value below which the share `q` (0 to 1) of the sample lies, interpolated between neighbours. */
function percentile(sample: readonly number[], q: number): number {
  const sorted = [...sample].sort((a, b) => a - b);
  const rank = q * (sorted.length - 1);
  const below = sorted[Math.floor(rank)] ?? Number.NaN;
  const above = sorted[Math.ceil(rank)] ?? Number.NaN;
  return below + (above - below) * (rank - Math.floor(rank));
}

export function median(sample: readonly number[]): number {
  return percentile(sample, 0.5);
}

/** A range of values. */
export interface Interval {
  readonly from: number;
  readonly to: number;
}

/** Range from the 10th to the 90th percentile, which shows how much the values scatter. */
export function middle80(sample: readonly number[]): Interval {
  return { from: percentile(sample, 0.1), to: percentile(sample, 0.9) };
}

/** Number of standard deviations below which 97.5 % of a normal distribution lie. */
const Z = 1.96;

/**
 * Range that contains the true median with 95 % confidence. Calculated from ranks (binomial, normal approximation), so
 * it makes no assumption about the distribution: one slow round moves it by at most one rank.
 */
export function medianInterval(sample: readonly number[]): Interval {
  const half = Z / 2 / Math.sqrt(sample.length);
  return {
    from: percentile(sample, Math.max(0, 0.5 - half)),
    to: percentile(sample, Math.min(1, 0.5 + half)),
  };
}
