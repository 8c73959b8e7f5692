import type { StateKind } from '../ledger/connection.js';
import type { LeaseReport, PoolReport } from '../pool/pool-report.js';

/** A connection that a shutdown has to close. */
export interface OpenConnection {
  readonly id: number;
  readonly name: string;
  readonly role: string;
  readonly target: string;
  readonly state: StateKind;
  /** Number of commands without a reply. */
  readonly pending: number;
  /** Whether the first pending command blocks on the server until there is data. */
  readonly isBlocked: boolean;
}

/**
 * How one connection is closed: `quit` sends QUIT, which the server processes after all pending commands; `destroy` closes
 * the socket at once, for a connection that cannot be closed with QUIT.
 */
type StepAction = 'quit' | 'destroy';

/** What the plan does with one connection, and why. */
export interface ShutdownStep extends OpenConnection {
  readonly action: StepAction;
  readonly why: string;
}

export interface ShutdownPlan {
  readonly timeoutMs: number;
  /** Maximum time for all QUITs. Connections still open after it are destroyed in the rest of `timeoutMs`. */
  readonly quitMs: number;
  /** In the order of the connections. */
  readonly steps: readonly ShutdownStep[];
}

/** The part of the timeout that is reserved for destroying connections that did not quit. */
const DESTROY_RESERVE = { share: 0.1, maxMs: 500 };

/** Why a connection with a blocking command is destroyed. */
export const BLOCKED_REASON =
  'A blocking command is pending, and the server would process QUIT only after it.';

/** Plans a shutdown. A pure function: the same connections result in the same plan. */
export function planShutdown(connections: readonly OpenConnection[], timeoutMs: number): ShutdownPlan {
  const reserveMs = Math.min(DESTROY_RESERVE.maxMs, timeoutMs * DESTROY_RESERVE.share);
  return {
    timeoutMs,
    quitMs: timeoutMs - reserveMs,
    steps: connections.map((connection) => ({ ...connection, ...chooseAction(connection) })),
  };
}

function chooseAction({
  state,
  pending,
  isBlocked,
  role,
}: OpenConnection): Pick<ShutdownStep, 'action' | 'why'> {
  if (state === 'reconnecting') {
    return {
      action: 'destroy',
      why: 'The connection has no socket, and a shutdown does not wait for a new dial.',
    };
  }
  if (state === 'connecting' && pending === 0) {
    return { action: 'destroy', why: 'The connection is being dialled, and no command waits for it.' };
  }
  if (isBlocked) return { action: 'destroy', why: BLOCKED_REASON };
  if (role === 'monitor') return { action: 'destroy', why: 'A connection in MONITOR mode accepts no QUIT.' };
  if (role === 'sentinel') return { action: 'destroy', why: 'A sentinel does not support QUIT.' };
  if (pending === 0) return { action: 'quit', why: 'The connection is idle.' };
  return { action: 'quit', why: `The server answers the pending commands (${pending}) before QUIT.` };
}

/** How one connection ended. `forced`: destroyed with unanswered commands, or after the time for QUIT. */
export type ShutdownOutcome = 'closed' | 'forced';

/** The result for one connection, as data. */
export interface ShutdownReportLine extends Pick<ShutdownStep, 'id' | 'name' | 'role' | 'target'> {
  readonly outcome: ShutdownOutcome;
  /** Why the connection was closed in this way. */
  readonly why: string;
  /** Number of commands that never got a reply. */
  readonly abandonedCommands: number;
}

/** The result for all connections in the ledger. */
export interface DrainReport {
  readonly timeoutMs: number;
  readonly durationMs: number;
  /** Connections that were closed in time or had no pending commands, including those of pools. */
  readonly closed: number;
  /** Connections that were destroyed with unanswered commands, after the time for QUIT, or while leased. */
  readonly forced: number;
  /** Number of commands that never got a reply, on all connections. */
  readonly abandonedCommands: number;
  /** The connections one by one, without those of pools. */
  readonly connections: readonly ShutdownReportLine[];
}

/** The result of a shutdown. */
export interface ShutdownReport extends DrainReport {
  /** Leases of pools that were not released in time, longest first. */
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

/** Adds the reports of the pools, which are closed before the other connections. */
export function addPoolReports(drained: DrainReport, pools: readonly PoolReport[]): ShutdownReport {
  const sum = (key: 'closed' | 'forced') => pools.reduce((total, pool) => total + pool[key], drained[key]);
  return {
    ...drained,
    closed: sum('closed'),
    forced: sum('forced'),
    leases: pools.flatMap(({ leases }) => leases).sort((one, other) => other.heldMs - one.heldMs),
  };
}
