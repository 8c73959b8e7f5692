import type { ClientRow } from '../../client-list/row.js';
import { looksStale } from '../../client-list/stale.js';
import { formatSeconds } from '../../group/duration.js';
import { counted } from '../../render/words.js';
import type { Check } from '../check.js';
import type { AuditOptions } from '../examination.js';
import type { Finding } from '../finding.js';
import { floorFor, gather, type Holder } from '../holders.js';
import { findSeries } from '../series.js';
import type { Chart } from '../chart.js';
import { isSilentSinceMade, isSubscriber } from '../traits.js';
import { conclude } from '../verdict.js';
import { whoIs } from '../wording.js';

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

function isPile(holder: Holder, alike: readonly ClientRow[], silent: readonly ClientRow[], round: number) {
  const silentForLong = silent.filter(({ idle }) => idle >= CROWD.silentSeconds);
  return (
    (openedApart(silent, round) >= floorFor(holder, MANY) ||
      silentForLong.length >= floorFor(holder, CROWD.least)) &&
    silent.filter(isSilentSinceMade).length >= MIN_SILENT_SHARE * silent.length &&
    silent.length >= MIN_SILENT_SHARE * alike.length
  );
}

function find(
  chart: Chart,
  holder: Holder,
  alike: readonly ClientRow[],
  { heartbeatSeconds }: AuditOptions,
): Finding[] {
  const silent = alike.filter(({ idle }) => idle >= SILENT_HEARTBEATS * heartbeatSeconds).sort(byAge);
  const round = SHORTEST_ROUND_HEARTBEATS * heartbeatSeconds;
  const series = findSeries(silent, round);
  const { claim } = holder;
  const [{ sub, psub, ssub } = { sub: 0, psub: 0, ssub: 0 }] = silent;
  const channels = { sub, psub, ssub };
  const who = `${whoIs(claim)} has`;
  if (series) {
    const { rows, period } = series;
    const summary = `${who} ${counted(rows.length, 'subscriber')} opened one after the other, every ${formatSeconds(period)}, that say nothing: each one replaced the last, which is still open here.`;
    const evidence = { periodSeconds: period, ...channels };
    return [conclude('orphan-subscribers', chart, { summary, evidence, claim, rows: oldestFirst(rows) })];
  }
  if (!isPile(holder, alike, silent, round)) return [];
  const summary = `${who} ${counted(silent.length, 'subscriber')} that look alike (same name and user, same number of channels), nearly all of them silent since they were opened.`;
  return [
    conclude('orphan-subscribers', chart, {
      ...{ summary, evidence: channels, claim, rows: oldestFirst(silent), severity: 'warning' },
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
    return [...gather(subscribers, likenessOf).values()].flatMap((alike) =>
      find(chart, holder, alike, options),
    );
  });
