import { redact } from '../../core/redact.js';
import type { Attribution } from '../attribution/attribution.js';
import type { GroupedClients, GroupedTarget } from '../group/grouped-clients.js';
import { formatTopValues, type RankedGroup, type Ranking, totalMaxclients } from '../group/ranking.js';
import { formatBar, formatBytes, formatCount, formatPercent, formatSeconds } from '../text/quantities.js';
import { replaceUnprintable, safeText } from '../text/safe-text.js';
import { documentHead, type RunFacts } from './json-document.js';
import { type Column, type Page, renderTable } from './text-table.js';

/** Renders ranked groups as a table. */
export function renderClients(grouped: GroupedClients, ranking: Ranking, page: Page): readonly string[] {
  const { groups, omitted } = ranking;
  const omittedLine = `and ${formatCount(omitted.clients, 'client')} in ${formatCount(omitted.groups, 'more group')} (--top)`;
  const notes = groups.flatMap(({ key }) => ambiguityNote(key, grouped.attributionOf(key)));
  return [
    page.style.strong(safeText(summaryText(grouped))),
    '',
    ...renderTable(groups, columnsOf(grouped, ranking), page),
    ...(omitted.groups > 0 ? [page.style.faint(omittedLine)] : []),
    ...notes.map(page.style.faint),
  ];
}

function summaryText(grouped: GroupedClients): string {
  const maxclients = totalMaxclients(grouped);
  const limit =
    maxclients === undefined ? '' : ` of ${maxclients} (${formatPercent(grouped.clients / maxclients)})`;
  const targets = grouped.targets.map(({ target }) => target).join(', ');
  return `${formatCount(grouped.clients, 'client')}${limit} on ${targets}`;
}

/** Explains why an address with several possible owners has none. */
function ambiguityNote(owner: string, attribution: Attribution | undefined): readonly string[] {
  return attribution?.confidence === 'ambiguous' && attribution.note
    ? [safeText(`${owner}: ${attribution.note}`)]
    : [];
}

type ClientColumn = Column<RankedGroup>;

const BAR_WIDTH = 12;

function columnsOf({ by, attributionOf }: GroupedClients, ranking: Ranking): readonly ClientColumn[] {
  const { growth = [], ofMax = [], source = [], memory = [] } = optionalColumns(ranking, attributionOf);
  return [
    { title: 'clients', align: 'right', text: ({ count }) => String(count) },
    ...growth,
    { title: 'share', align: 'right', text: ({ share }) => formatPercent(share), dropPriority: 1 },
    { title: '', text: ({ share }) => formatBar(share, BAR_WIDTH), dropPriority: 5 },
    ...ofMax,
    { title: by, text: ({ key }) => key || '(none)' },
    ...source,
    {
      title: 'oldest',
      align: 'right',
      text: ({ oldestSeconds }) => formatSeconds(oldestSeconds),
      dropPriority: 2,
    },
    {
      title: 'median idle',
      align: 'right',
      text: ({ medianIdleSeconds }) => formatSeconds(medianIdleSeconds),
      dropPriority: 2,
    },
    {
      title: 'last commands',
      text: ({ commands, count }) => formatTopValues(commands, count),
      dropPriority: 3,
    },
    { title: 'flags', text: ({ flags, count }) => formatTopValues(flags, count), dropPriority: 6 },
    ...memory,
  ];
}

/** Columns that are shown only if a group has a value. */
function optionalColumns(
  { groups }: Ranking,
  attributionOf: GroupedClients['attributionOf'],
): Readonly<Record<string, readonly ClientColumn[]>> {
  const columnIf = (hasValue: (group: RankedGroup) => boolean, column: ClientColumn) =>
    groups.some(hasValue) ? [column] : [];
  return {
    growth: columnIf(({ growth }) => growth !== undefined, {
      title: 'growth',
      align: 'right',
      text: ({ growth }) => formatGrowth(growth),
    }),
    ofMax: columnIf(({ shareOfMaxclients }) => shareOfMaxclients !== undefined, {
      title: 'of max',
      align: 'right',
      text: ({ shareOfMaxclients = 0 }) => formatPercent(shareOfMaxclients),
      dropPriority: 4,
    }),
    source: columnIf(({ key }) => attributionOf(key) !== undefined, {
      title: 'known by',
      text: ({ key }) => sourceText(attributionOf(key)),
      dropPriority: 4,
    }),
    memory: columnIf(({ memoryBytes }) => memoryBytes > 0, {
      title: 'memory',
      align: 'right',
      text: ({ memoryBytes }) => formatBytes(memoryBytes),
      dropPriority: 7,
    }),
  };
}

const formatGrowth = (growth = 0) => (growth > 0 ? `+${growth}` : String(growth));

/** The source of an attribution, and its confidence unless it is certain. */
function sourceText(attribution: Attribution | undefined): string {
  if (!attribution) return '';
  return attribution.confidence === 'certain'
    ? attribution.source
    : `${attribution.source} (${attribution.confidence})`;
}

/** Renders ranked groups as comma-separated values, for `clients --csv`. */
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
      group.oldestSeconds,
      group.medianIdleSeconds,
      group.memoryBytes || '',
    ]),
  );
}

/** Renders comma-separated values under a heading. */
export function renderCsv(
  heading: readonly string[],
  rows: readonly (readonly (string | number)[])[],
): readonly string[] {
  return [heading, ...rows].map((row) => row.map(csvCell).join(','));
}

/** Parts of a cell between tabs and line breaks, which may stand in a quoted cell. */
const TEXT_BETWEEN_SPACING = /[^\t\r\n]+/g;

/**
 * A cell in the format of RFC 4180, without passwords in URLs, and without characters that would move the cursor of a terminal.
 * A spreadsheet would run a cell that begins like a formula, so such a cell gets a `'` in front.
 */
function csvCell(value: string | number): string {
  if (typeof value === 'number') return String(value);
  const printable = redact(value).replace(TEXT_BETWEEN_SPACING, (text) => replaceUnprintable(text));
  const harmless = /^[=+\-@\t\r]/.test(printable) ? `'${printable}` : printable;
  return /[",\r\n]/.test(harmless) ? `"${harmless.replaceAll('"', '""')}"` : harmless;
}

/** Options of the command that the document of `clients --json` repeats. */
export interface ClientsJsonOptions {
  readonly where?: string | undefined;
  /** Milliseconds between two readings; `undefined` if there was one reading. */
  readonly sample?: number | undefined;
}

/** The document of `clients --json`. */
export function clientsJson(
  grouped: GroupedClients,
  { groups, omitted }: Ranking,
  { where, sample }: ClientsJsonOptions,
  facts: RunFacts,
) {
  return {
    ...documentHead('clients', facts),
    by: grouped.by,
    ...(where !== undefined && { where }),
    ...(sample !== undefined && { sampleSeconds: sample / 1000 }),
    targets: grouped.targets.map(targetJson),
    clients: grouped.clients,
    groups: groups.map((group) => groupJson(group, grouped.attributionOf(group.key))),
    omitted,
  };
}

function targetJson({ target, kind, rows, maxclients, skippedLines, truncated }: GroupedTarget) {
  return {
    target,
    kind,
    clients: rows,
    ...(maxclients !== undefined && { maxclients }),
    skippedLines,
    truncated,
  };
}

function groupJson(group: RankedGroup, attribution: Attribution | undefined) {
  const {
    key,
    count,
    share,
    shareOfMaxclients,
    growth,
    oldestSeconds,
    medianIdleSeconds,
    memoryBytes,
    commands,
    flags,
  } = group;
  return {
    key,
    clients: count,
    share,
    ...(shareOfMaxclients !== undefined && { shareOfMaxclients }),
    ...(growth !== undefined && { growth }),
    oldestSeconds,
    medianIdleSeconds,
    ...(memoryBytes > 0 && { memoryBytes }),
    commands,
    flags,
    ...(attribution && { attribution }),
  };
}
