import type { ClientLibrary } from '../attribution/client-library.js';
import { numberOf } from '../audit/audit-context.js';
import type { Severity } from '../audit/finding-table.js';
import type { Finding } from '../audit/finding.js';
import type { ClientRow } from '../client-list/client-row.js';
import { isAboutClients } from '../remedies/finding-remedies.js';
import { codeLinesOf, libraryHeading } from '../remedies/library-lines.js';
import type { UnattributedExamination } from '../sources/examine.js';
import { formatCount, formatSeconds } from '../text/quantities.js';
import { firstSentence, safeText, wrapText } from '../text/safe-text.js';
import { documentHead, rowJson, type RunFacts } from './json-document.js';
import { describeOwner, describeOwnerDetails } from './owner-text.js';
import { type Story, tellStories } from './stories.js';
import type { Page } from './text-table.js';

const INDENT = '  ';
/** Indented text is never wrapped below this width. */
const MIN_TEXT_WIDTH = 20;
/** Connections that are shown of one owner. They look alike; `--json` has one more. */
const MAX_SHOWN_ROWS = 2;
/** Owners whose story is told. The further ones have a line each, so that a report stays readable. */
const MAX_STORIES = 10;
/** Further owners that have a line. */
const MAX_FURTHER_OWNERS = 30;

/** What a report is made of. */
export interface FindingsReport {
  /** The worst first. */
  readonly findings: readonly Finding[];
  /** Whether findings about an owner also name the server. */
  readonly hasSeveralTargets: boolean;
  /** Number of servers that could not be read. @default 0 */
  readonly failedTargets?: number;
  /** The library of the clients, if the user has named it. */
  readonly library?: ClientLibrary | undefined;
}

/**
 * Renders findings as text: a story for each of the worst owners (who, how many, since when, all causes, some connections,
 * what to do), a line for each further one, then the findings about servers, then the lines of the libraries that are known, each once.
 */
export function renderFindings(report: FindingsReport, page: Page): readonly string[] {
  const { owners, servers } = tellStories(report.findings, report.library);
  const told = owners.slice(0, MAX_STORIES);
  const failedTargets = failedTargetsText(report.failedTargets ?? 0, page);
  return [
    ...told.flatMap((story) => renderStory(story, report, page)),
    ...renderFurtherOwners(owners.slice(MAX_STORIES), report, page),
    ...servers.flatMap((finding) => renderServerFinding(finding, owners, page)),
    ...renderLibraries(told, page),
    `${summaryText(report.findings, page)}${omittedText(report.findings)}${failedTargets}`,
  ];
}

/** The owners after the first ones: a line for each, and for very many of them one line with their number. */
function renderFurtherOwners(
  stories: readonly Story[],
  report: FindingsReport,
  page: Page,
): readonly string[] {
  if (stories.length === 0) return [];
  const rest = stories.slice(MAX_FURTHER_OWNERS);
  return [
    page.style.strong(`and ${formatCount(stories.length, 'more owner')}:`),
    ...stories.slice(0, MAX_FURTHER_OWNERS).flatMap((story) => indent(furtherOwnerText(story, report), page)),
    ...(rest.length > 0 ? indent(`and ${rest.length} more, see --json`, page) : []),
    '',
  ];
}

function furtherOwnerText(story: Story, report: FindingsReport): string {
  const codes = [...new Set(story.findings.map(({ code }) => code))].join(', ');
  return `${story.severity} ${storyHeading(story, targetsOf(story, report))} (${codes})`;
}

/** The servers that a story names; none if there is one server in the report. */
function targetsOf({ findings }: Story, { hasSeveralTargets }: FindingsReport): readonly string[] {
  return hasSeveralTargets ? [...new Set(findings.map(({ target }) => target))] : [];
}

function renderStory(story: Story, report: FindingsReport, page: Page): readonly string[] {
  const { severity, findings, examples, libraries, attribution } = story;
  const details = attribution ? describeOwnerDetails(attribution) : '';
  const targets = targetsOf(story, report);
  const causes = findings.map((finding) => {
    const where = targets.length > 1 ? ` on ${finding.target}` : '';
    const lower = finding.severity === severity ? '' : ` (${finding.severity})`;
    return `${finding.code}${where}${lower}: ${causeText(finding)}`;
  });
  return [
    renderHeading(severity, storyHeading(story, targets), page),
    ...(details === '' ? [] : indent(details, page)),
    ...causes.flatMap((cause) => indent(cause, page)),
    ...renderExamples(examples, page),
    ...renderRemedy(findings[0], libraries, page),
    '',
  ];
}

/** The cause in a few words is enough where stories have told who fills the server. */
function renderServerFinding(finding: Finding, owners: readonly Story[], page: Page): readonly string[] {
  const { severity, target, code, summary, cause = summary, examples } = finding;
  return [
    renderHeading(severity, target, page),
    ...indent(`${code}: ${owners.length > 0 ? cause : summary}`, page),
    ...renderExamples(examples, page),
    ...renderRemedy(finding, [], page),
    '',
  ];
}

function renderHeading(severity: Severity, text: string, { style }: Page): string {
  return `${style[severity](severity.padEnd('warning'.length))} ${style.strong(safeText(text))}`;
}

/** Who, on which server if there are several, how many, and since when. */
function storyHeading(story: Story, targets: readonly string[]): string {
  const { owner, attribution, connections, oldestSeconds } = story;
  const who = attribution ? describeOwner(attribution) : owner;
  const where = targets.length === 1 ? `${who} on ${targets.join()}` : who;
  if (connections === 0 || oldestSeconds === undefined) return where;
  const age = formatSeconds(oldestSeconds);
  const since = connections === 1 ? `${age} old` : `the oldest ${age} old`;
  return `${where}: ${formatCount(connections, 'connection')}, ${since}`;
}

function renderExamples(examples: readonly ClientRow[], page: Page): readonly string[] {
  return examples
    .slice(0, MAX_SHOWN_ROWS)
    .flatMap((row) => indent(exampleText(row), page).map(page.style.faint));
}

/** The cause of a finding in a few words; the heading has named the owner. */
function causeText({ cause, summary, owner }: Finding): string {
  if (cause !== undefined) return cause;
  if (owner === undefined || !summary.startsWith(owner)) return summary;
  return summary
    .slice(owner.length)
    .replace(/^, a shared address,/, '')
    .trimStart();
}

/**
 * What to do in one sentence, and the command that says more, without a network. The command is not wrapped, and no text
 * follows on its line, so that it can be pasted into a shell.
 */
function renderRemedy(finding: Finding, libraries: readonly ClientLibrary[], page: Page): readonly string[] {
  const [library, ...others] = isAboutClients(finding.code) ? libraries : [];
  const option = library === undefined ? '' : ` --library ${library}`;
  const other = others.length > 0 ? indent(`The library may also be ${others.join(' or ')}.`, page) : [];
  return [
    ...indent(`To do: ${firstSentence(finding.remedy)}`, page),
    ...[`${INDENT}More: redis-hygiene explain ${finding.code}${option}`, ...other].map(page.style.faint),
  ];
}

/** The lines of each library that is known, with the owners that they are for. */
function renderLibraries(stories: readonly Story[], page: Page): readonly string[] {
  const owners = new Map<ClientLibrary, string[]>();
  for (const { libraries, owner, findings } of stories) {
    const [library, ...others] = libraries;
    if (library === undefined || others.length > 0 || !isAboutClients(findings[0].code)) continue;
    owners.set(library, [...(owners.get(library) ?? []), owner]);
  }
  return [...owners].flatMap(([library, names]) => [
    ...wrapText(safeText(`In ${libraryHeading(library)}, for ${names.join(', ')}:`), page.width).map(
      page.style.strong,
    ),
    ...codeLinesOf(library).map((line) => INDENT + line),
    '',
  ]);
}

function indent(text: string, { width }: Page): readonly string[] {
  const textWidth = Math.max(MIN_TEXT_WIDTH, width - INDENT.length);
  return wrapText(safeText(text), textWidth).map((line) => INDENT + line);
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

/** How many findings the audit has left out, as there are very many of one code. */
function omittedText(findings: readonly Finding[]): string {
  const omitted = findings.reduce((sum, { evidence }) => sum + Number(evidence.furtherFindings ?? 0), 0);
  return omitted === 0 ? '' : ` ${formatCount(omitted, 'further finding')} of the same codes left out.`;
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
  const { code, severity, target, owner, attribution, summary, evidence, examples, remedy, connections } =
    finding;
  return {
    ...{ code, severity, target },
    ...(owner !== undefined && { owner }),
    summary,
    ...(attribution && { attribution }),
    evidence,
    ...(connections && { oldestSeconds: connections.oldestSeconds }),
    ...(connections && connections.libraries.length > 0 && { libraries: connections.libraries }),
    examples: examples.map(rowJson),
    remedy,
    page: findingPagePath(code),
  };
}
