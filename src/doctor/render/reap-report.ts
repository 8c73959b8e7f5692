import { protectedTable } from '../client-list/protected-rows.js';
import { formatCommand, type PlannedKill, type SparedReason } from '../reap/reap-plan.js';
import {
  type RowChange,
  changeTable,
  type KillResult,
  type ServerOutcome,
  sumResults,
} from '../reap/run-reap.js';
import type { Source } from '../sources/source.js';
import { counted } from '../text/quantities.js';
import { printable, safeText } from '../text/safe-text.js';
import { document, rowJson, type RunFacts } from './json-document.js';
import type { TextStyle } from './text-table.js';

const meanings = { ...protectedTable, self: { meaning: 'it is the connection that asks' } };

function changed(change: RowChange): string {
  return change in protectedTable
    ? protectedTable[change as keyof typeof protectedTable].meaning
    : changeTable[change as keyof typeof changeTable];
}

function who({ row }: PlannedKill): string {
  return row.name === '' ? 'nameless' : safeText(row.name);
}

/** What is spared whatever names it, by reason. */
function sparedLines({ plan }: ServerOutcome): string[] {
  const spared = Object.entries(plan.spared) as [SparedReason, number][];
  return spared.map(([reason, count]) => `${counted(count, 'client')} spared: ${meanings[reason].meaning}`);
}

function leftLine({ plan }: ServerOutcome): string[] {
  return plan.left > 0 ? [`${counted(plan.left, 'more client')} for another run (--max)`] : [];
}

/** A plan, as the commands that would be sent. */
export function renderPlan(outcome: ServerOutcome, { ink }: { readonly ink: TextStyle }): readonly string[] {
  const { target, clients, plan } = outcome;
  return [
    ink.strong(`${safeText(target)}: ${plan.kills.length} of ${counted(clients, 'client')} would be closed`),
    ...plan.kills.map(
      (kill) => `${printable(formatCommand(kill.command))}  ${ink.faint(`# ${who(kill)}, ${kill.why}`)}`,
    ),
    ...[...sparedLines(outcome), ...leftLine(outcome)].map(ink.faint),
  ];
}

function outcomeOf(fate: KillResult, ink: TextStyle): string {
  if (fate.outcome === 'closed') return `${ink.good('closed')}  ${fate.kill.why}`;
  if (fate.outcome === 'spared') return `${ink.warning('spared')}  ${changed(fate.change)}`;
  return `${ink.error('failed')}  the server did not say that it closed it`;
}

/** The log line of one connection. */
export function renderKillResult(fate: KillResult, { ink }: { readonly ink: TextStyle }): string {
  const { id, addr, target } = fate.kill.row;
  return `${safeText(target)}  id=${id} addr=${safeText(addr)} ${who(fate.kill)}  ${outcomeOf(fate, ink)}`;
}

/** What was done on one server, after its log lines. */
export function renderReport(
  outcome: ServerOutcome,
  { ink }: { readonly ink: TextStyle },
): readonly string[] {
  const { closed, spared, failed, untouched } = sumResults([outcome]);
  const more = [
    ...(spared > 0 ? [`${spared} spared`] : []),
    ...(failed > 0 ? [`${failed} failed`] : []),
    ...(untouched > 0 ? [`${untouched} not tried`] : []),
  ];
  const heading = [`${closed} of ${counted(outcome.clients, 'client')} closed`, ...more].join(', ');
  return [
    ink.strong(`${safeText(outcome.target)}: ${heading}`),
    ...[...sparedLines(outcome), ...leftLine(outcome)].map(ink.faint),
  ];
}

function killJson({ row, command, why }: PlannedKill, fate: KillResult | undefined) {
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
    ...sumResults(outcomes),
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
