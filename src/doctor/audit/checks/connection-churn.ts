import type { ClientRow } from '../../client-list/client-row.js';
import { isSilentSinceMade } from '../../client-list/row-activity.js';
import { formatCount, formatSeconds } from '../../text/quantities.js';
import { type AuditContext, type Check, numberOf } from '../audit-context.js';
import { type ConnectionHolder, describeHolder, holdersOf } from '../connection-holders.js';
import { createFinding } from '../finding.js';

/** How many connections were opened in a time, and how many of them were closed again. */
export interface Turnover {
  /** Connections that were opened and closed within the time. */
  readonly gone: number;
  /** Connections that were opened and are still there. */
  readonly kept: number;
  /** Length of the observed time. */
  readonly seconds: number;
  /** Rows of the connections that are still there. */
  readonly young: readonly ClientRow[];
}

/**
 * Derives the turnover from ids and ages, which also count connections that no snapshot shows. `undefined` if all rows are
 * too young to count from.
 */
export function turnoverOf(context: AuditContext): Turnover | undefined {
  return turnoverBetweenSnapshots(context) ?? turnoverOfOneSnapshot(context);
}

/** Minimum time between two snapshots. Within less, too few connections are opened and closed. */
const MIN_SECONDS_BETWEEN_SNAPSHOTS = 2;

function turnoverBetweenSnapshots({ now, earlier, elapsedSeconds }: AuditContext): Turnover | undefined {
  if (!earlier || elapsedSeconds < MIN_SECONDS_BETWEEN_SNAPSHOTS) return undefined;
  const newestIdBefore = newestIdOf(earlier.rows);
  const young = now.rows.filter(({ id }) => id > newestIdBefore);
  const [receivedBefore, receivedNow] = [earlier, now].map(({ info }) =>
    numberOf(info, 'total_connections_received'),
  );
  const opened =
    receivedBefore === undefined || receivedNow === undefined
      ? newestIdOf(now.rows) - newestIdBefore
      : receivedNow - receivedBefore;
  return {
    gone: Math.max(0, opened - young.length),
    kept: young.length,
    seconds: elapsedSeconds,
    young,
  };
}

function turnoverOfOneSnapshot(context: AuditContext): Turnover | undefined {
  const { rows } = context.now;
  const reference = referenceOf(rows);
  if (!reference || !areIdsConnections(context)) return undefined;
  const young = rows.filter(({ id }) => id > reference.id);
  const opened = newestIdOf(rows) - reference.id;
  return { gone: opened - young.length, kept: young.length, seconds: reference.age, young };
}

/**
 * Age of the row to count from: old enough that rounding to whole seconds is an error of at most 10 %, and
 * young enough to show what happens now.
 */
const REFERENCE_AGE_SECONDS = { min: 10, max: 600 };

/** The row to count from: the oldest of the last minutes, else the youngest that is older. */
function referenceOf(rows: readonly ClientRow[]): ClientRow | undefined {
  let best: ClientRow | undefined;
  for (const row of rows) {
    const isUsable = row.age >= REFERENCE_AGE_SECONDS.min && Number.isSafeInteger(row.id);
    if (isUsable && isBetterReference(row, best)) best = row;
  }
  return best;
}

function isBetterReference({ age }: ClientRow, best: ClientRow | undefined): boolean {
  if (!best) return true;
  const { max } = REFERENCE_AGE_SECONDS;
  return age <= max ? best.age > max || age >= best.age : age <= best.age;
}

/** Rows without an id, or with one that cannot be a count of connections, are ignored. */
function newestIdOf(rows: readonly ClientRow[]): number {
  return rows.reduce((newest, { id }) => (Number.isSafeInteger(id) ? Math.max(newest, id) : newest), 0);
}

/**
 * Whether ids count connections only. Modules take ids too; then ids are far ahead of the connections that the server has
 * received.
 */
function areIdsConnections({ now }: AuditContext): boolean {
  const received = numberOf(now.info, 'total_connections_received');
  return received === undefined || newestIdOf(now.rows) <= 2 * received + 1000;
}

/** Closed connections per second. Probes and exporters of a fleet open a few per second. */
const MIN_CLOSED_PER_SECOND = 10;

/** Closed connections in all. Fewer prove nothing. */
const MIN_CLOSED = 50;

/** Closed connections for each one that stays open. */
const MIN_CLOSED_PER_KEPT = 10;

/** Whether connections are opened and closed at a high rate. */
export function isHighTurnover({ gone, kept, seconds }: Turnover): boolean {
  return gone >= MIN_CLOSED && gone >= MIN_CLOSED_PER_SECOND * seconds && gone >= MIN_CLOSED_PER_KEPT * kept;
}

/** Ids that grow much faster than the number of clients: connections are opened for one command and closed. */
export const connectionPerRequest: Check = (context) => {
  const turnover = turnoverOf(context);
  if (!turnover || !isHighTurnover(turnover)) return [];
  const { gone, kept, seconds } = turnover;
  const perSecond = Math.round(gone / seconds);
  const holder = mainHolderOf(context, turnover);
  const whose = holder ? ` Most of those seen belong to ${holder.attribution.owner}.` : '';
  const summary = `${formatCount(gone, 'connection')} were opened and closed within ${formatSeconds(seconds)} (${perSecond} per second), and ${kept} stayed open.${whose}`;
  const evidence = { gone, kept, seconds, perSecond };
  const { attribution, rows = [] } = holder ?? {};
  return [
    createFinding('connection-per-request', context, {
      ...{ summary, evidence: { ...evidence, connections: gone }, rows },
      ...(attribution ? { attribution } : {}),
    }),
  ];
};

/** Age up to which a connection may be one of the short-lived ones. */
const MAX_BRIEF_AGE_SECONDS = 5;

/** Short-lived connections of one owner in a snapshot. Fewer do not show whose they are. */
const MIN_BRIEF_SEEN = 3;

/** The owner of most short-lived connections, judged by those that a snapshot caught. */
function mainHolderOf(context: AuditContext, { young }: Turnover): ConnectionHolder | undefined {
  const clients = new Set(context.clients);
  const brief = young.filter((row) => clients.has(row) && row.age <= MAX_BRIEF_AGE_SECONDS);
  const [largest] = holdersOf(brief, context.ownerOf);
  const hasMost = largest && largest.rows.length >= MIN_BRIEF_SEEN && 2 * largest.rows.length >= brief.length;
  return hasMost ? largest : undefined;
}

/** Additional connections of one owner. A pool that starts to be used, or a second process, brings fewer. */
const MIN_GROWTH = 30;

/** Connections of an owner that had none: it may just have been started, with the idle connections of several pools. */
const MIN_GROWTH_OF_NEW_OWNER = 50;

/** Growth as a share of the earlier connections: large services vary by some per cent. */
const MIN_GROWTH_SHARE = 0.1;

/** Share of the new connections that must be unused: a pool that grows under load uses what it opens. */
const MIN_UNUSED_SHARE = 0.5;

/** Owners that hold many more connections than in the first snapshot, and do not use the new ones. */
export const growth: Check = (context) => {
  if (!context.earlier) return [];
  const earlierCounts = new Map(
    holdersOf(context.earlierClients, context.ownerOf).map(({ attribution, rows }) => [
      attribution.owner,
      rows.length,
    ]),
  );
  const earlierIds = new Set(context.earlierClients.map(({ id }) => id));
  return context.holders.flatMap(({ attribution, rows }) => {
    const earlier = earlierCounts.get(attribution.owner) ?? 0;
    const grown = rows.length - earlier;
    if (grown < minGrowthFor(earlier)) return [];
    const opened = rows.filter(({ id }) => !earlierIds.has(id));
    const unused = opened.filter((row) => isSilentSinceMade(row) && !row.flags.includes('b'));
    if (opened.length === 0 || unused.length < MIN_UNUSED_SHARE * opened.length) return [];
    const seconds = context.elapsedSeconds;
    const summary = `${describeHolder(attribution)} grew from ${earlier} to ${formatCount(rows.length, 'connection')} in ${formatSeconds(seconds)}; ${unused.length} of the ${opened.length} new ones are not in use.`;
    const evidence = {
      ...{ connections: rows.length, earlier, grown, seconds },
      perMinute: Math.round((60 * grown) / seconds),
    };
    return [createFinding('growth', context, { summary, evidence, attribution, rows: unused })];
  });
};

function minGrowthFor(earlier: number): number {
  return earlier === 0 ? MIN_GROWTH_OF_NEW_OWNER : Math.max(MIN_GROWTH, MIN_GROWTH_SHARE * earlier);
}
