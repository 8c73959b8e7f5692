import type { LeaseReport, PoolReport } from '../pool/pool-report.js';
import type { ShutdownStep } from './plan.js';

/** How one connection ended. `forced` means that it was destroyed with commands unanswered, or past the time for quits. */
export type ShutdownOutcome = 'closed' | 'forced';

/** One connection of a shutdown, as data. */
export interface ShutdownReportLine extends Pick<ShutdownStep, 'id' | 'name' | 'role' | 'target'> {
  readonly outcome: ShutdownOutcome;
  /** Why it was closed the way it was. */
  readonly why: string;
  /** Commands that never got a reply. */
  readonly abandonedCommands: number;
}

/** What became of the connections in the ledger. */
export interface DrainReport {
  readonly timeoutMs: number;
  readonly durationMs: number;
  /** Connections that closed in time, or with nothing left to do, those of pools included. */
  readonly closed: number;
  /** Connections that were destroyed with commands unanswered, past the time for quits, or with their lease still out. */
  readonly forced: number;
  /** Commands that never got a reply, on all of them. */
  readonly abandonedCommands: number;
  /** One by one, those outside of pools. */
  readonly connections: readonly ShutdownReportLine[];
}

/** What a shutdown did. */
export interface ShutdownReport extends DrainReport {
  /** Leases of pools that did not come back in time, longest first: who held them, and for how long. */
  readonly leases: readonly LeaseReport[];
}

export function summarize(
  lines: readonly ShutdownReportLine[],
  { timeoutMs, durationMs }: Pick<DrainReport, 'timeoutMs' | 'durationMs'>,
): DrainReport {
  const forced = lines.filter((line) => line.outcome === 'forced').length;
  return {
    timeoutMs,
    durationMs: Math.round(durationMs),
    closed: lines.length - forced,
    forced,
    abandonedCommands: lines.reduce((sum, line) => sum + line.abandonedCommands, 0),
    connections: lines,
  };
}

/** Adds what became of the pools, which were closed first. */
export function withPools(drained: DrainReport, pools: readonly PoolReport[]): ShutdownReport {
  const sum = (key: 'closed' | 'forced') => pools.reduce((total, pool) => total + pool[key], drained[key]);
  return {
    ...drained,
    closed: sum('closed'),
    forced: sum('forced'),
    leases: pools.flatMap(({ leases }) => leases).sort((one, other) => other.heldMs - one.heldMs),
  };
}
