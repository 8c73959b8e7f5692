import type { ReapPlan } from './plan.js';
import type { ReapReport } from './run.js';

/** What reaping came to on one server. */
export interface ServerOutcome {
  readonly target: string;
  /** Connections that it had, all kinds of them. */
  readonly clients: number;
  readonly plan: ReapPlan;
  /** What was done; nothing in a dry run. */
  readonly report?: ReapReport;
}

/** How many met which fate. */
export interface Tally {
  readonly planned: number;
  readonly closed: number;
  /** Changed since the plan was made, so not touched. */
  readonly spared: number;
  readonly failed: number;
  /** Planned, and not come to. */
  readonly untouched: number;
  /** Named, and beyond the limit of a run. */
  readonly left: number;
}

export function tally(outcomes: readonly ServerOutcome[]): Tally {
  const count = { planned: 0, closed: 0, spared: 0, failed: 0, untouched: 0, left: 0 };
  for (const { plan, report } of outcomes) {
    count.planned += plan.kills.length;
    count.left += plan.left;
    for (const { outcome } of report?.fates ?? []) count[outcome] += 1;
    count.untouched += report?.untouched.length ?? 0;
  }
  return count;
}
