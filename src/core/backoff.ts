/** Bounds of a backoff, in milliseconds. */
export interface BackoffBounds {
  /** The longest delay before the first attempt. It doubles with each further attempt. */
  readonly baseMs: number;
  /** The longest delay before any attempt. */
  readonly capMs: number;
}

/**
 * The delay in milliseconds before attempt number `attempt` (1, 2, …), by full jitter: a random point between 0 and the
 * capped exponential. Full jitter spreads a fleet's reconnects evenly.
 *
 * @see https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/
 */
export function fullJitter(attempt: number, { baseMs, capMs }: BackoffBounds, random: number): number {
  const ceilingMs = Math.min(capMs, baseMs * 2 ** Math.max(0, attempt - 1));
  return Math.round(random * ceilingMs);
}

const MIN_REFUSAL_DELAY_MS = 1_000;
const REFUSAL_JITTER: BackoffBounds = { baseMs: 1_000, capMs: 29_000 };

/**
 * The delay in milliseconds before a server that has refused is asked again: 1 s plus full jitter, 30 s at most. The
 * server would very likely refuse an immediate attempt too.
 */
export function refusalDelayMs(attempt: number, random: number): number {
  return MIN_REFUSAL_DELAY_MS + fullJitter(attempt, REFUSAL_JITTER, random);
}
