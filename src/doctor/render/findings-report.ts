import { numberOf } from '../audit/audit-context.js';
import type { Severity } from '../audit/finding-table.js';
import type { Finding } from '../audit/finding.js';
import type { ClientRow } from '../client-list/client-row.js';
import type { UnattributedExamination } from '../sources/examine.js';
import { formatCount, formatSeconds } from '../text/quantities.js';
import { safeText, wrapText } from '../text/safe-text.js';
import { documentHead, rowJson, type RunFacts } from './json-document.js';
import type { Page } from './text-table.js';

const INDENT = '  ';
/** Indented text is never wrapped below this width. */
const MIN_TEXT_WIDTH = 20;

/**
 * Renders findings as text, in their order, each with its figures, examples and remedy.
 *
 * @param hasSeveralTargets Whether a finding about an owner also names its server.
 * @param failedTargets Number of servers that could not be read.
 */
export function renderFindings(
  findings: readonly Finding[],
  hasSeveralTargets: boolean,
  page: Page,
  failedTargets = 0,
): readonly string[] {
  const summary = `${summaryText(findings, page)}${failedTargetsText(failedTargets, page)}`;
  return [...findings.flatMap((finding) => renderFinding(finding, hasSeveralTargets, page)), summary];
}

function renderFinding(
  finding: Finding,
  hasSeveralTargets: boolean,
  { width, style }: Page,
): readonly string[] {
  const { code, severity, owner, summary, examples, remedy, target } = finding;
  const subject = [owner, hasSeveralTargets || owner === undefined ? `on ${target}` : undefined]
    .filter(Boolean)
    .join(' ');
  const textWidth = Math.max(MIN_TEXT_WIDTH, width - INDENT.length);
  const indent = (text: string) => wrapText(safeText(text), textWidth).map((line) => INDENT + line);
  return [
    `${style[severity](severity.padEnd(7))} ${style.strong(code)}  ${safeText(subject)}`,
    ...indent(summary),
    ...examples.flatMap((row) => indent(exampleText(row)).map(style.faint)),
    ...indent(`To do: ${remedy}`),
    ...indent(`Page: ${findingPagePath(code)}`).map(style.faint),
    '',
  ];
}

function exampleText({ id, addr, name, age, idle, cmd, flags }: ClientRow): string {
  const times = `age=${formatSeconds(age)} idle=${formatSeconds(idle)}`;
  return `id=${id} addr=${addr} name=${name} ${times} flags=${flags} cmd=${cmd}`;
}

/** Path of the page about a finding, in the package and in the repository. */
export function findingPagePath(code: string): string {
  return `docs/findings/${code}.md`;
}

function summaryText(findings: readonly Finding[], { style }: Page): string {
  const count = (severity: Severity) => findings.filter((finding) => finding.severity === severity).length;
  if (findings.length === 0) return style.good('No findings.');
  const parts = [formatCount(count('error'), 'error'), formatCount(count('warning'), 'warning')];
  return style.strong(`${formatCount(findings.length, 'finding')}: ${parts.join(', ')}.`);
}

/** Without this text "No findings" could be read as good news about servers that were not examined. */
function failedTargetsText(count: number, { style }: Page): string {
  return count === 0 ? '' : ` ${style.warning(`${formatCount(count, 'server')} could not be asked.`)}`;
}

/** The document of `doctor --json`. */
export function doctorJson(
  examined: readonly UnattributedExamination[],
  findings: readonly Finding[],
  facts: RunFacts,
) {
  const [sampled] = examined.filter(({ earlier }) => earlier);
  const elapsedSeconds = sampled?.earlier && (sampled.now.at - sampled.earlier.at) / 1000;
  return {
    ...documentHead('doctor', facts),
    ...(elapsedSeconds !== undefined && { sampleSeconds: elapsedSeconds }),
    targets: examined.map(targetJson),
    findings: findings.map(findingJson),
  };
}

function targetJson({ target, kind, now, config }: UnattributedExamination) {
  const maxclients = numberOf(config, 'maxclients') ?? numberOf(now.info, 'maxclients');
  return {
    target,
    kind,
    ...(kind !== 'sentinel-conf' && { clients: now.rows.length }),
    ...(maxclients !== undefined && { maxclients }),
  };
}

function findingJson(finding: Finding) {
  const { code, severity, target, owner, attribution, summary, evidence, examples, remedy } = finding;
  return {
    ...{ code, severity, target },
    ...(owner !== undefined && { owner }),
    summary,
    ...(attribution && { attribution }),
    evidence,
    examples: examples.map(rowJson),
    remedy,
    page: findingPagePath(code),
  };
}
