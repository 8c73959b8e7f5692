import type { PlannedKill, ReapPlan, Seen } from './plan.js';
import { changeOf, type Change } from './verify.js';

/** What reaping asks of a server. */
export interface ReapPort {
  /** All connections as they are now, or those of some ids; others may be among them. */
  readonly list: (ids?: readonly number[]) => Promise<readonly Seen[]>;
  /** Gives how many connections the command closed. */
  readonly kill: (command: readonly string[]) => Promise<number>;
}

/** What became of one connection of a plan. */
export type Fate =
  | { readonly outcome: 'closed'; readonly kill: PlannedKill }
  | { readonly outcome: 'spared'; readonly kill: PlannedKill; readonly change: Change }
  /** The server refused to close it, or the connection to it broke before it answered. */
  | { readonly outcome: 'failed'; readonly kill: PlannedKill; readonly error: unknown };

export interface RunOptions {
  /** Ends the run between two batches: what has been sent is waited for. */
  readonly signal: AbortSignal;
  /** Hears of each connection as soon as its fate is known. */
  readonly onFate: (fate: Fate) => void;
}

/** What was done on one server. */
export interface ReapReport {
  readonly fates: readonly Fate[];
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

async function close(kill: PlannedKill, port: ReapPort): Promise<Fate> {
  try {
    const closed = await port.kill(kill.command);
    return closed > 0 ? { outcome: 'closed', kill } : { outcome: 'spared', kill, change: 'gone' };
  } catch (error) {
    return { outcome: 'failed', kill, error };
  }
}

/** Reads the connections again, and closes those that are still what they were. */
async function closeBatch(batch: readonly PlannedKill[], port: ReapPort): Promise<Fate[]> {
  const seen = await port.list(batch.map(({ row }) => row.id));
  const now = new Map(seen.map((one) => [one.row.id, one]));
  const meet = async (kill: PlannedKill): Promise<Fate> => {
    const change = changeOf(kill.row, now.get(kill.row.id));
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
  const fates: Fate[] = [];
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
