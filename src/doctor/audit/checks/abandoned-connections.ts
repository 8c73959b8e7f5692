import type { ClientRow } from '../../client-list/client-row.js';
import { isSilentSinceMade, looksStale } from '../../client-list/row-activity.js';
import { formatCount, formatSeconds } from '../../text/quantities.js';
import { type AuditContext, type Check, DEFAULT_MAXCLIENTS } from '../audit-context.js';
import {
  type ConnectionHolder,
  addressOf,
  describeHolder,
  groupBy,
  holdersOf,
  holderThreshold,
  isShared,
  judgeHolders,
  largestGroupByName,
  mostFrequentValues,
  serverThreshold,
} from '../connection-holders.js';
import { type ConnectionUse, useOf, wereOpenedOneByOne } from '../connection-use.js';
import type { Severity } from '../finding-table.js';
import { createFinding } from '../finding.js';
import { namePattern } from '../name-pattern.js';

/**
 * Abandoned connections of one owner. Fewer may be the idle connections of a few pools on one host: 8 per pool is common
 * (`maxIdle` of commons-pool, and so of Jedis).
 */
const MIN_ABANDONED_PER_OWNER = 50;

/**
 * Connections of one owner that may belong to a pool, as they were used once and opened together, or are kept alive by
 * health checks: the threads of redis-py leave as many as were ever busy at once, Redisson keeps 24 per client.
 */
const MANY_PERHAPS_POOLED = 200;

/** Abandoned connections of one owner. No pool keeps this many idle connections. */
const MANY_ABANDONED_PER_OWNER = 200;

/** Share of `maxclients` that the owners of one service may not leave unused together, however little each one does. */
const MAX_ABANDONED_SHARE_PER_SERVICE = 0.1;

/** Share of an owner's connections of one name. If this many were used once, using each once is the rule there. */
const MIN_USED_ONCE_SHARE = 0.8;

/** Connections that were opened, completed their handshake, and were never used or closed. */
export const abandonedClients: Check = (context) =>
  judgeHolders(context.holders, (holder, level) => {
    const abandoned = level === 'owner' ? findAbandoned(context, holder) : findOfService(context, holder);
    if (!abandoned) return [];
    const { rows, severity } = abandoned;
    const commands = mostFrequentValues(rows, ({ cmd }) => cmd || 'none');
    const transactions = rows.filter((row) => useOf(row) === 'open-transaction').length;
    const summary = `${describeHolder(holder)} opened ${formatCount(rows.length, 'connection')} and has not used them since: ${describeSilence(rows, transactions)}. Last commands: ${commands}.`;
    const cause = `${addressOf(holder)}${rows.length} never used since they were opened (${commands})`;
    const evidence = {
      ...{ commands, name: rows[0]?.name ?? '', connectionsOfOwner: holder.rows.length },
      ...(transactions > 0 && { transactions }),
    };
    const { attribution } = holder;
    return [
      createFinding('abandoned-clients', context, { summary, cause, evidence, attribution, rows, severity }),
    ];
  });

function describeSilence(rows: readonly ClientRow[], transactions: number): string {
  if (transactions > 0) return `${transactions} of them are in a transaction that was not ended`;
  if (rows.every(isSilentSinceMade)) return 'they have been idle for as long as they exist';
  return 'nothing but health checks was sent over them';
}

interface Abandoned {
  readonly rows: readonly ClientRow[];
  readonly severity: Severity;
}

/** Groups of connections of one owner that look abandoned, the more certain ones first. */
function findAbandoned(context: AuditContext, holder: ConnectionHolder): Abandoned | undefined {
  const uses = groupBy(holder.rows, useOf);
  const rowsOf = (...wanted: readonly ConnectionUse[]) =>
    largestGroupByName(wanted.flatMap((use) => uses.get(use) ?? []));
  const minimum = (threshold: number) =>
    holderThreshold(holder, serverThreshold(context.maxclients, threshold));
  const unused = rowsOf('unused', 'open-transaction');
  if (unused.length >= holderThreshold(holder, MANY_ABANDONED_PER_OWNER)) {
    return { rows: unused, severity: 'error' };
  }
  const usedOnce = rowsOf('unused', 'open-transaction', 'used-once');
  const isRule = usedOnce.length >= MIN_USED_ONCE_SHARE * countNamedLike(usedOnce[0], holder.rows);
  const minUsedOnce = wereOpenedOneByOne(usedOnce) ? MIN_ABANDONED_PER_OWNER : MANY_PERHAPS_POOLED;
  if (isRule && usedOnce.length >= minimum(minUsedOnce)) return { rows: usedOnce, severity: 'warning' };
  const healthChecked = rowsOf('unused', 'open-transaction', 'health-checked');
  if (healthChecked.length >= minimum(MANY_PERHAPS_POOLED)) {
    return { rows: healthChecked, severity: 'warning' };
  }
  const areOfPools = isShared(holder) && !wereOpenedOneByOne(unused);
  const isEnough = unused.length >= minimum(MIN_ABANDONED_PER_OWNER) && !areOfPools;
  return isEnough ? { rows: unused, severity: 'warning' } : undefined;
}

function countNamedLike(row: ClientRow | undefined, rows: readonly ClientRow[]): number {
  const pattern = namePattern(row?.name ?? '');
  return rows.filter(({ name }) => namePattern(name) === pattern).length;
}

function findOfService(
  { maxclients = DEFAULT_MAXCLIENTS }: AuditContext,
  { rows }: ConnectionHolder,
): Abandoned | undefined {
  const unused = rows.filter((row) => useOf(row) === 'unused');
  const abandoned = largestGroupByName(unused);
  const min = Math.max(MAX_ABANDONED_SHARE_PER_SERVICE * maxclients, MANY_ABANDONED_PER_OWNER);
  return abandoned.length >= min ? { rows: abandoned, severity: 'error' } : undefined;
}

/** Stale connections of one owner. A service that reconnects closes its orphans itself, so fewer may soon be closed. */
const MANY_STALE_PER_OWNER = 10;

/** Connections of redis-hygiene that have missed their heartbeats, so their processes are probably gone. */
export const staleConnections: Check = (context, { heartbeatSeconds }) => {
  const stale = context.clients.filter((row) => looksStale(row, heartbeatSeconds));
  const longestIdleFirst = stale.sort((one, other) => other.idle - one.idle || one.id - other.id);
  return holdersOf(longestIdleFirst, context.ownerOf).map((holder) => {
    const { attribution, rows } = holder;
    const idleSeconds = rows[0]?.idle ?? 0;
    const severity = rows.length >= MANY_STALE_PER_OWNER ? 'error' : 'warning';
    const have = rows.length === 1 ? 'has' : 'have';
    const summary = `${describeHolder(holder)} has ${formatCount(rows.length, 'connection')} that ${have} been silent for up to ${formatSeconds(idleSeconds)}. A running process sends a heartbeat over each connection every ${formatSeconds(heartbeatSeconds)}, unless its heartbeatIntervalMs is longer (--heartbeat).`;
    const evidence = { longestIdleSeconds: idleSeconds, heartbeatSeconds };
    return createFinding('stale-connections', context, { summary, evidence, attribution, rows, severity });
  });
};

/** Age from which a MONITOR connection was probably forgotten: nobody reads its output for longer. */
const MIN_MONITOR_AGE_SECONDS = 600;

/** MONITOR connections that have been open for too long. */
export const monitorLeftOpen: Check = (context) => {
  const monitors = context.clients.filter(
    ({ flags, age }) => flags.includes('O') && age >= MIN_MONITOR_AGE_SECONDS,
  );
  return holdersOf(monitors, context.ownerOf).map((holder) => {
    const { attribution, rows } = holder;
    const oldestSeconds = rows.reduce((age, row) => Math.max(age, row.age), 0);
    const summary = `${describeHolder(holder)} has had ${formatCount(rows.length, 'MONITOR connection')} open for ${formatSeconds(oldestSeconds)}.`;
    return createFinding('monitor-left-open', context, {
      summary,
      evidence: { oldestSeconds },
      attribution,
      rows,
    });
  });
};
