import type { ClientRow } from '../../client-list/client-row.js';
import { isUnusedSinceMade, looksStale, SETTLED_SECONDS } from '../../client-list/row-activity.js';
import { formatCount, formatSeconds } from '../../text/quantities.js';
import { type AuditContext, type Check, DEFAULT_MAXCLIENTS } from '../audit-context.js';
import {
  type ConnectionHolder,
  describeHolder,
  groupBy,
  type HolderLevel,
  holdersOf,
  holderThreshold,
  judgeHolders,
  mostFrequentValues,
  serverThreshold,
} from '../connection-holders.js';
import type { Severity } from '../finding-table.js';
import { createFinding } from '../finding.js';

/**
 * Abandoned connections of one owner. Fewer may be the idle connections of a few pools on one host: 8 per pool is common
 * (`maxIdle` of commons-pool, and so of Jedis).
 */
const MIN_ABANDONED_PER_OWNER = 50;

/** Abandoned connections of one owner. No pool keeps this many idle connections. */
const MANY_ABANDONED_PER_OWNER = 200;

/** Share of `maxclients` that the owners of one service may not leave unused together, however little each one does. */
const MAX_ABANDONED_SHARE_PER_SERVICE = 0.1;

/** A connection that has done real work counts later: it may be left over from a burst and still belong to a pool. */
const USED_ONCE_MIN_AGE_SECONDS = 60;

/** Share of an owner's connections. If this many were used once, using each connection once is the rule there. */
const MIN_USED_ONCE_SHARE = 0.8;

/** Commands that clients send before anybody uses them: the handshake, including the ready check of ioredis (INFO). */
const HANDSHAKE_COMMAND = /^(|null|ping|select|auth|hello|info|command|readonly|client)(\||$)/i;

/** Connections that were opened, completed their handshake, and were never used or closed. */
export const abandonedClients: Check = (context) =>
  judgeHolders(context.holders, (holder, level) => {
    const { attribution } = holder;
    const abandoned = findAbandoned(context, holder, level);
    if (!abandoned) return [];
    const { rows, severity } = abandoned;
    const commands = mostFrequentValues(rows, ({ cmd }) => cmd || 'none');
    const summary = `${describeHolder(attribution)} opened ${formatCount(rows.length, 'connection')} and has not used them since: they have been idle for as long as they exist. Last commands: ${commands}.`;
    const cause = `${rows.length} never used since they were opened (${commands})`;
    const evidence = { commands, name: rows[0]?.name ?? '', connectionsOfOwner: holder.rows.length };
    return [
      createFinding('abandoned-clients', context, { summary, cause, evidence, attribution, rows, severity }),
    ];
  });

interface Abandoned {
  readonly rows: readonly ClientRow[];
  readonly severity: Severity;
}

function findAbandoned(
  context: AuditContext,
  holder: ConnectionHolder,
  level: HolderLevel,
): Abandoned | undefined {
  return level === 'owner' ? findAbandonedOfOwner(context, holder) : findAbandonedOfService(context, holder);
}

function findAbandonedOfOwner(context: AuditContext, holder: ConnectionHolder): Abandoned | undefined {
  const min = holderThreshold(holder, serverThreshold(context.maxclients, MIN_ABANDONED_PER_OWNER));
  const many = holderThreshold(holder, MANY_ABANDONED_PER_OWNER);
  const abandoned = largestGroupByName(holder.rows.filter(isAbandoned));
  if (abandoned.length >= many) return { rows: abandoned, severity: 'error' };
  const usedOnce = largestGroupByName(holder.rows.filter(isUsedOnce));
  const isRule = usedOnce.length >= many && usedOnce.length >= MIN_USED_ONCE_SHARE * holder.rows.length;
  if (isRule) return { rows: usedOnce, severity: 'warning' };
  return abandoned.length >= min ? { rows: abandoned, severity: 'warning' } : undefined;
}

function findAbandonedOfService(
  { maxclients = DEFAULT_MAXCLIENTS }: AuditContext,
  { rows }: ConnectionHolder,
): Abandoned | undefined {
  const abandoned = largestGroupByName(rows.filter(isAbandoned));
  const min = Math.max(MAX_ABANDONED_SHARE_PER_SERVICE * maxclients, MANY_ABANDONED_PER_OWNER);
  return abandoned.length >= min ? { rows: abandoned, severity: 'error' } : undefined;
}

function isAbandoned(row: ClientRow): boolean {
  return row.age >= SETTLED_SECONDS && isUnusedSinceMade(row) && HANDSHAKE_COMMAND.test(row.cmd);
}

function isUsedOnce(row: ClientRow): boolean {
  return row.age >= USED_ONCE_MIN_AGE_SECONDS && isUnusedSinceMade(row);
}

/**
 * The largest group of connections with the same name. A leak opens the same connection again and again, so they share one
 * name or have none. The queues of a library each have a name of their own.
 */
function largestGroupByName(rows: readonly ClientRow[]): readonly ClientRow[] {
  const groups = [...groupBy(rows, ({ name }) => name).values()];
  return groups.reduce((largest, group) => (group.length > largest.length ? group : largest), []);
}

/** Stale connections of one owner. A service that reconnects closes its orphans itself, so fewer may soon be closed. */
const MANY_STALE_PER_OWNER = 10;

/** Connections of redis-hygiene that have missed their heartbeats, so their processes are probably gone. */
export const staleConnections: Check = (context, { heartbeatSeconds }) => {
  const stale = context.clients.filter((row) => looksStale(row, heartbeatSeconds));
  const longestIdleFirst = stale.sort((one, other) => other.idle - one.idle || one.id - other.id);
  return holdersOf(longestIdleFirst, context.ownerOf).map(({ attribution, rows }) => {
    const idleSeconds = rows[0]?.idle ?? 0;
    const severity = rows.length >= MANY_STALE_PER_OWNER ? 'error' : 'warning';
    const have = rows.length === 1 ? 'has' : 'have';
    const summary = `${describeHolder(attribution)} has ${formatCount(rows.length, 'connection')} that ${have} been silent for up to ${formatSeconds(idleSeconds)}. A running process sends a heartbeat over each connection every ${formatSeconds(heartbeatSeconds)}, unless its heartbeatIntervalMs is longer (--heartbeat).`;
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
  return holdersOf(monitors, context.ownerOf).map(({ attribution, rows }) => {
    const oldestSeconds = rows.reduce((age, row) => Math.max(age, row.age), 0);
    const summary = `${describeHolder(attribution)} has had ${formatCount(rows.length, 'MONITOR connection')} open for ${formatSeconds(oldestSeconds)}.`;
    return createFinding('monitor-left-open', context, {
      summary,
      evidence: { oldestSeconds },
      attribution,
      rows,
    });
  });
};
