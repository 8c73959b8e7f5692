import type { ClientRow } from '../client-list/row.js';
import { killCommand } from './command.js';
import { neverKill, type NeverReason } from './never.js';

/** A connection as a server showed it. */
export interface Seen {
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
export type SparedReason = NeverReason | 'self';

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
export function planReap(seen: readonly Seen[], { max, isSelf, why }: PlanOptions): ReapPlan {
  const spared: Partial<Record<SparedReason, number>> = {};
  const doomed: ClientRow[] = [];
  for (const { row, named } of seen) {
    if (!named) continue;
    const reason = isSelf(row) ? 'self' : neverKill(row);
    if (reason === undefined) doomed.push(row);
    else spared[reason] = (spared[reason] ?? 0) + 1;
  }
  doomed.sort((one, other) => other.idle - one.idle || one.id - other.id);
  const kills = doomed.slice(0, max).map((row) => ({ row, command: killCommand(row), why: why(row) }));
  return { kills, spared, left: doomed.length - kills.length };
}
