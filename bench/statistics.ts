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

/** From here to there. */
export interface Interval {
  readonly from: number;
  readonly to: number;
}

/** Between the 10th and the 90th percentile: how far single pairs scatter. */
export function middle80(sample: readonly number[]): Interval {
  return { from: percentile(sample, 0.1), to: percentile(sample, 0.9) };
}

/** 97.5 % of a normal distribution lie below this many standard deviations. */
const Z = 1.96;

/**
 * Where the true median lies, with 95 % confidence. By ranks (binomial, normal approximation), so it supposes
 * nothing about the distribution: one slow round moves it by one rank and no further.
 */
export function medianInterval(sample: readonly number[]): Interval {
  const half = Z / 2 / Math.sqrt(sample.length);
  return {
    from: percentile(sample, Math.max(0, 0.5 - half)),
    to: percentile(sample, Math.min(1, 0.5 + half)),
  };
}
