import { LIBRARY_NAME_PREFIX } from '../../../identity/connection-name.js';
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
import { type ConnectionUse, isPingedByRuntime, useOf, wereOpenedOneByOne } from '../connection-use.js';
import type { Severity } from '../finding-table.js';
import { createFinding } from '../finding.js';
import { namePattern } from '../name-pattern.js';

/**
 * Abandoned connections of one owner. Fewer may be the idle connections of a few pools on one host: 8 per pool is common
 * (`maxIdle` of commons-pool, and so of Jedis).
 */
const MIN_ABANDONED_PER_OWNER = 50;

/**
 * Connections of one owner that were opened together and used once, as by a burst of requests: the threads of redis-py
 * leave as many as were ever busy at once.
 */
const MANY_USED_ONCE_TOGETHER = 100;

/** Connections of one owner that health checks keep alive, used or not: Redisson keeps 24 per client. */
const MANY_HEALTH_CHECKED = 200;

/** The same for redis-hygiene, whose default `limits.connections` no process exceeds. Few come near it. */
const MANY_OF_ONE_SERVICE = 100;

/** Share of connections that were opened at a second of their own. The processes of a service open several at once. */
const MIN_SEPARATE_SHARE = 0.8;

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
    const [state, cause] = describeUse(abandoned, transactions);
    const summary = `${describeHolder(holder)} opened ${formatCount(rows.length, 'connection')} and ${state}. Last commands: ${commands}.`;
    const evidence = {
      ...{ commands, name: rows[0]?.name ?? '', connectionsOfOwner: holder.rows.length },
      ...(transactions > 0 && { transactions }),
    };
    const { attribution } = holder;
    return [
      createFinding('abandoned-clients', context, {
        ...{ summary, evidence, attribution, rows, severity },
        cause: `${addressOf(holder)}${rows.length} ${cause} (${commands})`,
      }),
    ];
  });

/** What is known of the use of abandoned connections: for the summary, and in a few words. */
function describeUse({ rows, use }: Abandoned, transactions: number): readonly [string, string] {
  if (use === 'health-checked') {
    const text = 'kept alive by health checks, without any other use to be seen';
    return [`has them ${text}`, text];
  }
  if (use === 'used-once') {
    const since = 'since shortly after they were opened';
    return [`has not used them ${since}`, `not used ${since}`];
  }
  if (transactions > 0) {
    const cause =
      transactions === rows.length ? 'left in a transaction' : 'never used, or left in a transaction';
    return [
      `has not used them since: ${transactions} of them are in a transaction that was not ended`,
      cause,
    ];
  }
  const silence = rows.every(isSilentSinceMade)
    ? 'they have been idle for as long as they exist'
    : 'nothing but health checks was sent over them';
  return [`has not used them since: ${silence}`, 'never used since they were opened'];
}

interface Abandoned {
  readonly use: 'unused' | 'used-once' | 'health-checked';
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
    return { use: 'unused', rows: unused, severity: 'error' };
  }
  const usedOnce = rowsOf('unused', 'open-transaction', 'used-once');
  const minUsedOnce = wereOpenedOneByOne(usedOnce) ? MIN_ABANDONED_PER_OWNER : MANY_USED_ONCE_TOGETHER;
  if (usedOnce.length >= minimum(minUsedOnce) && areMostOfTheirName(usedOnce, holder)) {
    const use = usedOnce.length === unused.length ? 'unused' : 'used-once';
    return { use, rows: usedOnce, severity: 'warning' };
  }
  const healthChecked = rowsOf('unused', 'open-transaction', 'health-checked');
  if (healthChecked.length >= minimum(minHealthChecked(healthChecked))) {
    return { use: 'health-checked', rows: healthChecked, severity: 'warning' };
  }
  const areOfPools = isShared(holder) && !wereOpenedOneByOne(unused);
  const isEnough = unused.length >= minimum(MIN_ABANDONED_PER_OWNER) && !areOfPools;
  return isEnough ? { use: 'unused', rows: unused, severity: 'warning' } : undefined;
}

/** Number of connections that nothing but health checks is seen of from which on they are too many. */
function minHealthChecked(rows: readonly ClientRow[]): number {
  if (!rows.some(isPingedByRuntime)) return MANY_HEALTH_CHECKED;
  const ages = new Set(rows.map(({ age }) => age));
  return ages.size >= MIN_SEPARATE_SHARE * rows.length ? MIN_ABANDONED_PER_OWNER : MANY_OF_ONE_SERVICE;
}

/** Whether connections used once are the rule among those of the holder with such a name. */
function areMostOfTheirName(usedOnce: readonly ClientRow[], { rows }: ConnectionHolder): boolean {
  const pattern = namePattern(usedOnce[0]?.name ?? '');
  const named = rows.filter(({ name }) => namePattern(name) === pattern);
  return usedOnce.length >= MIN_USED_ONCE_SHARE * named.length;
}

function findOfService(
  { maxclients = DEFAULT_MAXCLIENTS }: AuditContext,
  { rows }: ConnectionHolder,
): Abandoned | undefined {
  const abandoned = rows.filter((row) => useOf(row) === 'unused' && !LIBRARY_NAME_PREFIX.test(row.name));
  const min = Math.max(MAX_ABANDONED_SHARE_PER_SERVICE * maxclients, MANY_ABANDONED_PER_OWNER);
  return abandoned.length >= min ? { use: 'unused', rows: abandoned, severity: 'error' } : undefined;
}

/** Stale connections of one owner. A service that reconnects closes its orphans itself, so fewer may soon be closed. */
const MANY_STALE_PER_OWNER = 10;

/** Connections of redis-hygiene that have missed their heartbeats, so their processes are probably gone. */
export const staleConnections: Check = (context, { heartbeatSeconds }) => {
  const stale = context.clients.filter((row) => looksStale(row, heartbeatSeconds));
  const longestIdleFirst = stale.sort((one, other) => other.idle - one.idle || one.id - other.id);
  const holders = holdersOf(longestIdleFirst, context.ownerOf).filter((holder) => !haveNoHeartbeats(holder));
  return holders.map((holder) => {
    const { attribution, rows } = holder;
    const idleSeconds = rows[0]?.idle ?? 0;
    const severity = rows.length >= MANY_STALE_PER_OWNER ? 'error' : 'warning';
    const have = rows.length === 1 ? 'has' : 'have';
    const summary = `${describeHolder(holder)} has ${formatCount(rows.length, 'connection')} that ${have} been silent for up to ${formatSeconds(idleSeconds)}. A running process sends a heartbeat over each connection every ${formatSeconds(heartbeatSeconds)}, unless its heartbeatIntervalMs is longer (--heartbeat).`;
    const evidence = { longestIdleSeconds: idleSeconds, heartbeatSeconds };
    return createFinding('stale-connections', context, { summary, evidence, attribution, rows, severity });
  });
};

/** Share of an owner's silent connections. If so many never had a heartbeat, their names only look like ours. */
const MIN_SILENT_SHARE = 0.8;

/** Whether an owner leaves many connections as they were opened, rather than to have lost a few right after that. */
function haveNoHeartbeats({ rows }: ConnectionHolder): boolean {
  const silent = rows.filter(isSilentSinceMade).length;
  return rows.length >= MANY_STALE_PER_OWNER && silent >= MIN_SILENT_SHARE * rows.length;
}

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
