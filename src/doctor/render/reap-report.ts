import { protectedTable } from '../client-list/protected-rows.js';
import { type ExclusionReason, formatCommand, type PlannedKill } from '../reap/reap-plan.js';
import {
  changeTable,
  type KillResult,
  type RowChange,
  type ServerOutcome,
  sumResults,
} from '../reap/run-reap.js';
import type { RowSource } from '../sources/source.js';
import { formatCount } from '../text/quantities.js';
import { replaceUnprintable, safeText } from '../text/safe-text.js';
import { documentHead, rowJson, type RunFacts } from './json-document.js';
import type { Page } from './text-table.js';

/** Renders a plan as the commands that would be sent. */
export function renderReapPlan(outcome: ServerOutcome, { style }: Pick<Page, 'style'>): readonly string[] {
  const { target, clients, plan } = outcome;
  const heading = `${plan.kills.length} of ${formatCount(clients, 'client')} would be closed`;
  return [
    style.strong(`${safeText(target)}: ${heading}`),
    ...plan.kills.map((kill) => {
      const command = replaceUnprintable(formatCommand(kill.command));
      return `${command}  ${style.faint(`# ${nameOf(kill)}, ${kill.why}`)}`;
    }),
    ...excludedLines(outcome).map(style.faint),
  ];
}

/** Renders the result for one connection as a log line. */
export function renderKillResult(result: KillResult, { style }: Pick<Page, 'style'>): string {
  const { id, addr, target } = result.kill.row;
  const connection = `id=${id} addr=${safeText(addr)} ${nameOf(result.kill)}`;
  return `${safeText(target)}  ${connection}  ${outcomeText(result, style)}`;
}

function outcomeText(result: KillResult, style: Page['style']): string {
  if (result.outcome === 'closed') return `${style.good('closed')}  ${result.kill.why}`;
  if (result.outcome === 'skipped') return `${style.warning('skipped')}  ${changeText(result.change)}`;
  return `${style.error('failed')}  the server did not confirm that it is closed`;
}

function changeText(change: RowChange): string {
  return change in protectedTable
    ? `protected: ${protectedTable[change as keyof typeof protectedTable].meaning}`
    : changeTable[change as keyof typeof changeTable];
}

/** Renders the totals of one server, for the end of its log lines. */
export function renderReapReport(outcome: ServerOutcome, { style }: Pick<Page, 'style'>): readonly string[] {
  const { closed, skipped, failed, untouched } = sumResults([outcome]);
  const heading = [
    `${closed} of ${formatCount(outcome.clients, 'client')} closed`,
    ...(skipped > 0 ? [`${skipped} skipped`] : []),
    ...(failed > 0 ? [`${failed} failed`] : []),
    ...(untouched > 0 ? [`${untouched} not tried`] : []),
  ].join(', ');
  return [
    style.strong(`${safeText(outcome.target)}: ${heading}`),
    ...excludedLines(outcome).map(style.faint),
  ];
}

function nameOf({ row }: PlannedKill): string {
  return row.name === '' ? 'unnamed' : safeText(row.name);
}

const meanings = { ...protectedTable, self: { meaning: 'connection of this command' } };

/** Lines about candidates that are not in the plan. */
function excludedLines({ plan }: ServerOutcome): string[] {
  const counts = Object.entries(plan.protectedCounts) as [ExclusionReason, number][];
  return [
    ...counts.map(
      ([reason, count]) => `${formatCount(count, 'client')} protected: ${meanings[reason].meaning}`,
    ),
    ...(plan.deferred > 0 ? [`${formatCount(plan.deferred, 'more client')} would exceed --max`] : []),
  ];
}

/** A run of `reap`, or a dry run. */
export interface ReapRun {
  readonly mode: 'dry-run' | 'run';
  readonly outcomes: readonly ServerOutcome[];
  readonly kindOf: (target: string) => RowSource['kind'];
}

/** The document of `reap --json`. */
export function reapJson({ mode, outcomes, kindOf }: ReapRun, facts: RunFacts) {
  return {
    ...documentHead('reap', facts),
    mode,
    ...sumResults(outcomes),
    targets: outcomes.map(({ target, clients, plan, report }) => ({
      target,
      kind: kindOf(target),
      clients,
      protected: plan.protectedCounts,
      deferred: plan.deferred,
      kills: plan.kills.map((kill, at) => killJson(kill, report?.results[at])),
    })),
  };
}

function killJson({ row, command, why }: PlannedKill, result: KillResult | undefined) {
  return {
    ...rowJson(row),
    why,
    command: formatCommand(command),
    ...(result && { outcome: result.outcome }),
    ...(result?.outcome === 'skipped' && { change: result.change }),
  };
}
