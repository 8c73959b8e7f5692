import type { ClientRow } from '../../client-list/client-row.js';
import { formatCount, formatPercent } from '../../text/quantities.js';
import { type AuditContext, type Check, DEFAULT_MAXCLIENTS } from '../audit-context.js';
import {
  addressOf,
  type ConnectionHolder,
  describeHolder,
  formatShareOfMaxclients,
  type HolderLevel,
  holderThreshold,
  isShared,
  judgeHolders,
  largestGroupByName,
  serverThreshold,
} from '../connection-holders.js';
import { isNeverUsed, isQuiet, isWaitingForGood, useOf } from '../connection-use.js';
import type { Severity } from '../finding-table.js';
import { createFinding } from '../finding.js';

/** Connections of one owner. Fewer are the clients and pools of a few processes on one host, on a server of any size. */
const MIN_CONNECTIONS_PER_OWNER = 50;

/** Connections of one owner that are hardly used. The pools of a host are smaller, also those that nobody uses. */
const MANY_UNUSED = 100;

/**
 * Connections of one owner, in use or not. The largest pools and worker fleets of one host stay below: 64 for each client
 * of Redisson, 10 per core in go-redis, some hundreds of php-fpm workers.
 */
const MANY_IN_USE = 500;

/**
 * Connections of one owner that only wait. A client needs one subscriber for all of its channels, a worker blocks for some
 * seconds (2 in Sidekiq, 10 in BullMQ), and a host has some dozens of processes.
 */
const MANY_WAITING = 100;

/** Subscribers of one owner with a name of redis-hygiene: a process has one. */
const MANY_SUBSCRIBERS_OF_ONE_SERVICE = 50;

/** Share of `maxclients`. Five owners with this many fill the server. */
const LARGE_SHARE = 0.2;

/** Share of `maxclients` that is too much for one owner even if every connection is in use. */
const HALF_SHARE = 0.5;

/** Multiple of the median of other owners, for servers whose owners all have large pools. */
const FAR_BEYOND_FACTOR = 2;

/**
 * An owner with far more connections than a service needs, whatever their names. The less they are used, the fewer are too
 * many: hardly used ones are judged by their number, those in use by their number beside the other owners.
 */
export const connectionFlood: Check = (context) => {
  const typical = medianOfOrdinaryHolders(context.holders);
  return judgeHolders(context.holders, (holder, level) => {
    const figures = countUses(holder.rows);
    const severity = judge(context, holder, figures, level, typical);
    if (!severity) return [];
    const { attribution, rows } = holder;
    const { notInUse, waiting, unnamed } = figures;
    const share = formatShareOfMaxclients(rows.length, context.maxclients);
    const counted = formatCount(rows.length, unnamed === rows.length ? 'unnamed connection' : 'connection');
    const waitingText = 2 * waiting >= rows.length ? `, ${waiting} only wait for messages or jobs` : '';
    const summary = `${describeHolder(holder)} holds ${counted}${share}; ${notInUse} of them are not in use${waitingText}.`;
    const ofMaxclients = context.maxclients
      ? ` (${formatPercent(rows.length / context.maxclients)} of maxclients)`
      : '';
    const named =
      unnamed === rows.length ? `${unnamed} without a name` : formatCount(rows.length, 'connection');
    const cause = `${addressOf(holder)}${named}${ofMaxclients}, ${notInUse} not in use${waitingText}`;
    const evidence = { notInUse, waiting, unnamed, medianOfOthers: typical };
    return [
      createFinding('connection-flood', context, { summary, cause, evidence, attribution, rows, severity }),
    ];
  });
};

interface UseCounts {
  /** Never used since they were opened, or left in a transaction, and named alike. */
  readonly unused: number;
  /** Not used at present. */
  readonly notInUse: number;
  readonly subscribed: number;
  /** Subscribed, or blocked without a timeout. */
  readonly waiting: number;
  /** Workers that block for some seconds at a time. */
  readonly working: number;
  readonly unnamed: number;
}

function countUses(rows: readonly ClientRow[]): UseCounts {
  const unused: ClientRow[] = [];
  let [notInUse, subscribed, waiting, working, unnamed] = [0, 0, 0, 0, 0];
  for (const row of rows) {
    const use = useOf(row);
    if (isNeverUsed(use)) unused.push(row);
    if (use === 'subscribed') subscribed += 1;
    if (isWaitingForGood(row, use)) waiting += 1;
    else if (use === 'blocked') working += 1;
    if (isQuiet(row, use)) notInUse += 1;
    if (row.name === '') unnamed += 1;
  }
  return { unused: largestGroupByName(unused).length, notInUse, subscribed, waiting, working, unnamed };
}

function judge(
  context: AuditContext,
  holder: ConnectionHolder,
  { unused, notInUse, subscribed, waiting, working }: UseCounts,
  level: HolderLevel,
  typical: number,
): Severity | undefined {
  const count = holder.rows.length;
  const exceeds = (threshold: number) =>
    count >= holderThreshold(holder, serverThreshold(context.maxclients, threshold));
  if (!exceeds(MIN_CONNECTIONS_PER_OWNER)) return undefined;
  const share = count / (context.maxclients ?? DEFAULT_MAXCLIENTS);
  const isHalf = (part: number) => 2 * part >= count;
  if (isHalf(unused) && share >= LARGE_SHARE) return 'error';
  if (isHalf(unused) && level === 'owner' && exceeds(MANY_UNUSED)) return 'error';
  if (isShared(holder)) return undefined; // what several clients use or keep together is no fault of one of them
  if (isHalf(notInUse) && share >= LARGE_SHARE && count >= MANY_IN_USE) return 'error';
  if (share >= HALF_SHARE) return 'warning';
  if (level === 'service') return undefined;
  if (waiting >= MANY_WAITING) return 'warning';
  const isOurs = holder.attribution.source === 'name';
  if (isOurs && subscribed >= MANY_SUBSCRIBERS_OF_ONE_SERVICE) return 'warning';
  const inUse = count - working;
  return inUse >= MANY_IN_USE && inUse >= FAR_BEYOND_FACTOR * typical ? 'warning' : undefined;
}

/** Median connections of the owners that do not hold very many. Several floods of like size must not hide each other. */
function medianOfOrdinaryHolders(holders: readonly ConnectionHolder[]): number {
  const ordinary = holders.filter(({ rows }) => rows.length < MANY_IN_USE);
  return ordinary[Math.floor(ordinary.length / 2)]?.rows.length ?? 0;
}
