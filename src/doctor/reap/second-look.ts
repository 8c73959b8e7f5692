import type { ReapPlan } from './reap-plan.js';

/** Default of `heartbeatIntervalMs` in services, and its maximum. */
export const DEFAULT_HEARTBEAT_MS = 15_000;
export const MAX_HEARTBEAT_MS = 60_000;

/** Default of `heartbeatDeadlineMs` in services, and its maximum. It is never longer than the interval. */
const DEFAULT_DEADLINE_MS = 5_000;
const MAX_DEADLINE_MS = 30_000;

/** Longest silence of a healthy connection, as a share of the interval: intervals vary by 20 %. */
const LONGEST_INTERVAL = 1.2;

/**
 * Time between the look that makes a plan and the one that confirms it, in milliseconds: at least one heartbeat and its
 * deadline, so that a client that runs has been heard of in between. An assumption rests on that alone, so it waits for the
 * longest interval that a service may have. 0 if there is nothing to confirm.
 *
 * @param heartbeatMs longest interval of the services, if it is known
 */
export function secondLookDelayMs(
  plans: readonly Pick<ReapPlan, 'kills'>[],
  heartbeatMs: number | undefined,
): number {
  const proofs = new Set(plans.flatMap(({ kills }) => kills.map(({ proof }) => proof)));
  proofs.delete('filter');
  if (proofs.size === 0) return 0;
  if (proofs.has('assumption')) {
    const interval = heartbeatMs ?? MAX_HEARTBEAT_MS;
    return LONGEST_INTERVAL * interval + Math.min(interval, MAX_DEADLINE_MS);
  }
  const interval = heartbeatMs ?? DEFAULT_HEARTBEAT_MS;
  return interval + Math.min(interval, DEFAULT_DEADLINE_MS);
}
