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

/** Never at once, and 30 s at most: for a server that has said no, and would say it again. */
const LEAST_MS = 1_000;
const MORE: BackoffBounds = { baseMs: 1_000, capMs: 29_000 };

/** The delay before a server is asked again that has refused: a second, and full jitter on top of it. */
export function afterRefusal(attempt: number, random: number): number {
  return LEAST_MS + fullJitter(attempt, MORE, random);
}
