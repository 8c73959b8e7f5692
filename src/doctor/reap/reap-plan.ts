import type { ClientRow } from '../client-list/client-row.js';
import { protectedReason, type ProtectedReason } from '../client-list/protected-rows.js';
import type { Unanswered } from '../kernel/kernel-look.js';
import type { ProofKind, Verdict } from './death-proof.js';

/** A connection in the list of a server, with what is to be done with it. */
export interface JudgedConnection {
  readonly row: ClientRow;
  readonly verdict: Verdict;
}

/** The list of a server at one moment. */
export interface Look {
  /** When the list arrived, in milliseconds of a clock of ours that never jumps. */
  readonly at: number;
  /** Ids of all connections. */
  readonly ids: ReadonlySet<number>;
  /** The connections that match the filter, or all. */
  readonly connections: readonly JudgedConnection[];
}

/** The connections of one server that are to be closed. */
export interface ReapPlan {
  /** Sorted by idle time, the longest first. */
  readonly kills: readonly PlannedKill[];
  /** Number of candidates that are never closed, by reason. */
  readonly protectedCounts: Readonly<Partial<Record<ExclusionReason, number>>>;
  /** Number of candidates beyond the limit of one run. */
  readonly deferred: number;
  /** Silent connections that are left, because nothing proves that their clients are gone. Sorted as `kills`. */
  readonly unproven: readonly UnprovenConnection[];
}

/** A connection that is left. */
export interface UnprovenConnection {
  readonly row: ClientRow;
  readonly why: string;
}

/** A connection that is to be closed. */
export interface PlannedKill {
  /** The row when the plan was made. */
  readonly row: ClientRow;
  /** @see Look.at */
  readonly listedAt: number;
  /** The command that closes the connection. */
  readonly command: readonly string[];
  readonly proof: ProofKind;
  /** A short reason: `its client’s kernel does not have the connection, silent for 8m`. */
  readonly why: string;
  /** With proof `server-kernel`: what its client had not answered. */
  readonly unanswered?: Unanswered;
}

/** Why a candidate is not in the plan. */
export type ExclusionReason = ProtectedReason | 'self';

export interface PlanOptions {
  /** Limit of connections to close. */
  readonly max: number;
  /** Whether a row is a connection of this command. */
  readonly isSelf: (row: ClientRow) => boolean;
}

/** Decides which connections are to be closed. A pure function. */
export function planReap({ at, connections }: Omit<Look, 'ids'>, { max, isSelf }: PlanOptions): ReapPlan {
  const protectedCounts: Partial<Record<ExclusionReason, number>> = {};
  const candidates: PlannedKill[] = [];
  const unproven: UnprovenConnection[] = [];
  for (const { row, verdict } of connections) {
    if (verdict.kind === 'healthy') continue;
    const reason = isSelf(row) ? 'self' : protectedReason(row);
    if (verdict.kind === 'leave') {
      if (reason === undefined) unproven.push({ row, why: verdict.why });
    } else if (reason === undefined) {
      const { proof, why, unanswered } = verdict;
      const kill = { row, listedAt: at, command: killCommand(row), proof, why };
      candidates.push(unanswered ? { ...kill, unanswered } : kill);
    } else protectedCounts[reason] = (protectedCounts[reason] ?? 0) + 1;
  }
  const kills = candidates.sort(byIdleTime).slice(0, max);
  const deferred = candidates.length - kills.length;
  return { kills, protectedCounts, deferred, unproven: unproven.sort(byIdleTime) };
}

/** Sorts the longest silence first. */
function byIdleTime({ row: one }: { readonly row: ClientRow }, { row: other }: { readonly row: ClientRow }) {
  return other.idle - one.idle || one.id - other.id;
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
