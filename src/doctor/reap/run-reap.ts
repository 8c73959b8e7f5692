import type { ClientRow } from '../client-list/client-row.js';
import { protectedReason, type ProtectedReason } from '../client-list/protected-rows.js';
import { isPermanent, type Verdict } from './death-proof.js';
import type { Settlement } from './settle.js';
import type { JudgedConnection, Look, PlannedKill, ReapPlan } from './reap-plan.js';

/** A connection that is read again. */
export interface RereadConnection {
  readonly row: ClientRow;
  /** Whether the conditions of `--where` on the row itself still hold; true without a filter. */
  readonly matches: boolean;
}

/** Commands that a reap sends to one server. */
export interface ReapPort {
  /** Lists and judges all connections. */
  readonly look: () => Promise<Look>;
  /** Lists all connections. */
  readonly list: () => Promise<readonly ClientRow[]>;
  /** Lists the connections with these ids. The result may contain others. */
  readonly reread: (ids: readonly number[]) => Promise<readonly RereadConnection[]>;
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
  const done = new Set<PlannedKill>();
  const untouched = () => kills.filter((kill) => !done.has(kill));
  const add = (result: KillResult) => {
    results.push(result);
    done.add(result.kill);
    onResult(result);
  };
  try {
    (await lookAgain(kills, port)).forEach(add);
    while (untouched().length > 0 && !signal.aborted) {
      const batch = await closeBatch(untouched().slice(0, BATCH_SIZE), port);
      batch.forEach(add);
      const failed = batch.find(({ outcome }) => outcome === 'failed');
      if (failed?.outcome === 'failed') throw failed.error;
    }
    return { results, untouched: untouched() };
  } catch (error) {
    return { results, untouched: untouched(), failure: { error } };
  }
}

/** The second look at connections that a proof has put into the plan. Returns those that are not to be closed any more. */
async function lookAgain(kills: readonly PlannedKill[], port: ReapPort): Promise<KillResult[]> {
  const proven = kills.filter(({ proof }) => proof !== 'filter');
  if (proven.length === 0) return [];
  const { at, connections } = await port.look();
  const byId = new Map(connections.map((connection) => [connection.row.id, connection]));
  return proven.flatMap((kill) => {
    const now = byId.get(kill.row.id);
    const change = now === undefined ? 'gone' : changeOfProof(kill, now, at);
    return change === undefined ? [] : [{ outcome: 'skipped', kill, change } as const];
  });
}

/** How a connection has changed between the two looks; `undefined` if its client is proven to be gone again. */
function changeOfProof(
  kill: PlannedKill,
  { row, verdict }: JudgedConnection,
  at: number,
): RowChange | undefined {
  const change = rowChangeOf(kill, { row, matches: true });
  if (change !== undefined) return change;
  if (!isPermanent(kill.proof) && hasClockJumped(kill, row, at)) return 'clock';
  return isProvenAgain(kill, verdict) ? undefined : 'unproven';
}

/** Error of a difference of two ages, which are whole seconds, in a list that takes a moment to arrive. */
const CLOCK_ERROR_S = 2;

/** Whether the age of a connection has not grown by the time between the looks, as the clock of this program measures it. */
function hasClockJumped({ row: before, listedAt }: PlannedKill, { age }: ClientRow, at: number): boolean {
  return Math.abs(age - before.age - (at - listedAt) / 1_000) > CLOCK_ERROR_S;
}

/** Whether the second look finds the same proof, or a permanent one. What the server sends in vain it must have sent since. */
function isProvenAgain({ proof, unanswered }: PlannedKill, now: Verdict): boolean {
  if (now.kind !== 'close') return false;
  if (isPermanent(now.proof)) return true;
  if (now.proof !== proof) return false;
  return proof !== 'server-kernel' || (now.unanswered?.times ?? 0) > (unanswered?.times ?? 0);
}

/** Reads the connections again, and closes those that have not changed. */
async function closeBatch(kills: readonly PlannedKill[], port: ReapPort): Promise<KillResult[]> {
  const connections = await port.reread(kills.map(({ row }) => row.id));
  const byId = new Map(connections.map((connection) => [connection.row.id, connection]));
  const closeUnchanged = async (kill: PlannedKill): Promise<KillResult> => {
    const change = rowChangeOf(kill, byId.get(kill.row.id));
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
  clock: 'the clock of the server jumped between the two looks',
  unmatched: 'it no longer matches',
  unproven: 'the second look did not prove that its client is gone',
} as const;

export type RowChange = keyof typeof changeTable | ProtectedReason;

/** How a connection has changed since the plan was made; `undefined` if it may be closed. */
export function rowChangeOf(
  { row: before }: Pick<PlannedKill, 'row'>,
  now: RereadConnection | undefined,
): RowChange | undefined {
  if (now === undefined) return 'gone';
  const { row, matches } = now;
  if (row.addr !== before.addr) return 'address';
  if (row.age < before.age) return 'younger';
  if (row.name !== before.name) return 'renamed';
  if (wasUsed(before, row)) return 'active';
  return protectedReason(row) ?? (matches ? undefined : 'unmatched');
}

function wasUsed(before: ClientRow, now: ClientRow): boolean {
  return now.idle < before.idle || lastUsedAtAge(now) !== lastUsedAtAge(before);
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
  /** Missing if nothing was closed, and with `--settle 0s`. */
  readonly settlement?: Settlement;
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
  /** Silent connections that were left, because nothing proves that their clients are gone. */
  readonly unproven: number;
}

export function sumResults(outcomes: readonly ServerOutcome[]): ReapTotals {
  const totals = { planned: 0, closed: 0, skipped: 0, failed: 0, untouched: 0, deferred: 0, unproven: 0 };
  for (const { plan, report } of outcomes) {
    totals.planned += plan.kills.length;
    totals.deferred += plan.deferred;
    totals.unproven += plan.unproven.length;
    for (const { outcome } of report?.results ?? []) totals[outcome] += 1;
    totals.untouched += report?.untouched.length ?? 0;
  }
  return totals;
}
