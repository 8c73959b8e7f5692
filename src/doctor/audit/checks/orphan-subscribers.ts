import type { ClientRow } from '../../client-list/client-row.js';
import { isSilentSinceMade, isSubscriber, looksStale } from '../../client-list/row-activity.js';
import { counted, formatSeconds } from '../../text/quantities.js';
import type { AuditOptions, AuditContext, Check } from '../audit-context.js';
import { floorFor, groupBy, type ConnectionHolder, describeHolder } from '../connection-holders.js';
import { createFinding, type Finding } from '../finding.js';

/**
 * A subscriber that is alive and has a heartbeat at all shows it by then: 300 s at the default, where the longest
 * heartbeat of the usual clients is 60 s (`keepAlive` of StackExchange.Redis).
 */
const SILENT_HEARTBEATS = 20;

/**
 * Nobody becomes an orphan faster: the firewall has to forget first. 240 s at the default, as Azure’s load balancers,
 * which are the fastest of the large ones.
 */
const SHORTEST_ROUND_HEARTBEATS = 16;

/** Without a rhythm it takes more: processes of one host, restarted one by one, look alike. */
const MANY = 10;

/** Opened together, they may be a process with many channels. So many in one owner, all silent for so long, are asked after. */
const CROWD = { least: 20, silentSeconds: 3600 };

/** So much of them must be silent since they were made. Messages that some get and others do not tell different channels. */
const MIN_SILENT_SHARE = 0.8;

/** Connections that can be successors of each other: the same owner, subscribed to as many channels. */
function likenessOf({ name, user, db, libName, libVer, sub, psub, ssub }: ClientRow): string {
  return [name, user, db, libName, libVer, sub, psub, ssub].join(' ');
}

function byAge(one: ClientRow, other: ClientRow): number {
  return one.age - other.age || other.id - one.id;
}

/** The youngest may be alive. */
const oldestFirst = (rows: readonly ClientRow[]) => [...rows].reverse();

/** How many of them were opened at another time than the next younger one. */
function openedApart(rows: readonly ClientRow[], seconds: number): number {
  return rows.filter((row, index) => row.age - (rows[index - 1]?.age ?? 0) >= seconds).length;
}

function isPile(
  holder: ConnectionHolder,
  alike: readonly ClientRow[],
  silent: readonly ClientRow[],
  round: number,
) {
  const silentForLong = silent.filter(({ idle }) => idle >= CROWD.silentSeconds);
  return (
    (openedApart(silent, round) >= floorFor(holder, MANY) ||
      silentForLong.length >= floorFor(holder, CROWD.least)) &&
    silent.filter(isSilentSinceMade).length >= MIN_SILENT_SHARE * silent.length &&
    silent.length >= MIN_SILENT_SHARE * alike.length
  );
}

function find(
  chart: AuditContext,
  holder: ConnectionHolder,
  alike: readonly ClientRow[],
  { heartbeatSeconds }: AuditOptions,
): Finding[] {
  const silent = alike.filter(({ idle }) => idle >= SILENT_HEARTBEATS * heartbeatSeconds).sort(byAge);
  const round = SHORTEST_ROUND_HEARTBEATS * heartbeatSeconds;
  const series = findSeries(silent, round);
  const { attribution } = holder;
  const [{ sub, psub, ssub } = { sub: 0, psub: 0, ssub: 0 }] = silent;
  const channels = { sub, psub, ssub };
  const who = `${describeHolder(attribution)} has`;
  if (series) {
    const { rows, period } = series;
    const summary = `${who} ${counted(rows.length, 'subscriber')} opened one after the other, every ${formatSeconds(period)}, that say nothing: each one replaced the last, which is still open here.`;
    const evidence = { periodSeconds: period, ...channels };
    return [
      createFinding('orphan-subscribers', chart, { summary, evidence, attribution, rows: oldestFirst(rows) }),
    ];
  }
  if (!isPile(holder, alike, silent, round)) return [];
  const summary = `${who} ${counted(silent.length, 'subscriber')} that look alike (same name and user, same number of channels), nearly all of them silent since they were opened.`;
  return [
    createFinding('orphan-subscribers', chart, {
      ...{ summary, evidence: channels, attribution, rows: oldestFirst(silent), severity: 'warning' },
    }),
  ];
}

/**
 * Subscribers whose clients have gone and come back, one after the other, without telling the server (incident 2). A quiet
 * subscriber may rightly be idle for days: a rhythm gives the dead away, or their number.
 */
export const orphanSubscribers: Check = (chart, options) =>
  chart.holders.flatMap((holder) => {
    const subscribers = holder.rows.filter(
      (row) => isSubscriber(row) && !looksStale(row, options.heartbeatSeconds),
    );
    return [...groupBy(subscribers, likenessOf).values()].flatMap((alike) =>
      find(chart, holder, alike, options),
    );
  });

/** Connections that were opened in a rhythm. */
interface Series {
  readonly rows: readonly ClientRow[];
  /** Seconds from one to the next. */
  readonly period: number;
}

/** Three equal pauses: two come about when three deployments keep the same distance. */
const SERIES_LENGTH = 4;

/**
 * The keepalive of Linux with its defaults gives up after 7200 s and 9 probes, 75 s apart. Who comes back in that rhythm
 * need not show it as often.
 */
const LINUX_KEEPALIVE_SECONDS = 7200 + 9 * 75;
const LINUX_SERIES_LENGTH = 3;

/** How long a client may take to come back: in incident 2 it was 5 to 10 s. */
const COMES_BACK_SECONDS = 30;

/** How far a pause may be from the period, at most: the clocks of the kernel and of a client that sleeps. */
const TOLERANCE = { share: 0.02, leastSeconds: 1, mostSeconds: 30 };

/** The rhythm is looked for in the youngest so many. */
const MOST_ROWS = 100;

/** So many of them must keep the rhythm: among sixteen of two hours, four do by chance. */
const MIN_SERIES_SHARE = 0.5;

/** Of so many clients behind one address the rounds are told apart. */
const MOST_CLIENTS = 8;

/** A period of fewer tolerances is no rhythm: whole seconds blur it. */
const SHARP = 10;

function toleranceOf(period: number): number {
  const { share, leastSeconds, mostSeconds } = TOLERANCE;
  return Math.min(Math.max(share * period, leastSeconds), mostSeconds);
}

/** For each row the index of one that is so much older, if there is one. Rows are sorted, so one pass finds them all. */
function successors(rows: readonly ClientRow[], period: number): (number | undefined)[] {
  const tolerance = toleranceOf(period);
  let at = 0;
  return rows.map(({ age }) => {
    while (at < rows.length && (rows[at] as ClientRow).age < age + period - tolerance) at += 1;
    const isNear = at < rows.length && (rows[at] as ClientRow).age <= age + period + tolerance;
    return isNear ? at : undefined;
  });
}

/** The rows that have another one so much older or younger, and how many at most follow each other. */
function follow(rows: readonly ClientRow[], period: number): { rows: ClientRow[]; longest: number } {
  const next = successors(rows, period);
  const lengths = rows.map(() => 1);
  const members = new Set<number>();
  for (let index = rows.length - 1; index >= 0; index -= 1) {
    const older = next[index];
    if (older === undefined) continue;
    lengths[index] = 1 + (lengths[older] as number);
    members.add(index).add(older);
  }
  return {
    rows: rows.filter((_, index) => members.has(index)),
    longest: lengths.reduce((a, b) => Math.max(a, b), 0),
  };
}

/** How many must follow each other. The more there are, the more do by chance. */
function neededFor(period: number, rows: number): number {
  const isLinux = period >= LINUX_KEEPALIVE_SECONDS && period <= LINUX_KEEPALIVE_SECONDS + COMES_BACK_SECONDS;
  return Math.max(isLinux ? LINUX_SERIES_LENGTH : SERIES_LENGTH, Math.ceil(Math.sqrt(rows)) + 1);
}

/** A rhythm is one of its own multiples too: whether these rows keep a faster one, which means nothing. */
function isMultiple(rows: readonly ClientRow[], period: number, members: number, shortest: number): boolean {
  for (let part = 2; part <= MOST_CLIENTS; part += 1) {
    const faster = period / part;
    const isSharp = faster >= SHARP * toleranceOf(faster);
    if (isSharp && faster < shortest && follow(rows, faster).rows.length >= members) return true;
  }
  return false;
}

/** Pauses between rows that are near each other, each of them once. */
function periodsOf(rows: readonly ClientRow[], shortest: number): ReadonlySet<number> {
  const periods = new Set<number>();
  for (let clients = 1; clients <= MOST_CLIENTS; clients += 1) {
    rows.slice(clients).forEach(({ age }, index) => periods.add(age - (rows[index] as ClientRow).age));
  }
  return new Set([...periods].filter((period) => period >= shortest));
}

/**
 * Finds the rhythm in which most of these connections were opened, also if several clients behind one address keep it
 * at the same time.
 *
 * @param rows The youngest first.
 * @param shortest Seconds below which a rhythm means nothing.
 */
function findSeries(rows: readonly ClientRow[], shortest: number): Series | undefined {
  const young = rows.slice(0, MOST_ROWS);
  let best: Series | undefined;
  for (const period of periodsOf(young, shortest)) {
    const { rows: members, longest } = follow(young, period);
    const isMost =
      members.length >= MIN_SERIES_SHARE * young.length && members.length > (best?.rows.length ?? 0);
    if (!isMost || longest < neededFor(period, young.length)) continue;
    if (!isMultiple(young, period, members.length, shortest)) best = { rows: members, period };
  }
  return best && { ...best, rows: follow(rows, best.period).rows };
}
