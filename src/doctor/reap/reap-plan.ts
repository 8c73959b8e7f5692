import type { ClientRow, RowView } from '../client-list/client-row.js';
import { protectedReason, type ProtectedReason } from '../client-list/protected-rows.js';
import { isStale } from '../client-list/row-activity.js';
import type { Filter } from '../group/row-filter.js';
import { formatSeconds } from '../text/quantities.js';

/** A connection as a server showed it. */
export interface ListedConnection {
  readonly row: ClientRow;
  /** Whether it is one of those that are to be closed. */
  readonly named: boolean;
}

/** One connection that is to be closed. */
export interface PlannedKill {
  /** As it was when the plan was made. */
  readonly row: ClientRow;
  /** What will be sent. */
  readonly command: readonly string[];
  readonly why: string;
}

/** Why a connection that was named is not in the plan. */
export type SparedReason = ProtectedReason | 'self';

/** What would be closed on one server. */
export interface ReapPlan {
  /** The longest silent first. */
  readonly kills: readonly PlannedKill[];
  /** How many were named and are never closed, by reason. */
  readonly spared: Readonly<Partial<Record<SparedReason, number>>>;
  /** How many more were named than may be closed in one run. */
  readonly left: number;
}

export interface PlanOptions {
  /** The most connections that may be closed. */
  readonly max: number;
  /** Whether it is the connection that asks. */
  readonly isSelf: (row: ClientRow) => boolean;
  /** One phrase for people: `silent for 90s, three heartbeats are 45s`. */
  readonly why: (row: ClientRow) => string;
}

/** Decides what is to be closed. Pure: the same rows give the same plan. */
export function planReap(seen: readonly ListedConnection[], { max, isSelf, why }: PlanOptions): ReapPlan {
  const spared: Partial<Record<SparedReason, number>> = {};
  const doomed: ClientRow[] = [];
  for (const { row, named } of seen) {
    if (!named) continue;
    const reason = isSelf(row) ? 'self' : protectedReason(row);
    if (reason === undefined) doomed.push(row);
    else spared[reason] = (spared[reason] ?? 0) + 1;
  }
  doomed.sort((one, other) => other.idle - one.idle || one.id - other.id);
  const kills = doomed.slice(0, max).map((row) => ({ row, command: killCommand(row), why: why(row) }));
  return { kills, spared, left: doomed.length - kills.length };
}

/**
 * The command that closes one connection and no other. The server ANDs its filters: the id, which is given once in each
 * run of the server; the address, should the server have been restarted; the type, so that what has become a replica
 * is not hit; and never the connection that asks. Redis 2.8.12 and later.
 */
export function killCommand({ id, addr, flags }: ClientRow): readonly string[] {
  const type = flags.includes('P') ? 'pubsub' : 'normal';
  return ['CLIENT', 'KILL', 'ID', String(id), 'ADDR', addr, 'TYPE', type, 'SKIPME', 'yes'];
}

const PLAIN = /^[\w.:/@[\]%+-]+$/;

/** A command as redis-cli takes it. */
export function formatCommand(words: readonly string[]): string {
  return words.map((word) => (PLAIN.test(word) ? word : JSON.stringify(word))).join(' ');
}

/** Which connections are to be closed, and how people are told why. */
export interface Criterion {
  readonly isNamed: IsCandidate;
  readonly why: (row: ClientRow) => string;
}

/** Connections of redis-hygiene whose heartbeat has stopped; only those that fit, where there is a filter. */
export function staleOnes(heartbeatSeconds: number, filter?: Filter): Criterion {
  return {
    isNamed: (row, kept) => isStale(kept, heartbeatSeconds) && (filter?.(row) ?? true),
    why: ({ idle }) =>
      `silent for ${formatSeconds(idle)}, its heartbeat is ${formatSeconds(heartbeatSeconds)}`,
  };
}

/** Whatever fits a filter. */
export function fittingOnes(filter: Filter): Criterion {
  return {
    isNamed: (row) => filter(row),
    why: ({ idle }) => `silent for ${formatSeconds(idle)}, fits the filter`,
  };
}

/** Whether a connection is to be closed: what it is while it is read, and kept. */
export type IsCandidate = (row: RowView, kept: ClientRow) => boolean;
