import { protectedTable } from '../client-list/protected-rows.js';
import {
  type ExclusionReason,
  formatCommand,
  type PlannedKill,
  type UnprovenConnection,
} from '../reap/reap-plan.js';
import {
  changeTable,
  type KillResult,
  type RowChange,
  type ServerOutcome,
  sumResults,
} from '../reap/run-reap.js';
import type { Settlement } from '../reap/settle.js';
import type { RowSource } from '../sources/source.js';
import { formatCount, formatSeconds } from '../text/quantities.js';
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

function nameOf({ row }: Pick<PlannedKill, 'row'>): string {
  return displayName(row.name);
}

function displayName(name: string): string {
  return name === '' ? 'unnamed' : safeText(name);
}

const meanings = { ...protectedTable, self: { meaning: 'connection of this command' } };

/** Lines about candidates that are not in the plan. */
function excludedLines({ plan, report }: ServerOutcome): string[] {
  const counts = Object.entries(plan.protectedCounts) as [ExclusionReason, number][];
  return [
    ...counts.map(
      ([reason, count]) => `${formatCount(count, 'client')} protected: ${meanings[reason].meaning}`,
    ),
    ...(plan.deferred > 0 ? [deferredLine(plan.deferred, report !== undefined)] : []),
    ...unprovenLines(plan.unproven),
  ];
}

function deferredLine(deferred: number, isRun: boolean): string {
  const more = formatCount(deferred, 'more client');
  return isRun ? `${more} left because of --max: run it again` : `${more} would exceed --max`;
}

/** Lines about silent connections that are left, one for each connection name and reason. */
function unprovenLines(unproven: readonly UnprovenConnection[]): string[] {
  const groups = new Map<string, UnprovenConnection[]>();
  for (const connection of unproven) {
    const key = `${connection.row.name}\n${connection.why}`;
    groups.set(key, [...(groups.get(key) ?? []), connection]);
  }
  return [...groups.values()].map((group) => {
    const [first] = group as [UnprovenConnection];
    const longest = formatSeconds(Math.max(...group.map(({ row }) => row.idle)));
    const silence = group.length === 1 ? longest : `up to ${longest}`;
    const ips = [...new Set(group.map(({ row }) => row.ip))];
    const where = ips.length === 1 ? safeText(ips[0] ?? '') : formatCount(ips.length, 'address');
    return `${formatCount(group.length, 'client')} left: ${nameOf(first)} from ${where}, silent for ${silence}; ${first.why}`;
  });
}

/** Renders what became of a server after connections were closed. */
export function renderSettlement(
  { target, settlement }: ServerOutcome,
  { style }: Pick<Page, 'style'>,
): readonly string[] {
  if (!settlement) return [];
  const { afterSeconds, clients, returned } = settlement;
  const head = `${safeText(target)}: ${formatCount(clients, 'client')} after ${formatSeconds(afterSeconds)}`;
  const count = sumReturned(returned);
  if (count === 0) return [`${head}, none of the closed ones has returned`];
  const owners = returned
    .slice(0, MAX_RETURNED_OWNERS)
    .map(({ name, ip, count: each }) => `${each} ${displayName(name)} from ${safeText(ip)}`);
  const more =
    returned.length > owners.length
      ? `, and ${formatCount(returned.length - owners.length, 'more owner')}`
      : '';
  const warning = `${count} of the closed ones have returned: their owners run, and connect again`;
  return [style.warning(`${head}, ${warning} (${owners.join(', ')}${more})`)];
}

const MAX_RETURNED_OWNERS = 5;

function sumReturned(returned: Settlement['returned']): number {
  return returned.reduce((sum, { count }) => sum + count, 0);
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
    targets: outcomes.map(({ target, clients, plan, report, settlement }) => ({
      target,
      kind: kindOf(target),
      clients,
      protected: plan.protectedCounts,
      deferred: plan.deferred,
      kills: plan.kills.map((kill) => killJson(kill, resultsByKill(report).get(kill))),
      unproven: plan.unproven.map(({ row, why }) => ({ ...rowJson(row), why })),
      ...(settlement && { settled: { ...settlement, returned: [...settlement.returned] } }),
    })),
  };
}

function resultsByKill(report: ServerOutcome['report']): ReadonlyMap<PlannedKill, KillResult> {
  return new Map(report?.results.map((result) => [result.kill, result]));
}

function killJson({ row, command, proof, why }: PlannedKill, result: KillResult | undefined) {
  return {
    ...rowJson(row),
    proof,
    why,
    command: formatCommand(command),
    ...(result && { outcome: result.outcome }),
    ...(result?.outcome === 'skipped' && { change: result.change }),
  };
}
