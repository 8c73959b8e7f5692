import type { ClientRow } from '../client-list/client-row.js';
import { protectedReason, type ProtectedReason } from '../client-list/protected-rows.js';
import type { PlannedKill, ReapPlan, ListedConnection } from './reap-plan.js';

/** What reaping asks of a server. */
export interface ReapPort {
  /** All connections as they are now, or those of some ids; others may be among them. */
  readonly list: (ids?: readonly number[]) => Promise<readonly ListedConnection[]>;
  /** Gives how many connections the command closed. */
  readonly kill: (command: readonly string[]) => Promise<number>;
}

/** What became of one connection of a plan. */
export type KillResult =
  | { readonly outcome: 'closed'; readonly kill: PlannedKill }
  | { readonly outcome: 'spared'; readonly kill: PlannedKill; readonly change: RowChange }
  /** The server refused to close it, or the connection to it broke before it answered. */
  | { readonly outcome: 'failed'; readonly kill: PlannedKill; readonly error: unknown };

export interface RunOptions {
  /** Ends the run between two batches: what has been sent is waited for. */
  readonly signal: AbortSignal;
  /** Hears of each connection as soon as its fate is known. */
  readonly onFate: (fate: KillResult) => void;
}

/** What was done on one server. */
export interface ReapReport {
  readonly fates: readonly KillResult[];
  /** What the run did not come to. */
  readonly untouched: readonly PlannedKill[];
  /** Why it ended early, where it did so by itself. */
  readonly failure?: { readonly error: unknown };
}

/**
 * So many are read again at once, and then closed at once: a round trip for each of the two, so 1 s for 100 connections on
 * a server that is 100 ms away. Between the reading and the closing lies one round trip.
 */
const BATCH = 20;

async function close(kill: PlannedKill, port: ReapPort): Promise<KillResult> {
  try {
    const closed = await port.kill(kill.command);
    return closed > 0 ? { outcome: 'closed', kill } : { outcome: 'spared', kill, change: 'gone' };
  } catch (error) {
    return { outcome: 'failed', kill, error };
  }
}

/** Reads the connections again, and closes those that are still what they were. */
async function closeBatch(batch: readonly PlannedKill[], port: ReapPort): Promise<KillResult[]> {
  const seen = await port.list(batch.map(({ row }) => row.id));
  const now = new Map(seen.map((one) => [one.row.id, one]));
  const meet = async (kill: PlannedKill): Promise<KillResult> => {
    const change = rowChangeOf(kill.row, now.get(kill.row.id));
    return change === undefined ? close(kill, port) : { outcome: 'spared', kill, change };
  };
  return Promise.all(batch.map(meet));
}

/** Does what a plan says. Never rejects: what went wrong is in the report, beside what was done before. */
export async function runReap(
  { kills }: Pick<ReapPlan, 'kills'>,
  port: ReapPort,
  { signal, onFate }: RunOptions,
): Promise<ReapReport> {
  const fates: KillResult[] = [];
  const rest = () => kills.slice(fates.length);
  try {
    while (rest().length > 0 && !signal.aborted) {
      const met = await closeBatch(rest().slice(0, BATCH), port);
      fates.push(...met);
      met.forEach(onFate);
      const failed = met.find(({ outcome }) => outcome === 'failed');
      if (failed?.outcome === 'failed') throw failed.error;
    }
    return { fates, untouched: rest() };
  } catch (error) {
    return { fates, untouched: rest(), failure: { error } };
  }
}

/** Why a connection that was planned to be closed is spared after all. */
export const changeTable = {
  gone: 'it has closed by itself',
  address: 'its id belongs to another address now',
  younger: 'its id belongs to a younger connection now',
  renamed: 'it has another name now',
  spoke: 'it has spoken since',
  unmatched: 'it is no longer one of those that were asked for',
} as const;

export type RowChange = keyof typeof changeTable | ProtectedReason;

/**
 * The second of its life in which something went over it for the last time. The server takes both numbers from one look at
 * its clock, so it stays exactly the same as long as the connection is silent.
 */
function lastWord({ age, idle }: ClientRow): number {
  return age - idle;
}

/** What has changed about a connection since the plan was made; nothing if it may be closed. */
export function rowChangeOf(before: ClientRow, now: ListedConnection | undefined): RowChange | undefined {
  if (now === undefined) return 'gone';
  const { row, named } = now;
  if (row.addr !== before.addr) return 'address';
  if (row.age < before.age) return 'younger';
  if (row.name !== before.name) return 'renamed';
  if (row.idle < before.idle || lastWord(row) !== lastWord(before)) return 'spoke';
  return protectedReason(row) ?? (named ? undefined : 'unmatched');
}

/** What reaping came to on one server. */
export interface ServerOutcome {
  readonly target: string;
  /** Connections that it had, all kinds of them. */
  readonly clients: number;
  readonly plan: ReapPlan;
  /** What was done; nothing in a dry run. */
  readonly report?: ReapReport;
}

/** How many met which fate. */
export interface ReapTotals {
  readonly planned: number;
  readonly closed: number;
  /** Changed since the plan was made, so not touched. */
  readonly spared: number;
  readonly failed: number;
  /** Planned, and not come to. */
  readonly untouched: number;
  /** Named, and beyond the limit of a run. */
  readonly left: number;
}

export function sumResults(outcomes: readonly ServerOutcome[]): ReapTotals {
  const count = { planned: 0, closed: 0, spared: 0, failed: 0, untouched: 0, left: 0 };
  for (const { plan, report } of outcomes) {
    count.planned += plan.kills.length;
    count.left += plan.left;
    for (const { outcome } of report?.fates ?? []) count[outcome] += 1;
    count.untouched += report?.untouched.length ?? 0;
  }
  return count;
}
