import type { ClientRow } from '../../client-list/client-row.js';
import { isUnusedSinceMade, mayBeSilent, SETTLED_SECONDS } from '../../client-list/row-activity.js';
import { formatCount } from '../../text/quantities.js';
import { type AuditContext, type Check, DEFAULT_MAXCLIENTS } from '../audit-context.js';
import {
  type ConnectionHolder,
  describeHolder,
  formatShareOfMaxclients,
  type HolderLevel,
  holdersOf,
  holderThreshold,
  judgeHolders,
  serverThreshold,
} from '../connection-holders.js';
import type { Severity } from '../finding-table.js';
import { createFinding } from '../finding.js';

/** Unnamed connections of one owner. Fewer are the clients and pools of a few processes on one host. */
const MIN_UNNAMED_PER_OWNER = 50;

/** Share of `maxclients`. Five owners with this many fill the server. */
const LARGE_SHARE = 0.2;

/** Share of `maxclients` that is too much for one owner even if every connection is in use. */
const HALF_SHARE = 0.5;

/** Multiple of the other owners' median. In incident 1 it was a hundred times the median. */
const FAR_BEYOND_FACTOR = 5;

/** Lower bound for the others' median: beside hosts with one connection each, five connections are not a flood. */
const MIN_TYPICAL_CONNECTIONS = 20;

/** A connection in use is used within a minute, and so is one that a pool tests while it is idle. */
const QUIET_SECONDS = 60;

/**
 * An owner with far more unnamed connections than a service needs: a large share of `maxclients`, or far more than the
 * other owners hold, and most of them not in use.
 */
export const connectionFlood: Check = (context) => {
  const unnamed = context.clients.filter(({ name }) => name === '');
  return judgeHolders(holdersOf(unnamed, context.ownerOf), (holder, level) => {
    const { attribution, rows } = holder;
    const severity = judge(context, holder, level);
    if (!severity) return [];
    const notInUse = rows.filter(isQuiet).length;
    const share = formatShareOfMaxclients(rows.length, context.maxclients);
    const summary = `${describeHolder(attribution)} holds ${formatCount(rows.length, 'unnamed connection')}${share}; ${notInUse} of them are not in use.`;
    const evidence = { notInUse, medianOfOthers: medianOfOthers(context, holder) };
    return [createFinding('connection-flood', context, { summary, evidence, attribution, rows, severity })];
  });
};

/** Connections that are used now and then are a large pool rather than a leak, as long as they do not fill the server. */
function judge(context: AuditContext, holder: ConnectionHolder, level: HolderLevel): Severity | undefined {
  const { rows } = holder;
  const threshold = serverThreshold(context.maxclients, MIN_UNNAMED_PER_OWNER);
  if (rows.length < holderThreshold(holder, threshold)) return undefined;
  const share = rows.length / (context.maxclients ?? DEFAULT_MAXCLIENTS);
  if (!isTrueOfHalf(rows, isQuiet)) return share >= HALF_SHARE ? 'warning' : undefined;
  if (share >= LARGE_SHARE) return 'error';
  if (level === 'service' || !isFarBeyondOthers(context, holder)) return undefined;
  return isTrueOfHalf(rows, isUnused) ? 'error' : 'warning';
}

/** Whether the connection has not been used since it was made, and is old enough to tell. */
function isUnused(row: ClientRow): boolean {
  return row.age >= SETTLED_SECONDS && isUnusedSinceMade(row);
}

function isQuiet(row: ClientRow): boolean {
  return isUnused(row) || (row.idle >= QUIET_SECONDS && !mayBeSilent(row));
}

/** Whether the condition holds for half of the rows or more. */
function isTrueOfHalf(rows: readonly ClientRow[], condition: (row: ClientRow) => boolean): boolean {
  return 2 * rows.filter(condition).length >= rows.length;
}

function isFarBeyondOthers(context: AuditContext, holder: ConnectionHolder): boolean {
  const typical = Math.max(medianOfOthers(context, holder), holderThreshold(holder, MIN_TYPICAL_CONNECTIONS));
  return holder.rows.length >= FAR_BEYOND_FACTOR * typical;
}

/** Median connections of the other owners, named or unnamed. */
function medianOfOthers({ holders }: AuditContext, { attribution }: ConnectionHolder): number {
  const others = holders.filter((other) => other.attribution.owner !== attribution.owner);
  return others[Math.floor(others.length / 2)]?.rows.length ?? 0;
}
