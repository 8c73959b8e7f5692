import type { Pace } from '../liveness/patient.js';

/** Together 1.2 × 5 s + 3 s = 9 s. */
const SENTINEL_INTERVAL_MS = 5_000;
const SENTINEL_DEADLINE_MS = 3_000;

/**
 * The pace for connections to sentinels: at most 9 s until one that was cut is dialled again, so that a failover is
 * learned within 12 s even where all of them were cut just before it.
 */
export function sentinelPace(pace: Pace): Pace {
  const { heartbeatIntervalMs, heartbeatDeadlineMs } = pace;
  return {
    ...pace,
    heartbeatIntervalMs: Math.min(heartbeatIntervalMs, SENTINEL_INTERVAL_MS),
    heartbeatDeadlineMs: Math.min(heartbeatDeadlineMs, SENTINEL_DEADLINE_MS),
  };
}
