import type { StateKind } from '../ledger/connection.js';
import type { LeaseReport, PoolReport } from '../pool/pool-report.js';

/** What the plan knows of one connection. */
export interface OpenConnection {
  readonly id: number;
  readonly name: string;
  readonly role: string;
  readonly target: string;
  readonly state: StateKind;
  /** Commands without a reply. */
  readonly pending: number;
  /** Whether the first of them blocks on the server until data comes. */
  readonly blocked: boolean;
}

/**
 * What is done with one connection: `quit` lets the replies in and says QUIT; `destroy` closes at once, for a
 * connection that QUIT could never close.
 */
type StepAction = 'quit' | 'destroy';

export interface ShutdownStep extends OpenConnection {
  readonly action: StepAction;
  readonly why: string;
}

export interface ShutdownPlan {
  readonly timeoutMs: number;
  /** How long the quits may take. What is open afterwards is destroyed, within the rest. */
  readonly quitMs: number;
  readonly steps: readonly ShutdownStep[];
}

/** The part of the deadline that is kept for destroying what did not quit, and its bound. */
const RESERVE = { share: 0.1, maxMs: 500 };

function decide({ state, pending, blocked, role }: OpenConnection): Pick<ShutdownStep, 'action' | 'why'> {
  if (state === 'reconnecting')
    return { action: 'destroy', why: 'It has no socket now, and nothing is dialled any more.' };
  if (state === 'connecting' && pending === 0)
    return { action: 'destroy', why: 'Nobody waits for this dial.' };
  if (blocked) return { action: 'destroy', why: 'A blocking command holds it: QUIT would stay behind it.' };
  if (role === 'monitor') return { action: 'destroy', why: 'A monitor takes no QUIT.' };
  if (role === 'sentinel') return { action: 'destroy', why: 'A sentinel knows no QUIT.' };
  return { action: 'quit', why: pending > 0 ? `${pending} replies are awaited first.` : 'It is idle.' };
}

/** Plans a shutdown. Pure: the same connections give the same plan. */
export function planShutdown(connections: readonly OpenConnection[], timeoutMs: number): ShutdownPlan {
  const reserveMs = Math.min(RESERVE.maxMs, timeoutMs * RESERVE.share);
  return {
    timeoutMs,
    quitMs: timeoutMs - reserveMs,
    steps: connections.map((connection) => ({ ...connection, ...decide(connection) })),
  };
}

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
