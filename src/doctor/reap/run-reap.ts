import type { ClientRow } from '../client-list/client-row.js';
import { protectedReason, type ProtectedReason } from '../client-list/protected-rows.js';
import type { ListedConnection, PlannedKill, ReapPlan } from './reap-plan.js';

/** Commands that a reap sends to one server. */
export interface ReapPort {
  /** Lists the connections with these ids, or all of them. The result may contain others. */
  readonly list: (ids?: readonly number[]) => Promise<readonly ListedConnection[]>;
  /** Sends a CLIENT KILL, and returns how many connections it closed. */
  readonly kill: (command: readonly string[]) => Promise<number>;
}

/** Result for one connection of a plan. */
export type KillResult =
  | { readonly outcome: 'closed'; readonly kill: PlannedKill }
  /** The connection has changed since the plan was made, and was left alone. */
  | { readonly outcome: 'skipped'; readonly kill: PlannedKill; readonly change: RowChange }
  /** The server refused to close the connection, or its answer was lost. */
  | { readonly outcome: 'failed'; readonly kill: PlannedKill; readonly error: unknown };

export interface RunReapOptions {
  /** Stops the run after the present batch. */
  readonly signal: AbortSignal;
  /** Called with each result as soon as it is known. */
  readonly onResult: (result: KillResult) => void;
}

/** Results of a run on one server. */
export interface ReapReport {
  readonly results: readonly KillResult[];
  /** Connections that the run did not reach. */
  readonly untouched: readonly PlannedKill[];
  /** The error that ended the run early. */
  readonly failure?: { readonly error: unknown };
}

/**
 * Number of connections that are read again and then closed together. A batch takes two round trips, so 100 connections of a
 * server that is 100 ms away take 1 s. One round trip passes between reading a row and closing its connection.
 */
const BATCH_SIZE = 20;

/** Carries out a plan. Never rejects: an error is part of the report, beside the results before it. */
export async function runReap(
  { kills }: Pick<ReapPlan, 'kills'>,
  port: ReapPort,
  { signal, onResult }: RunReapOptions,
): Promise<ReapReport> {
  const results: KillResult[] = [];
  const remaining = () => kills.slice(results.length);
  try {
    while (remaining().length > 0 && !signal.aborted) {
      const batch = await closeBatch(remaining().slice(0, BATCH_SIZE), port);
      results.push(...batch);
      batch.forEach(onResult);
      const failed = batch.find(({ outcome }) => outcome === 'failed');
      if (failed?.outcome === 'failed') throw failed.error;
    }
    return { results, untouched: remaining() };
  } catch (error) {
    return { results, untouched: remaining(), failure: { error } };
  }
}

/** Reads the connections again, and closes those that have not changed. */
async function closeBatch(kills: readonly PlannedKill[], port: ReapPort): Promise<KillResult[]> {
  const connections = await port.list(kills.map(({ row }) => row.id));
  const byId = new Map(connections.map((connection) => [connection.row.id, connection]));
  const closeUnchanged = async (kill: PlannedKill): Promise<KillResult> => {
    const change = rowChangeOf(kill.row, byId.get(kill.row.id));
    return change === undefined ? close(kill, port) : { outcome: 'skipped', kill, change };
  };
  return Promise.all(kills.map(closeUnchanged));
}

async function close(kill: PlannedKill, port: ReapPort): Promise<KillResult> {
  try {
    const closed = await port.kill(kill.command);
    return closed > 0 ? { outcome: 'closed', kill } : { outcome: 'skipped', kill, change: 'gone' };
  } catch (error) {
    return { outcome: 'failed', kill, error };
  }
}

/** Why a connection of a plan is not closed after all. */
export const changeTable = {
  gone: 'it has closed by itself',
  address: 'its id now belongs to another address',
  younger: 'its id now belongs to a younger connection',
  renamed: 'it has another name now',
  active: 'it was used in the meantime',
  unmatched: 'it no longer matches',
} as const;

export type RowChange = keyof typeof changeTable | ProtectedReason;

/** How a connection has changed since the plan was made; `undefined` if it may be closed. */
export function rowChangeOf(before: ClientRow, now: ListedConnection | undefined): RowChange | undefined {
  if (now === undefined) return 'gone';
  const { row, isCandidate } = now;
  if (row.addr !== before.addr) return 'address';
  if (row.age < before.age) return 'younger';
  if (row.name !== before.name) return 'renamed';
  if (row.idle < before.idle || lastUsedAtAge(row) !== lastUsedAtAge(before)) return 'active';
  return protectedReason(row) ?? (isCandidate ? undefined : 'unmatched');
}

/**
 * The age at which a connection was used last, in seconds. The server computes `age` and `idle` from one reading of its
 * clock, so the difference stays exactly the same while the connection is silent.
 */
function lastUsedAtAge({ age, idle }: ClientRow): number {
  return age - idle;
}

/** Plan and report of one server. */
export interface ServerOutcome {
  readonly target: string;
  /** Number of all connections of the server. */
  readonly clients: number;
  readonly plan: ReapPlan;
  /** Missing in a dry run. */
  readonly report?: ReapReport;
}

/** Number of connections by result, over all servers. */
export interface ReapTotals {
  readonly planned: number;
  readonly closed: number;
  /** Connections that have changed since the plan was made. */
  readonly skipped: number;
  readonly failed: number;
  /** Planned connections that the run did not reach. */
  readonly untouched: number;
  /** Candidates beyond the limit of one run. */
  readonly deferred: number;
}

export function sumResults(outcomes: readonly ServerOutcome[]): ReapTotals {
  const totals = { planned: 0, closed: 0, skipped: 0, failed: 0, untouched: 0, deferred: 0 };
  for (const { plan, report } of outcomes) {
    totals.planned += plan.kills.length;
    totals.deferred += plan.deferred;
    for (const { outcome } of report?.results ?? []) totals[outcome] += 1;
    totals.untouched += report?.untouched.length ?? 0;
  }
  return totals;
}
