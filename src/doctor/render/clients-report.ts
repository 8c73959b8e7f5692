import { redact } from '../../core/redact.js';
import type { Attribution } from '../attribution/attribution.js';
import type { GroupedClients, GroupedTarget } from '../group/grouped-clients.js';
import { brief, type RankedGroup, type Ranking, totalMaxclients } from '../group/ranking.js';
import { bar, bytes, counted, formatSeconds, percent } from '../text/quantities.js';
import { printable, safeText } from '../text/safe-text.js';
import { document, type RunFacts } from './json-document.js';
import { type Column, type TextStyle, renderTable } from './text-table.js';

const BAR_WIDTH = 12;

/** How people are told where an attribution comes from, and how far it can be trusted. */
function knownBy(attribution: Attribution | undefined): string {
  if (!attribution) return '';
  return attribution.confidence === 'certain'
    ? attribution.source
    : `${attribution.source} (${attribution.confidence})`;
}

/** Why nobody is named, where an address stands for many. */
function noteOn(owner: string, attribution: Attribution | undefined): readonly string[] {
  return attribution?.confidence === 'ambiguous' && attribution.note
    ? [safeText(`${owner}: ${attribution.note}`)]
    : [];
}

type ClientColumn = Column<RankedGroup>;

const signed = (growth = 0) => (growth > 0 ? `+${growth}` : String(growth));

/** Columns that are there only where there is something to tell. */
function known(
  { groups }: Ranking,
  attributions: GroupedClients['attributions'],
): Readonly<Record<string, readonly ClientColumn[]>> {
  const some = (is: (group: RankedGroup) => boolean, column: ClientColumn) =>
    groups.some(is) ? [column] : [];
  return {
    growth: some(({ growth }) => growth !== undefined, {
      title: 'growth',
      align: 'right',
      text: ({ growth }) => signed(growth),
    }),
    ofMax: some(({ shareOfMaxclients }) => shareOfMaxclients !== undefined, {
      title: 'of max',
      align: 'right',
      text: ({ shareOfMaxclients = 0 }) => percent(shareOfMaxclients),
      expendable: 4,
    }),
    source: some(({ key }) => attributions.has(key), {
      title: 'known by',
      text: ({ key }) => knownBy(attributions.get(key)),
      expendable: 4,
    }),
    memory: some(({ memory }) => memory > 0, {
      title: 'memory',
      align: 'right',
      text: ({ memory }) => bytes(memory),
      expendable: 7,
    }),
  };
}

function columns({ by, attributions }: GroupedClients, ranking: Ranking): readonly ClientColumn[] {
  const { growth = [], ofMax = [], source = [], memory = [] } = known(ranking, attributions);
  return [
    { title: 'clients', align: 'right', text: ({ count }) => String(count) },
    ...growth,
    { title: 'share', align: 'right', text: ({ share }) => percent(share), expendable: 1 },
    { title: '', text: ({ share }) => bar(share, BAR_WIDTH), expendable: 5 },
    ...ofMax,
    { title: by, text: ({ key }) => key || '(none)' },
    ...source,
    { title: 'oldest', align: 'right', text: ({ oldest }) => formatSeconds(oldest), expendable: 2 },
    {
      title: 'median idle',
      align: 'right',
      text: ({ medianIdle }) => formatSeconds(medianIdle),
      expendable: 2,
    },
    { title: 'last commands', text: ({ commands, count }) => brief(commands, count), expendable: 3 },
    { title: 'flags', text: ({ flags, count }) => brief(flags, count), expendable: 6 },
    ...memory,
  ];
}

function summary(survey: GroupedClients): string {
  const maxclients = totalMaxclients(survey);
  const of = maxclients === undefined ? '' : ` of ${maxclients} (${percent(survey.clients / maxclients)})`;
  const where = survey.targets.map(({ target }) => target).join(', ');
  return `${counted(survey.clients, 'client')}${of} on ${where}`;
}

/** For people. */
export function renderClients(
  survey: GroupedClients,
  ranking: Ranking,
  paper: { width: number; ink: TextStyle },
): readonly string[] {
  const { omitted } = ranking;
  const rest =
    omitted.groups > 0
      ? [
          paper.ink.faint(
            `and ${counted(omitted.clients, 'client')} in ${counted(omitted.groups, 'more group')} (--top)`,
          ),
        ]
      : [];
  const notes = ranking.groups.flatMap(({ key }) => noteOn(key, survey.attributions.get(key)));
  return [
    paper.ink.strong(safeText(summary(survey))),
    '',
    ...renderTable(ranking.groups, columns(survey, ranking), paper),
    ...rest,
    ...notes.map(paper.ink.faint),
  ];
}

/** For spreadsheets. */
export function clientsCsv({ by }: GroupedClients, { groups }: Ranking): readonly string[] {
  const heading = [
    by,
    'clients',
    'share',
    'share_of_maxclients',
    'growth',
    'oldest_s',
    'median_idle_s',
    'memory_bytes',
  ];
  return renderCsv(
    heading,
    groups.map((group) => [
      group.key,
      group.count,
      group.share,
      group.shareOfMaxclients ?? '',
      group.growth ?? '',
      group.oldest,
      group.medianIdle,
      group.memory || '',
    ]),
  );
}

/** What the person who asked for a survey has asked for. */
export interface SurveyTerms {
  readonly where?: string | undefined;
  /** Milliseconds between two looks, where there were two. */
  readonly sample?: number | undefined;
}

function targetJson({ target, kind, rows, maxclients, strangers, truncated }: GroupedTarget) {
  return {
    target,
    kind,
    clients: rows,
    ...(maxclients !== undefined && { maxclients }),
    strangers,
    truncated,
  };
}

function groupJson(group: RankedGroup, attribution: Attribution | undefined) {
  const { key, count, share, shareOfMaxclients, growth, oldest, medianIdle, memory, commands, flags } = group;
  return {
    key,
    clients: count,
    share,
    ...(shareOfMaxclients !== undefined && { shareOfMaxclients }),
    ...(growth !== undefined && { growth }),
    oldestSeconds: oldest,
    medianIdleSeconds: medianIdle,
    ...(memory > 0 && { memoryBytes: memory }),
    commands,
    flags,
    ...(attribution && { attribution }),
  };
}

/** What `clients --json` prints. */
export function clientsJson(
  survey: GroupedClients,
  { groups, omitted }: Ranking,
  { where, sample }: SurveyTerms,
  facts: RunFacts,
) {
  return {
    ...document('clients', facts),
    by: survey.by,
    ...(where !== undefined && { where }),
    ...(sample !== undefined && { sampleSeconds: sample / 1000 }),
    targets: survey.targets.map(targetJson),
    clients: survey.clients,
    groups: groups.map((group) => groupJson(group, survey.attributions.get(group.key))),
    omitted,
  };
}

/** A cell in quotes may have lines and tabs. */
const NO_SPACING = /[^\t\r\n]+/g;

/**
 * A cell as RFC 4180 has it, without the password of a URL, and without what moves the cursor of a terminal. A spreadsheet would run one that begins like a formula, so
 * that gets a quote in front.
 */
function cell(value: string | number): string {
  if (typeof value === 'number') return String(value);
  const open = redact(value).replace(NO_SPACING, (text) => printable(text));
  const harmless = /^[=+\-@\t\r]/.test(open) ? `'${open}` : open;
  return /[",\r\n]/.test(harmless) ? `"${harmless.replaceAll('"', '""')}"` : harmless;
}

/** Comma-separated values with a heading. */
export function renderCsv(
  heading: readonly string[],
  rows: readonly (readonly (string | number)[])[],
): readonly string[] {
  return [heading, ...rows].map((row) => row.map(cell).join(','));
}
