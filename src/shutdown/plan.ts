import type { StateKind } from '../ledger/connection.js';

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
  if (state === 'waiting')
    return { action: 'destroy', why: 'It has no socket now, and nothing is dialled any more.' };
  if (state === 'dialling' && pending === 0) return { action: 'destroy', why: 'Nobody waits for this dial.' };
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
