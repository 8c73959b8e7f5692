import type { ReapPlan } from './reap-plan.js';

/** Default of `heartbeatIntervalMs` in services, and its maximum. */
export const DEFAULT_HEARTBEAT_MS = 15_000;
export const MAX_HEARTBEAT_MS = 60_000;

/** Default of `heartbeatDeadlineMs` in services, and its maximum. It is never longer than the interval. */
const DEFAULT_DEADLINE_MS = 5_000;
const MAX_DEADLINE_MS = 30_000;

/** Longest silence of a healthy connection, as a share of the interval: intervals vary by 20 %. */
const LONGEST_INTERVAL = 1.2;

/** Time for the answer to the last attempt of a kernel. */
const ANSWER_MS = 1_000;

/**
 * Time between the look that makes a plan and the one that confirms it, in milliseconds: at least one heartbeat and its
 * deadline, so that a client that runs has been heard of in between. An assumption rests on that alone, so it waits for the
 * longest interval that a service may have. The kernel of a server must have tried once more: its pauses grow to 2 minutes.
 * 0 if there is nothing to confirm.
 *
 * @param heartbeatMs longest interval of the services, if it is known
 */
export function secondLookDelayMs(
  plans: readonly Pick<ReapPlan, 'kills'>[],
  heartbeatMs: number | undefined,
): number {
  const kills = plans.flatMap((plan) => plan.kills).filter(({ proof }) => proof !== 'filter');
  if (kills.length === 0) return 0;
  const isAssumed = kills.some(({ proof }) => proof === 'assumption');
  const attempts = kills.flatMap(({ unanswered }) => (unanswered ? unanswered.nextMs + ANSWER_MS : []));
  return Math.max(
    isAssumed ? longestSilenceMs(heartbeatMs) : heartbeatAndDeadlineMs(heartbeatMs),
    ...attempts,
  );
}

function heartbeatAndDeadlineMs(interval = DEFAULT_HEARTBEAT_MS): number {
  return interval + Math.min(interval, DEFAULT_DEADLINE_MS);
}

function longestSilenceMs(interval = MAX_HEARTBEAT_MS): number {
  return LONGEST_INTERVAL * interval + Math.min(interval, MAX_DEADLINE_MS);
}
