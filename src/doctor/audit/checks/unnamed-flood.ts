import type { ClientRow } from '../../client-list/client-row.js';
import { counted } from '../../text/quantities.js';
import {
  judgeHolders,
  floorFor,
  floorOn,
  type ConnectionHolder,
  holdersOf,
  type Rank,
  shareOf,
  describeHolder,
} from '../connection-holders.js';
import { type AuditContext, type Check, DEFAULT_MAXCLIENTS } from '../audit-context.js';
import type { Severity } from '../finding-table.js';
import { isUnusedSinceMade, mayBeSilent, SETTLED_SECONDS } from '../../client-list/row-activity.js';
import { createFinding } from '../finding.js';

/** Fewer are the clients and pools of some processes on one host. */
const FLOOR = 50;

/** A share of `maxclients` with which five such owners fill the server. */
const LARGE_SHARE = 0.2;

/** So much of `maxclients` is too much for one owner, also if all of it is in use. */
const HALF = 0.5;

/** So many times the median of the others. In incident 1 it was a hundred times. */
const FAR_BEYOND = 5;

/** What others are taken to hold at least: beside hosts with one connection each, five are no flood. */
const TYPICAL_OWNER = 20;

/** A connection that is in use is used within a minute, and one that a pool tests while it is idle too. */
const QUIET_SECONDS = 60;

/** Not used since it was made, and old enough to tell. */
const isUnused = (row: ClientRow) => row.age >= SETTLED_SECONDS && isUnusedSinceMade(row);

const isQuiet = (row: ClientRow) => isUnused(row) || (row.idle >= QUIET_SECONDS && !mayBeSilent(row));

/** Whether half of the rows or more are so. */
function most(rows: readonly ClientRow[], is: (row: ClientRow) => boolean): boolean {
  return 2 * rows.filter(is).length >= rows.length;
}

/** How many connections the other owners hold, with names or without. */
function medianOfOthers({ holders }: AuditContext, { attribution }: ConnectionHolder): number {
  const others = holders.filter((other) => other.attribution.owner !== attribution.owner);
  return others[Math.floor(others.length / 2)]?.rows.length ?? 0;
}

function isFarBeyond(chart: AuditContext, holder: ConnectionHolder): boolean {
  const usual = Math.max(medianOfOthers(chart, holder), floorFor(holder, TYPICAL_OWNER));
  return holder.rows.length >= FAR_BEYOND * usual;
}

/** Connections that are used now and then are a large pool rather than a leak, as long as they do not fill the server. */
function judge(chart: AuditContext, holder: ConnectionHolder, rank: Rank): Severity | undefined {
  const { rows } = holder;
  if (rows.length < floorFor(holder, floorOn(chart.maxclients, FLOOR))) return undefined;
  const share = rows.length / (chart.maxclients ?? DEFAULT_MAXCLIENTS);
  if (!most(rows, isQuiet)) return share >= HALF ? 'warning' : undefined;
  if (share >= LARGE_SHARE) return 'error';
  if (rank === 'service' || !isFarBeyond(chart, holder)) return undefined;
  return most(rows, isUnused) ? 'error' : 'warning';
}

/**
 * One owner with nameless connections, far more than a service needs: a large share of `maxclients`, or far more than
 * the others hold, and most of them not in use.
 */
export const unnamedFlood: Check = (chart) => {
  const nameless = chart.clients.filter(({ name }) => name === '');
  return judgeHolders(holdersOf(nameless, chart.ownerOf), (holder, rank) => {
    const { attribution, rows } = holder;
    const severity = judge(chart, holder, rank);
    if (!severity) return [];
    const quiet = rows.filter(isQuiet).length;
    const held = `${counted(rows.length, 'nameless connection')}${shareOf(rows.length, chart.maxclients)}`;
    const summary = `${describeHolder(attribution)} holds ${held}; ${quiet} of them are not in use.`;
    const evidence = { quiet, medianOfOthers: medianOfOthers(chart, holder) };
    return [createFinding('unnamed-flood', chart, { summary, evidence, attribution, rows, severity })];
  });
};
