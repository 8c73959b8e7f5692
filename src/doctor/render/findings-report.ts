import { numberOf } from '../audit/audit-context.js';
import type { Severity } from '../audit/finding-table.js';
import type { Finding } from '../audit/finding.js';
import type { ClientRow } from '../client-list/client-row.js';
import type { Examined } from '../sources/examine.js';
import { counted, formatSeconds } from '../text/quantities.js';
import { safeText, wrap } from '../text/safe-text.js';
import { document, rowJson, type RunFacts } from './json-document.js';
import type { Page } from './text-table.js';

const INDENT = '  ';
/** Narrower than this, nothing is readable. */
const LEAST_WIDTH = 20;

/** Where the page of a finding is, in the package and in the repository. */
export function pageOf(code: string): string {
  return `docs/findings/${code}.md`;
}

function example({ id, addr, name, age, idle, cmd, flags }: ClientRow): string {
  const times = `age=${formatSeconds(age)} idle=${formatSeconds(idle)}`;
  return `id=${id} addr=${addr} name=${name} ${times} flags=${flags} cmd=${cmd}`;
}

function entry(finding: Finding, several: boolean, { width, ink }: Page): readonly string[] {
  const { code, severity, owner, summary, examples, remedy, target } = finding;
  const about = [owner, several || owner === undefined ? `on ${target}` : undefined]
    .filter(Boolean)
    .join(' ');
  const room = Math.max(LEAST_WIDTH, width - INDENT.length);
  const indent = (text: string) => wrap(safeText(text), room).map((line) => INDENT + line);
  return [
    `${ink[severity](severity.padEnd(7))} ${ink.strong(code)}  ${safeText(about)}`,
    ...indent(summary),
    ...examples.flatMap((row) => indent(example(row)).map(ink.faint)),
    ...indent(`To do: ${remedy}`),
    ...indent(`Page: ${pageOf(code)}`).map(ink.faint),
    '',
  ];
}

function verdict(findings: readonly Finding[], { ink }: Page): string {
  const count = (severity: Severity) => findings.filter((finding) => finding.severity === severity).length;
  if (findings.length === 0) return ink.good('No findings.');
  const parts = [counted(count('error'), 'error'), counted(count('warning'), 'warning')];
  return ink.strong(`${counted(findings.length, 'finding')}: ${parts.join(', ')}.`);
}

/** Silence about a server that was not asked is no good news. */
function unaskedText(unasked: number, { ink }: Page): string {
  return unasked === 0 ? '' : ` ${ink.warning(`${counted(unasked, 'server')} could not be asked.`)}`;
}

/**
 * For people: the worst first, each with what was seen and what to do.
 *
 * @param unasked How many servers could not be asked.
 */
export function renderFindings(
  findings: readonly Finding[],
  several: boolean,
  paper: Page,
  unasked = 0,
): readonly string[] {
  const summary = `${verdict(findings, paper)}${unaskedText(unasked, paper)}`;
  return [...findings.flatMap((finding) => entry(finding, several, paper)), summary];
}

function targetJson({ target, kind, now, config }: Examined) {
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
    page: pageOf(code),
  };
}

/** What `doctor --json` prints. */
export function doctorJson(examined: readonly Examined[], findings: readonly Finding[], facts: RunFacts) {
  const [sampled] = examined.filter(({ earlier }) => earlier);
  const elapsed = sampled?.earlier && (sampled.now.at - sampled.earlier.at) / 1000;
  return {
    ...document('doctor', facts),
    ...(elapsed !== undefined && { sampleSeconds: elapsed }),
    targets: examined.map(targetJson),
    findings: findings.map(findingJson),
  };
}
