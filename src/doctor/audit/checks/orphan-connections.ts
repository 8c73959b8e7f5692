import type { ClientRow } from '../../client-list/client-row.js';
import { isSilentSinceMade, isSubscriber, looksStale } from '../../client-list/row-activity.js';
import { formatCount, formatSeconds } from '../../text/quantities.js';
import type { AuditContext, AuditOptions, Check } from '../audit-context.js';
import {
  type ConnectionHolder,
  describeHolder,
  groupBy,
  holderThreshold,
  mostFrequentValues,
} from '../connection-holders.js';
import { wereOpenedOneByOne } from '../connection-use.js';
import { createFinding, type Finding } from '../finding.js';
import { namePattern } from '../name-pattern.js';
import { findSeries, type Series } from './connection-series.js';

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

/** Silent connections opened apart, without a regular interval: processes of one host, restarted one by one, look alike. */
const MIN_OPENED_APART = 10;

/**
 * Share that must have been silent since they were opened. Messages that only some of them receive show that they listen to
 * different channels.
 */
const MIN_SILENT_SHARE = 0.8;

/** Silence from which on the number alone decides, however the connections were opened. */
const LONG_SILENCE_SECONDS = 3600;

/** So many orphans are an error, also without a regular interval. */
const MANY_ORPHANS = 200;

/** Connections for which silence is normal, so that dead ones are recognised among others of the same kind. */
interface WaitingKind {
  readonly code: 'orphan-subscribers' | 'orphan-consumers';
  readonly noun: string;
  readonly isOfKind: (row: ClientRow) => boolean;
  /** Connections of one owner that are too many if all are silent for long. */
  readonly tooMany: number;
  /** What the connections have in common, for the summary. */
  describe(rows: readonly ClientRow[]): string;
}

const subscribers: WaitingKind = {
  code: 'orphan-subscribers',
  noun: 'silent subscriber',
  isOfKind: (row) => isSubscriber(row) && !row.flags.includes('b'),
  /** A process needs one, and the processes of a host are fewer. */
  tooMany: 50,
  describe: () => 'same name and user',
};

const consumers: WaitingKind = {
  code: 'orphan-consumers',
  noun: 'blocked connection',
  isOfKind: ({ flags }) => flags.includes('b'),
  /** The workers of a host may wait without a timeout: 10 processes of Sidekiq with 10 threads. */
  tooMany: 100,
  describe: (rows) => mostFrequentValues(rows, ({ cmd }) => cmd || 'no command listed'),
};

/**
 * Subscribers whose clients have vanished and reconnected, one after the other, without telling the server (incident 2). A
 * healthy subscriber may be idle for days, so dead ones are recognised by a regular interval between them, or by their number.
 */
export const orphanSubscribers: Check = (context, options) => findOrphans(context, options, subscribers);

/** The same for blocked clients. Whatever is pushed to a list goes to the one that has waited longest, so it is lost. */
export const orphanConsumers: Check = (context, options) => findOrphans(context, options, consumers);

function findOrphans(context: AuditContext, options: AuditOptions, kind: WaitingKind): readonly Finding[] {
  return context.holders.flatMap((holder) => {
    const waiting = holder.rows.filter(
      (row) => kind.isOfKind(row) && !looksStale(row, options.heartbeatSeconds),
    );
    const series = [...groupBy(waiting, seriesKeyOf).values()].flatMap((similar) =>
      findOrphansInSeries(context, holder, silentRows(similar, options), options, kind),
    );
    if (series.length > 0) return series;
    return [...groupBy(waiting, likenessOf).values()].flatMap((similar) =>
      findManyOrphans(context, holder, similar, options, kind),
    );
  });
}

/** Key of connections that may be successors of each other: same owner, user and library, same number of channels. */
function seriesKeyOf(row: ClientRow): string {
  const { sub, psub, ssub } = row;
  return [likenessOf(row), sub, psub, ssub].join(' ');
}

/** Key of connections that the same code may have opened. Their numbers of channels may differ (ioredis#1325). */
function likenessOf({ name, user, db, libName, libVer }: ClientRow): string {
  return [namePattern(name), user, db, libName, libVer].join(' ');
}

/** Connections that have been silent for long enough to look dead, the youngest first. */
function silentRows(rows: readonly ClientRow[], { heartbeatSeconds }: AuditOptions): ClientRow[] {
  return rows.filter(({ idle }) => idle >= SILENT_HEARTBEATS * heartbeatSeconds).sort(compareByAge);
}

function compareByAge(one: ClientRow, other: ClientRow): number {
  return one.age - other.age || other.id - one.id;
}

function findOrphansInSeries(
  context: AuditContext,
  holder: ConnectionHolder,
  silent: readonly ClientRow[],
  { heartbeatSeconds }: AuditOptions,
  { code, noun }: WaitingKind,
): readonly Finding[] {
  const series: Series | undefined = findSeries(silent, MIN_INTERVAL_HEARTBEATS * heartbeatSeconds);
  if (!series) return [];
  const { rows, periodSeconds } = series;
  const summary = `${describeHolder(holder)} has ${formatCount(rows.length, noun)} that were opened one after the other, every ${formatSeconds(periodSeconds)}. Each replaced the one before, which is still open on the server.`;
  const evidence = { periodSeconds, ...channelsOf(silent) };
  const { attribution } = holder;
  return [createFinding(code, context, { summary, evidence, attribution, rows: oldestFirst(rows) })];
}

function findManyOrphans(
  context: AuditContext,
  holder: ConnectionHolder,
  similar: readonly ClientRow[],
  options: AuditOptions,
  kind: WaitingKind,
): readonly Finding[] {
  const silent = silentRows(similar, options);
  const isMost = silent.length > 0 && silent.length >= MIN_SILENT_SHARE * similar.length;
  if (!isMost || !(wereOpenedApart(holder, silent, options) || areTooMany(holder, silent, kind))) return [];
  const idleSeconds = silent.reduce((longest, { idle }) => Math.max(longest, idle), 0);
  const summary = `${describeHolder(holder)} has ${formatCount(silent.length, kind.noun)} (${kind.describe(silent)}) that have received nothing for up to ${formatSeconds(idleSeconds)}. Most of their clients are probably gone.`;
  const evidence = { longestIdleSeconds: idleSeconds, ...channelsOf(silent) };
  const severity = silent.length >= MANY_ORPHANS ? 'error' : 'warning';
  const { attribution } = holder;
  const rows = oldestFirst(silent);
  return [createFinding(kind.code, context, { summary, evidence, attribution, rows, severity })];
}

function channelsOf([row]: readonly ClientRow[]): Readonly<Record<string, number>> {
  const { sub = 0, psub = 0, ssub = 0 } = row ?? {};
  return { sub, psub, ssub };
}

/** Examples show the oldest rows, because the youngest one may be alive. */
function oldestFirst(rows: readonly ClientRow[]): readonly ClientRow[] {
  return [...rows].reverse();
}

/** Whether connections that were silent ever since were opened at many different times, as by clients that reconnect. */
function wereOpenedApart(
  holder: ConnectionHolder,
  silent: readonly ClientRow[],
  { heartbeatSeconds }: AuditOptions,
): boolean {
  return (
    countOpenedApart(silent, MIN_INTERVAL_HEARTBEATS * heartbeatSeconds) >=
      holderThreshold(holder, MIN_OPENED_APART) &&
    silent.filter(isSilentSinceMade).length >= MIN_SILENT_SHARE * silent.length
  );
}

/** Counts rows, the youngest first, of which each is older than the one counted before by at least so many seconds. */
function countOpenedApart(rows: readonly ClientRow[], seconds: number): number {
  let [count, counted] = [0, 0];
  for (const { age } of rows) {
    if (age - counted < seconds) continue;
    count += 1;
    counted = age;
  }
  return count;
}

/** Whether there are many, all silent for long, or for a shorter time but opened one by one. */
function areTooMany(
  holder: ConnectionHolder,
  silent: readonly ClientRow[],
  { tooMany }: WaitingKind,
): boolean {
  const min = holderThreshold(holder, tooMany);
  const silentForLong = silent.filter(({ idle }) => idle >= LONG_SILENCE_SECONDS);
  if (silentForLong.length >= min) return true;
  return silent.length >= min && silent.every(isSilentSinceMade) && wereOpenedOneByOne(silent);
}
