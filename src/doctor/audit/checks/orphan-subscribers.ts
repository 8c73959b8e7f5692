import type { ClientRow } from '../../client-list/client-row.js';
import { isSilentSinceMade, isSubscriber, looksStale } from '../../client-list/row-activity.js';
import { formatCount, formatSeconds } from '../../text/quantities.js';
import type { AuditContext, AuditOptions, Check } from '../audit-context.js';
import { type ConnectionHolder, describeHolder, groupBy, holderThreshold } from '../connection-holders.js';
import { createFinding, type Finding } from '../finding.js';

/**
 * Heartbeats of silence after which a live subscriber with any heartbeat would have shown it: 300 s at the default, where
 * the longest heartbeat of the usual clients is 60 s (`keepAlive` of StackExchange.Redis).
 */
const SILENT_HEARTBEATS = 20;

/**
 * Shortest interval between two orphans, in heartbeats: the firewall has to forget the session first. 240 s at the default,
 * as on Azure’s load balancers, which forget the fastest among the large ones.
 */
const MIN_INTERVAL_HEARTBEATS = 16;

/** Silent subscribers opened apart, without a regular interval: processes of one host, restarted one by one, look alike. */
const MIN_OPENED_APART = 10;

/**
 * Subscribers opened together may be a process with many channels. This many of one owner, all silent for this long, are
 * reported all the same.
 */
const LARGE_GROUP = { minCount: 20, minSilentSeconds: 3600 };

/**
 * Share that must have been silent since they were opened. Messages that only some of them receive show that they listen to
 * different channels.
 */
const MIN_SILENT_SHARE = 0.8;

/**
 * Subscribers whose clients have vanished and reconnected, one after the other, without telling the server (incident 2). A
 * healthy subscriber may be idle for days, so dead ones are recognised by a regular interval between them, or by their number.
 */
export const orphanSubscribers: Check = (context, options) =>
  context.holders.flatMap((holder) => {
    const subscribers = holder.rows.filter(
      (row) => isSubscriber(row) && !looksStale(row, options.heartbeatSeconds),
    );
    return [...groupBy(subscribers, similarityKeyOf).values()].flatMap((similar) =>
      findOrphans(context, holder, similar, options),
    );
  });

/** Key of connections that may be successors of each other: same owner, user and library, same number of channels. */
function similarityKeyOf({ name, user, db, libName, libVer, sub, psub, ssub }: ClientRow): string {
  return [name, user, db, libName, libVer, sub, psub, ssub].join(' ');
}

function findOrphans(
  context: AuditContext,
  holder: ConnectionHolder,
  similar: readonly ClientRow[],
  { heartbeatSeconds }: AuditOptions,
): Finding[] {
  const { attribution } = holder;
  const silent = similar
    .filter(({ idle }) => idle >= SILENT_HEARTBEATS * heartbeatSeconds)
    .sort(compareByAge);
  const minIntervalSeconds = MIN_INTERVAL_HEARTBEATS * heartbeatSeconds;
  const series = findSeries(silent, minIntervalSeconds);
  const [{ sub, psub, ssub } = { sub: 0, psub: 0, ssub: 0 }] = silent;
  const channels = { sub, psub, ssub };
  const owner = describeHolder(attribution);
  if (series) {
    const { rows, periodSeconds } = series;
    const summary = `${owner} has ${formatCount(rows.length, 'silent subscriber')} that were opened one after the other, every ${formatSeconds(periodSeconds)}. Each replaced the one before, which is still open on the server.`;
    const evidence = { periodSeconds, ...channels };
    return [
      createFinding('orphan-subscribers', context, {
        ...{ summary, evidence, attribution, rows: oldestFirst(rows) },
      }),
    ];
  }
  if (!isLargeSilentGroup(holder, similar, silent, minIntervalSeconds)) return [];
  const summary = `${owner} has ${formatCount(silent.length, 'similar subscriber')} (same name and user, same number of channels), and nearly all of them have been silent since they were opened.`;
  return [
    createFinding('orphan-subscribers', context, {
      ...{ summary, evidence: channels, attribution, rows: oldestFirst(silent), severity: 'warning' },
    }),
  ];
}

function compareByAge(one: ClientRow, other: ClientRow): number {
  return one.age - other.age || other.id - one.id;
}

/** Examples show the oldest rows, because the youngest one may be alive. */
function oldestFirst(rows: readonly ClientRow[]): readonly ClientRow[] {
  return [...rows].reverse();
}

/** Whether there are many silent subscribers, opened apart or silent for long, and few others like them. */
function isLargeSilentGroup(
  holder: ConnectionHolder,
  similar: readonly ClientRow[],
  silent: readonly ClientRow[],
  minIntervalSeconds: number,
): boolean {
  const silentForLong = silent.filter(({ idle }) => idle >= LARGE_GROUP.minSilentSeconds);
  return (
    (countOpenedApart(silent, minIntervalSeconds) >= holderThreshold(holder, MIN_OPENED_APART) ||
      silentForLong.length >= holderThreshold(holder, LARGE_GROUP.minCount)) &&
    silent.filter(isSilentSinceMade).length >= MIN_SILENT_SHARE * silent.length &&
    silent.length >= MIN_SILENT_SHARE * similar.length
  );
}

/** Counts rows that are older than the next younger one by at least so many seconds. */
function countOpenedApart(rows: readonly ClientRow[], seconds: number): number {
  return rows.filter((row, index) => row.age - (rows[index - 1]?.age ?? 0) >= seconds).length;
}

/** Connections that were opened at a regular interval. */
interface Series {
  readonly rows: readonly ClientRow[];
  /** Seconds from one connection to the next. */
  readonly periodSeconds: number;
}

/** Connections in a row with equal intervals. Three (two intervals) occur when three deployments keep the same distance. */
const MIN_SERIES_LENGTH = 4;

/**
 * The keepalive of Linux with its defaults gives up after 7200 s and 9 probes, 75 s apart. A client that reconnects at this
 * interval needs fewer repetitions to prove it.
 */
const LINUX_KEEPALIVE_SECONDS = 7200 + 9 * 75;
const MIN_LINUX_SERIES_LENGTH = 3;

/** How long a client may take to reconnect. In incident 2 it took 5 to 10 s. */
const MAX_RECONNECT_SECONDS = 30;

/** How far an interval may be from the period: inaccuracies of kernel timers and of a client that sleeps. */
const TOLERANCE = { share: 0.02, minSeconds: 1, maxSeconds: 30 };

/** The period is searched among this many of the youngest rows. */
const MAX_SEARCHED_ROWS = 100;

/** Share of the rows that must keep the period: among sixteen rows within two hours, four do so by chance. */
const MIN_SERIES_SHARE = 0.5;

/** Clients behind one address whose series can be told apart. */
const MAX_CLIENTS = 8;

/** A period must be this many times its tolerance: ages in whole seconds blur shorter ones. */
const MIN_PERIOD_IN_TOLERANCES = 10;

/**
 * Finds the interval at which most of these connections were opened. Several clients behind one address may keep it at the
 * same time.
 *
 * @param rows The youngest first.
 * @param minSeconds Shortest period that counts.
 */
function findSeries(rows: readonly ClientRow[], minSeconds: number): Series | undefined {
  const young = rows.slice(0, MAX_SEARCHED_ROWS);
  let best: Series | undefined;
  for (const periodSeconds of candidatePeriods(young, minSeconds)) {
    const { rows: members, longestChain } = rowsInPeriod(young, periodSeconds);
    const hasMost =
      members.length >= MIN_SERIES_SHARE * young.length && members.length > (best?.rows.length ?? 0);
    if (!hasMost || longestChain < minChainLength(periodSeconds, young.length)) continue;
    if (!isMultipleOfShorterPeriod(young, periodSeconds, members.length, minSeconds)) {
      best = { rows: members, periodSeconds };
    }
  }
  return best && { ...best, rows: rowsInPeriod(rows, best.periodSeconds).rows };
}

/** The distinct intervals between rows that are at most `MAX_CLIENTS` apart in the list. */
function candidatePeriods(rows: readonly ClientRow[], minSeconds: number): ReadonlySet<number> {
  const periods = new Set<number>();
  for (let distance = 1; distance <= MAX_CLIENTS; distance += 1) {
    rows.slice(distance).forEach(({ age }, index) => periods.add(age - (rows[index] as ClientRow).age));
  }
  return new Set([...periods].filter((period) => period >= minSeconds));
}

/** The rows that have another row one period older or younger, and the length of the longest chain of such rows. */
function rowsInPeriod(
  rows: readonly ClientRow[],
  periodSeconds: number,
): { readonly rows: readonly ClientRow[]; readonly longestChain: number } {
  const olderIndexes = indexesOfOlderRows(rows, periodSeconds);
  const chainLengths = rows.map(() => 1);
  const members = new Set<number>();
  for (let index = rows.length - 1; index >= 0; index -= 1) {
    const older = olderIndexes[index];
    if (older === undefined) continue;
    chainLengths[index] = 1 + (chainLengths[older] as number);
    members.add(index).add(older);
  }
  return {
    rows: rows.filter((_, index) => members.has(index)),
    longestChain: chainLengths.reduce((longest, length) => Math.max(longest, length), 0),
  };
}

/** For each row the index of a row that is one period older, if there is one. One pass suffices, since rows are sorted. */
function indexesOfOlderRows(
  rows: readonly ClientRow[],
  periodSeconds: number,
): readonly (number | undefined)[] {
  const tolerance = toleranceOf(periodSeconds);
  let next = 0;
  return rows.map(({ age }) => {
    const [min, max] = [age + periodSeconds - tolerance, age + periodSeconds + tolerance];
    while (next < rows.length && (rows[next] as ClientRow).age < min) next += 1;
    const isNear = next < rows.length && (rows[next] as ClientRow).age <= max;
    return isNear ? next : undefined;
  });
}

function toleranceOf(periodSeconds: number): number {
  const { share, minSeconds, maxSeconds } = TOLERANCE;
  return Math.min(Math.max(share * periodSeconds, minSeconds), maxSeconds);
}

/** Rows that must follow each other. The more rows there are, the longer are chains that occur by chance. */
function minChainLength(periodSeconds: number, rowCount: number): number {
  const isLinuxKeepalive =
    periodSeconds >= LINUX_KEEPALIVE_SECONDS &&
    periodSeconds <= LINUX_KEEPALIVE_SECONDS + MAX_RECONNECT_SECONDS;
  return Math.max(
    isLinuxKeepalive ? MIN_LINUX_SERIES_LENGTH : MIN_SERIES_LENGTH,
    Math.ceil(Math.sqrt(rowCount)) + 1,
  );
}

/**
 * Whether these rows also keep a shorter period, below `minSeconds`. Rows of a regular interval keep its multiples too, and
 * a period that is too short does not count.
 */
function isMultipleOfShorterPeriod(
  rows: readonly ClientRow[],
  periodSeconds: number,
  memberCount: number,
  minSeconds: number,
): boolean {
  for (let divisor = 2; divisor <= MAX_CLIENTS; divisor += 1) {
    const shorter = periodSeconds / divisor;
    const isSharp = shorter >= MIN_PERIOD_IN_TOLERANCES * toleranceOf(shorter);
    if (isSharp && shorter < minSeconds && rowsInPeriod(rows, shorter).rows.length >= memberCount)
      return true;
  }
  return false;
}
