/** Bounds of a backoff, in milliseconds. */
export interface BackoffBounds {
  /** The longest first delay. */
  readonly baseMs: number;
  /** The longest delay of all. */
  readonly capMs: number;
}

/**
 * The delay before attempt number `attempt` (1, 2, …): full jitter, a random point between 0 and the capped
 * exponential. Spreads a fleet's reconnects evenly, see the AWS architecture blog, "Exponential Backoff And
 * Jitter".
 */
export function fullJitter(attempt: number, { baseMs, capMs }: BackoffBounds, random: number): number {
  const ceiling = Math.min(capMs, baseMs * 2 ** Math.max(0, attempt - 1));
  return Math.round(random * ceiling);
}
