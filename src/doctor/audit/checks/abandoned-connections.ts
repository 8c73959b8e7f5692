import type { ClientRow } from '../../client-list/client-row.js';
import { isUnusedSinceMade, looksStale, SETTLED_SECONDS } from '../../client-list/row-activity.js';
import { counted, formatSeconds } from '../../text/quantities.js';
import { type AuditContext, type Check, DEFAULT_MAXCLIENTS } from '../audit-context.js';
import {
  judgeHolders,
  floorFor,
  floorOn,
  groupBy,
  type ConnectionHolder,
  holdersOf,
  type Rank,
  countValues,
  describeHolder,
} from '../connection-holders.js';
import type { Severity } from '../finding-table.js';
import { createFinding } from '../finding.js';

/** More than the idle reserves of some pools on one host: 8 is a usual one (`maxIdle` of commons-pool, so of Jedis). */
const SEVERAL = 50;

/** No reserve is so large. */
const MANY_ABANDONED = 200;

/** So much of `maxclients` the owners of one service may not leave unused together, however little each one does. */
const LARGE_SHARE = 0.1;

/** A connection that has done real work is given more time: it may be the rest of a burst, which a pool still keeps. */
const UNUSED_SECONDS = 60;

/** Where connections that were used once are so much of all that an owner has, using them once is the rule there. */
const RULE_SHARE = 0.8;

/** What a client says before anybody uses it: the handshake, and the ready check of ioredis (INFO) among it. */
const HANDSHAKE = /^(|null|ping|select|auth|hello|info|command|readonly|client)(\||$)/i;

const isAbandoned = (row: ClientRow) =>
  row.age >= SETTLED_SECONDS && isUnusedSinceMade(row) && HANDSHAKE.test(row.cmd);
const isUsedOnce = (row: ClientRow) => row.age >= UNUSED_SECONDS && isUnusedSinceMade(row);

/** A leak makes the same connection again and again: they have one name, or none. A library’s queues have one each. */
function largestOfOneName(rows: readonly ClientRow[]): readonly ClientRow[] {
  const groups = [...groupBy(rows, ({ name }) => name).values()];
  return groups.reduce((largest, group) => (group.length > largest.length ? group : largest), []);
}

interface Abandoned {
  readonly rows: readonly ClientRow[];
  readonly severity: Severity;
}

function ofService(
  { maxclients = DEFAULT_MAXCLIENTS }: AuditContext,
  { rows }: ConnectionHolder,
): Abandoned | undefined {
  const abandoned = largestOfOneName(rows.filter(isAbandoned));
  const isMuch = abandoned.length >= Math.max(LARGE_SHARE * maxclients, MANY_ABANDONED);
  return isMuch ? { rows: abandoned, severity: 'error' } : undefined;
}

function ofOwner(chart: AuditContext, holder: ConnectionHolder): Abandoned | undefined {
  const [several, many] = [
    floorFor(holder, floorOn(chart.maxclients, SEVERAL)),
    floorFor(holder, MANY_ABANDONED),
  ];
  const abandoned = largestOfOneName(holder.rows.filter(isAbandoned));
  if (abandoned.length >= many) return { rows: abandoned, severity: 'error' };
  const once = largestOfOneName(holder.rows.filter(isUsedOnce));
  const isRule = once.length >= many && once.length >= RULE_SHARE * holder.rows.length;
  if (isRule) return { rows: once, severity: 'warning' };
  return abandoned.length >= several ? { rows: abandoned, severity: 'warning' } : undefined;
}

function judge(chart: AuditContext, holder: ConnectionHolder, rank: Rank): Abandoned | undefined {
  return rank === 'owner' ? ofOwner(chart, holder) : ofService(chart, holder);
}

/** Connections that were made, greeted the server, and were never used or closed. */
export const abandonedClients: Check = (chart) =>
  judgeHolders(chart.holders, (holder, rank) => {
    const { attribution } = holder;
    const found = judge(chart, holder, rank);
    if (!found) return [];
    const { rows, severity } = found;
    const commands = countValues(rows, ({ cmd }) => cmd || 'none');
    const summary = `${describeHolder(attribution)} made ${counted(rows.length, 'connection')} and has not used them since: they have been idle as long as they are old. Last commands: ${commands}.`;
    const evidence = { commands, name: rows[0]?.name ?? '', connectionsOfOwner: holder.rows.length };
    return [createFinding('abandoned-clients', chart, { summary, evidence, attribution, rows, severity })];
  });

/** A service has its orphans closed when it has connected again. Fewer may be about to be. */
const MANY_STALE = 10;

/** Connections of redis-hygiene whose processes would have been heard of, if they were still there. */
export const staleConnections: Check = (chart, { heartbeatSeconds }) => {
  const stale = chart.clients.filter((row) => looksStale(row, heartbeatSeconds));
  const silentFirst = stale.sort((one, other) => other.idle - one.idle || one.id - other.id);
  return holdersOf(silentFirst, chart.ownerOf).map(({ attribution, rows }) => {
    const idle = rows[0]?.idle ?? 0;
    const severity = rows.length >= MANY_STALE ? 'error' : 'warning';
    const have = rows.length === 1 ? 'has' : 'have';
    const summary = `${describeHolder(attribution)} has ${counted(rows.length, 'connection')} that ${have} sent nothing for up to ${formatSeconds(idle)}. A living process sends a heartbeat over each every ${formatSeconds(heartbeatSeconds)} (--heartbeat).`;
    const evidence = { longestIdleSeconds: idle, heartbeatSeconds };
    return createFinding('stale-connections', chart, { summary, evidence, attribution, rows, severity });
  });
};

/** Nobody reads along for longer. */
const LEFT_SECONDS = 600;

/** MONITOR connections that are no look in passing. */
export const monitorLeftOpen: Check = (chart) => {
  const monitors = chart.clients.filter(({ flags, age }) => flags.includes('O') && age >= LEFT_SECONDS);
  return holdersOf(monitors, chart.ownerOf).map(({ attribution, rows }) => {
    const oldest = rows.reduce((age, row) => Math.max(age, row.age), 0);
    const summary = `${describeHolder(attribution)} has had ${counted(rows.length, 'MONITOR')} open for ${formatSeconds(oldest)}.`;
    return createFinding('monitor-left-open', chart, {
      summary,
      evidence: { oldestSeconds: oldest },
      attribution,
      rows,
    });
  });
};
