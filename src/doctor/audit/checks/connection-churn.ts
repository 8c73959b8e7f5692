import type { ClientRow } from '../../client-list/client-row.js';
import { isSilentSinceMade } from '../../client-list/row-activity.js';
import { counted, formatSeconds } from '../../text/quantities.js';
import { type AuditContext, type Check, numberOf } from '../audit-context.js';
import { type ConnectionHolder, holdersOf, describeHolder } from '../connection-holders.js';
import { createFinding } from '../finding.js';

/** Probes and exporters of a fleet make a few in a second. */
const PER_SECOND = 10;

/** Of fewer nothing can be said. */
const MIN_CLOSED = 50;

/** So many come and go for each one that stays. */
const PER_KEPT = 10;

/** One that is about to go. */
const BRIEF_SECONDS = 5;

/** Fewer rows do not tell whose they are. */
const LEAST_SEEN = 3;

/** Whether connections come and go in a stream. */
export function isStream({ gone, kept, seconds }: Turnover): boolean {
  return gone >= MIN_CLOSED && gone >= PER_SECOND * seconds && gone >= PER_KEPT * kept;
}

/** Who makes most of them, as far as those tell that were seen. */
function makerOf(chart: AuditContext, { young }: Turnover): ConnectionHolder | undefined {
  const clients = new Set(chart.clients);
  const brief = young.filter((row) => clients.has(row) && row.age <= BRIEF_SECONDS);
  const [first] = holdersOf(brief, chart.ownerOf);
  const isMost = first && first.rows.length >= LEAST_SEEN && 2 * first.rows.length >= brief.length;
  return isMost ? first : undefined;
}

/** Ids that grow much faster than the number of clients: connections are made for one command and closed. */
export const connectionPerRequest: Check = (chart) => {
  const turnover = turnoverOf(chart);
  if (!turnover || !isStream(turnover)) return [];
  const { gone, kept, seconds } = turnover;
  const perSecond = Math.round(gone / seconds);
  const maker = makerOf(chart, turnover);
  const whose = maker ? ` Most of those that were seen are of ${maker.attribution.owner}.` : '';
  const summary = `${counted(gone, 'connection')} came and went in ${formatSeconds(seconds)}, ${perSecond} in a second, and ${kept} stayed.${whose}`;
  const evidence = { gone, kept, seconds, perSecond };
  const { attribution, rows = [] } = maker ?? {};
  return [
    createFinding('connection-per-request', chart, {
      ...{ summary, evidence: { ...evidence, connections: gone }, rows },
      ...(attribution ? { attribution } : {}),
    }),
  ];
};

/** How fast connections come, and how many of them go again at once. */
export interface Turnover {
  /** Connections that came and went within the time. */
  readonly gone: number;
  /** Connections that came and are still there. */
  readonly kept: number;
  /** How long it was watched. */
  readonly seconds: number;
  /** Which ones came, of those that are still there. */
  readonly young: readonly ClientRow[];
}

/** A row to count from: old enough that its age, in whole seconds, is right to a tenth, and not of yesterday. */
const REFERENCE_AGE = { from: 10, to: 600 };

/** Between two looks that follow each other faster too little happens. */
const SHORTEST_LOOK_SECONDS = 2;

/** A row without an id, or with one that is no number of connections, tells nothing. */
function newestId(rows: readonly ClientRow[]): number {
  return rows.reduce((newest, { id }) => (Number.isSafeInteger(id) ? Math.max(newest, id) : newest), 0);
}

/** Whether it is better to count from: the oldest of the last minutes, else the youngest that is older. */
function isBetter({ age }: ClientRow, best: ClientRow | undefined): boolean {
  if (!best) return true;
  return age <= REFERENCE_AGE.to ? best.age > REFERENCE_AGE.to || age >= best.age : age <= best.age;
}

function referenceOf(rows: readonly ClientRow[]): ClientRow | undefined {
  let best: ClientRow | undefined;
  for (const row of rows) {
    const isOld = row.age >= REFERENCE_AGE.from && Number.isSafeInteger(row.id);
    if (isOld && isBetter(row, best)) best = row;
  }
  return best;
}

/**
 * Ids are given to connections only, but for modules, which take some too: then they run far ahead of the connections that
 * the server has received.
 */
function idsAreConnections({ now }: AuditContext): boolean {
  const received = numberOf(now.info, 'total_connections_received');
  return received === undefined || newestId(now.rows) <= 2 * received + 1000;
}

function fromOneLook(chart: AuditContext): Turnover | undefined {
  const { rows } = chart.now;
  const reference = referenceOf(rows);
  if (!reference || !idsAreConnections(chart)) return undefined;
  const young = rows.filter(({ id }) => id > reference.id);
  const made = newestId(rows) - reference.id;
  return { gone: made - young.length, kept: young.length, seconds: reference.age, young };
}

function fromTwoLooks({ now, earlier, elapsed }: AuditContext): Turnover | undefined {
  if (!earlier || elapsed < SHORTEST_LOOK_SECONDS) return undefined;
  const before = newestId(earlier.rows);
  const young = now.rows.filter(({ id }) => id > before);
  const [was, is] = [earlier, now].map(({ info }) => numberOf(info, 'total_connections_received'));
  const made = was === undefined || is === undefined ? newestId(now.rows) - before : is - was;
  return { gone: Math.max(0, made - young.length), kept: young.length, seconds: elapsed, young };
}

/** What ids and ages tell of the connections that nobody saw. Nothing where all of them are too young to count from. */
export function turnoverOf(chart: AuditContext): Turnover | undefined {
  return fromTwoLooks(chart) ?? fromOneLook(chart);
}

/** A pool that comes to life, or a second process, brings fewer. */
const MIN_GROWTH = 30;

/** Of one that held nothing: it may just have been started, with the reserves of some pools. */
const LEAST_OF_NEW = 50;

/** So much of what the owner held before: large services breathe by some per cent. */
const LEAST_SHARE = 0.1;

/** So many of the new ones must be out of use: a pool that grows under load uses what it makes. */
const UNUSED_SHARE = 0.5;

function leastOf(earlier: number): number {
  return earlier === 0 ? LEAST_OF_NEW : Math.max(MIN_GROWTH, LEAST_SHARE * earlier);
}

/** Owners that hold clearly more connections than at the look before, and do not use them. */
export const growth: Check = (chart) => {
  if (!chart.earlier) return [];
  const before = new Map(
    holdersOf(chart.earlierClients, chart.ownerOf).map(({ attribution, rows }) => [
      attribution.owner,
      rows.length,
    ]),
  );
  const known = new Set(chart.earlierClients.map(({ id }) => id));
  return chart.holders.flatMap(({ attribution, rows }) => {
    const earlier = before.get(attribution.owner) ?? 0;
    const grown = rows.length - earlier;
    if (grown < leastOf(earlier)) return [];
    const made = rows.filter(({ id }) => !known.has(id));
    const unused = made.filter((row) => isSilentSinceMade(row) && !row.flags.includes('b'));
    if (made.length === 0 || unused.length < UNUSED_SHARE * made.length) return [];
    const summary = `${describeHolder(attribution)} went from ${earlier} to ${counted(rows.length, 'connection')} in ${formatSeconds(chart.elapsed)}; ${unused.length} of ${made.length} new ones are not in use.`;
    const evidence = {
      ...{ connections: rows.length, earlier, grown, seconds: chart.elapsed },
      perMinute: Math.round((60 * grown) / chart.elapsed),
    };
    return [createFinding('growth', chart, { summary, evidence, attribution, rows: unused })];
  });
};
