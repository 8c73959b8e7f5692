import type { ClientRow } from '../../client-list/client-row.js';
import { formatCount, formatSeconds } from '../../text/quantities.js';
import { type AuditContext, type Check, numberOf } from '../audit-context.js';
import { type ConnectionHolder, holdersOf } from '../connection-holders.js';
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
