import type { ClientRow, RowView } from '../client-list/client-row.js';
import { protectedReason, type ProtectedReason } from '../client-list/protected-rows.js';
import { isStale } from '../client-list/row-activity.js';
import type { RowFilter } from '../group/row-filter.js';
import { formatSeconds } from '../text/quantities.js';

/** Whether a connection should be closed. Gets the row as it is being read, and a copy of it. */
export type IsCandidate = (row: RowView, kept: ClientRow) => boolean;

/** Which connections should be closed, and the reason for messages. */
export interface ReapCriterion {
  readonly isCandidate: IsCandidate;
  readonly why: (row: ClientRow) => string;
}

/** Selects connections of redis-hygiene whose heartbeat has stopped, and that match the filter if there is one. */
export function selectStale(heartbeatSeconds: number, filter?: RowFilter): ReapCriterion {
  return {
    isCandidate: (row, kept) => isStale(kept, heartbeatSeconds) && (filter?.(row) ?? true),
    why: ({ idle }) =>
      `silent for ${formatSeconds(idle)}, heartbeat interval ${formatSeconds(heartbeatSeconds)}`,
  };
}

/** Selects all connections that match a filter. */
export function selectMatching(filter: RowFilter): ReapCriterion {
  return {
    isCandidate: (row) => filter(row),
    why: ({ idle }) => `silent for ${formatSeconds(idle)}, matches the filter`,
  };
}

/** A connection in the list of a server. */
export interface ListedConnection {
  readonly row: ClientRow;
  /** Whether the criterion selects the connection. */
  readonly isCandidate: boolean;
}

/** The connections of one server that are to be closed. */
export interface ReapPlan {
  /** Sorted by idle time, the longest first. */
  readonly kills: readonly PlannedKill[];
  /** Number of candidates that are never closed, by reason. */
  readonly protectedCounts: Readonly<Partial<Record<ExclusionReason, number>>>;
  /** Number of candidates beyond the limit of one run. */
  readonly deferred: number;
}

/** A connection that is to be closed. */
export interface PlannedKill {
  /** The row when the plan was made. */
  readonly row: ClientRow;
  /** The command that closes the connection. */
  readonly command: readonly string[];
  readonly why: string;
}

/** Why a candidate is not in the plan. */
export type ExclusionReason = ProtectedReason | 'self';

export interface PlanOptions {
  /** Limit of connections to close. */
  readonly max: number;
  /** Whether a row is a connection of this command. */
  readonly isSelf: (row: ClientRow) => boolean;
  /** Returns a short reason: `silent for 90s, heartbeat interval 15s`. */
  readonly why: (row: ClientRow) => string;
}

/** Decides which connections are to be closed. A pure function. */
export function planReap(
  connections: readonly ListedConnection[],
  { max, isSelf, why }: PlanOptions,
): ReapPlan {
  const protectedCounts: Partial<Record<ExclusionReason, number>> = {};
  const rows: ClientRow[] = [];
  for (const { row, isCandidate } of connections) {
    if (!isCandidate) continue;
    const reason = isSelf(row) ? 'self' : protectedReason(row);
    if (reason === undefined) rows.push(row);
    else protectedCounts[reason] = (protectedCounts[reason] ?? 0) + 1;
  }
  rows.sort((one, other) => other.idle - one.idle || one.id - other.id);
  const kills = rows.slice(0, max).map((row) => ({ row, command: killCommand(row), why: why(row) }));
  return { kills, protectedCounts, deferred: rows.length - kills.length };
}

/**
 * The command that closes one connection and no other. The server combines its filters with AND: the id, which is unique
 * until the server restarts; the address, in case it has restarted; the type, so that a client that has become a replica is
 * not closed; and SKIPME, which excludes the connection of this command. Redis 2.8.12 and later.
 */
export function killCommand({ id, addr, flags }: ClientRow): readonly string[] {
  const type = flags.includes('P') ? 'pubsub' : 'normal';
  return ['CLIENT', 'KILL', 'ID', String(id), 'ADDR', addr, 'TYPE', type, 'SKIPME', 'yes'];
}

const PLAIN_WORD = /^[\w.:/@[\]%+-]+$/;

/** A command as text for redis-cli. */
export function formatCommand(words: readonly string[]): string {
  return words.map((word) => (PLAIN_WORD.test(word) ? word : JSON.stringify(word))).join(' ');
}
