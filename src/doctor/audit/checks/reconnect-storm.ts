import type { ClientRow } from '../../client-list/client-row.js';
import { formatCount, formatPercent, formatSeconds } from '../../text/quantities.js';
import type { AuditContext, Check } from '../audit-context.js';
import { type ConnectionHolder, holdersOf } from '../connection-holders.js';
import { createFinding, type Finding } from '../finding.js';
import { isHighTurnover, turnoverOf } from './connection-churn.js';

/** Reconnected connections. Fewer have no noticeable effect. */
const MIN_RECONNECTED = 50;

/** Share of all connections that reconnected. */
const MIN_RECONNECTED_SHARE = 0.5;

/** Owners that reconnected: the restart of one service is not a storm. */
const MIN_OWNERS = 5;

/** Share of the largest owner: a fleet in which one owner reconnected most is not a storm either. */
const MAX_SHARE_OF_ONE_OWNER = 0.5;

/**
 * Connections opened within this time count as opened together: the longest backoff of ioredis is 2 s, of redis-hygiene
 * 10 s.
 */
const TOGETHER_SECONDS = 30;

/** A server that has just been started has only young connections. */
const MIN_UPTIME_SECONDS = 600;

/** Most connections, of many owners, were opened anew at the same time, on a server that has been up for longer. */
export const reconnectStorm: Check = (context) => {
  const turnover = turnoverOf(context);
  // If connections last for one request, most of them are always young.
  if (turnover && isHighTurnover(turnover)) return [];
  const age = formatSeconds(TOGETHER_SECONDS);
  const findings = findStorm(
    context,
    reconnectedInOneSnapshot(context),
    `are less than ${age} old, although the server has been up for longer`,
  );
  if (!context.earlier || findings.length > 0) return findings;
  const elapsed = formatSeconds(context.elapsedSeconds);
  return findStorm(
    context,
    reconnectedBetweenSnapshots(context),
    `were lost within ${elapsed}, and their owners have reconnected`,
  );
};

/** The connections of a possible storm, and all that they are compared with. */
interface Reconnected {
  readonly rows: readonly ClientRow[];
  readonly all: readonly ClientRow[];
}

function reconnectedInOneSnapshot({ clients, uptimeSeconds }: AuditContext): Reconnected {
  const young = clients.filter(({ age }) => age < TOGETHER_SECONDS);
  return { rows: uptimeSeconds >= MIN_UPTIME_SECONDS ? young : [], all: clients };
}

/** Connections that were not young in the first snapshot and are gone in the second, while their owners have new ones. */
function reconnectedBetweenSnapshots({ clients, earlierClients, ownerOf }: AuditContext): Reconnected {
  const settled = earlierClients.filter(({ age }) => age >= TOGETHER_SECONDS);
  const [idsNow, idsBefore] = [clients, earlierClients].map((rows) => new Set(rows.map(({ id }) => id)));
  const newRows = clients.filter(({ id }) => !idsBefore?.has(id));
  const ownersWithNewRows = new Set(newRows.map((row) => ownerOf(row).owner));
  const lost = settled.filter((row) => !idsNow?.has(row.id) && ownersWithNewRows.has(ownerOf(row).owner));
  return { rows: lost, all: settled };
}

function findStorm(context: AuditContext, { rows, all }: Reconnected, what: string): readonly Finding[] {
  const holders = holdersOf(rows, context.ownerOf);
  if (!isStorm(rows, all, holders)) return [];
  const share = formatPercent(rows.length / all.length);
  const summary = `${formatCount(rows.length, 'connection')} of ${formatCount(holders.length, 'owner')} (${share} of all) ${what}.`;
  const evidence = { owners: holders.length, of: all.length };
  return [createFinding('reconnect-storm', context, { summary, evidence, rows })];
}

function isStorm(
  rows: readonly ClientRow[],
  all: readonly ClientRow[],
  holders: readonly ConnectionHolder[],
): boolean {
  const largest = holders[0]?.rows.length ?? 0;
  return (
    rows.length >= MIN_RECONNECTED &&
    rows.length >= MIN_RECONNECTED_SHARE * all.length &&
    holders.length >= MIN_OWNERS &&
    largest <= MAX_SHARE_OF_ONE_OWNER * rows.length
  );
}
