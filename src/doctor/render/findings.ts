import type { Finding } from '../audit/finding.js';
import type { Severity } from '../audit/table.js';
import type { ClientRow } from '../client-list/row.js';
import { formatSeconds } from '../group/duration.js';
import type { Ink } from './ink.js';
import { shown } from './shown.js';
import { counted } from './words.js';
import { wrap } from './wrap.js';

/** What findings are printed on. */
export interface Paper {
  readonly width: number;
  readonly ink: Ink;
}

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

function entry(finding: Finding, several: boolean, { width, ink }: Paper): readonly string[] {
  const { code, severity, owner, summary, examples, remedy, target } = finding;
  const about = [owner, several || owner === undefined ? `on ${target}` : undefined]
    .filter(Boolean)
    .join(' ');
  const room = Math.max(LEAST_WIDTH, width - INDENT.length);
  const indent = (text: string) => wrap(shown(text), room).map((line) => INDENT + line);
  return [
    `${ink[severity](severity.padEnd(7))} ${ink.strong(code)}  ${shown(about)}`,
    ...indent(summary),
    ...examples.flatMap((row) => indent(example(row)).map(ink.faint)),
    ...indent(`To do: ${remedy}`),
    ...indent(`Page: ${pageOf(code)}`).map(ink.faint),
    '',
  ];
}

function verdict(findings: readonly Finding[], { ink }: Paper): string {
  const count = (severity: Severity) => findings.filter((finding) => finding.severity === severity).length;
  if (findings.length === 0) return ink.good('No findings.');
  const parts = [counted(count('error'), 'error'), counted(count('warning'), 'warning')];
  return ink.strong(`${counted(findings.length, 'finding')}: ${parts.join(', ')}.`);
}

/** Silence about a server that was not asked is no good news. */
function unaskedText(unasked: number, { ink }: Paper): string {
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
  paper: Paper,
  unasked = 0,
): readonly string[] {
  const summary = `${verdict(findings, paper)}${unaskedText(unasked, paper)}`;
  return [...findings.flatMap((finding) => entry(finding, several, paper)), summary];
}
