import { formatCommand } from '../reap/command.js';
import { tally, type ServerOutcome } from '../reap/outcome.js';
import type { PlannedKill } from '../reap/plan.js';
import type { Fate } from '../reap/run.js';
import type { Source } from '../sources/source.js';
import { rowJson } from './json-row.js';
import { document, type RunFacts } from './json.js';

function killJson({ row, command, why }: PlannedKill, fate: Fate | undefined) {
  return {
    ...rowJson(row),
    why,
    command: formatCommand(command),
    ...(fate && { outcome: fate.outcome }),
    ...(fate?.outcome === 'spared' && { change: fate.change }),
  };
}

/** One run of `reap`, or what one would do. */
export interface ReapRun {
  readonly mode: 'dry-run' | 'run';
  readonly outcomes: readonly ServerOutcome[];
  readonly kindOf: (target: string) => Source['kind'];
}

/** What `reap --json` prints. */
export function reapJson({ mode, outcomes, kindOf }: ReapRun, facts: RunFacts) {
  return {
    ...document('reap', facts),
    mode,
    ...tally(outcomes),
    targets: outcomes.map(({ target, clients, plan, report }) => ({
      target,
      kind: kindOf(target),
      clients,
      neverClosed: plan.spared,
      left: plan.left,
      kills: plan.kills.map((kill, at) => killJson(kill, report?.fates[at])),
    })),
  };
}
