import { HygieneError } from '../core/errors.js';

/** Why a connection is gone for good. The first reason wins. */
export const closeReasons = {
  application: 'The application called quit() or disconnect().',
  pool: 'Its pool closed it: idle, too old, not clean, or no longer wanted.',
  shutdown: 'The factory’s shutdown() closed it.',
  'gave-up': 'It was lost or never came up, and the retry strategy says to stop.',
  lost: 'Its socket closed, and the client belongs to a library: it may dial again, as a new connection.',
} as const;

export type CloseReason = keyof typeof closeReasons;

/**
 * The state of a connection. `connected` means that TCP (and TLS) is up; `ready` that the handshake is done;
 * `reconnecting` that there is no socket now and the client will dial again.
 */
export type ConnectionState =
  | { readonly kind: 'connecting' }
  | { readonly kind: 'connected' }
  | { readonly kind: 'ready' }
  | { readonly kind: 'reconnecting' }
  | { readonly kind: 'closed'; readonly reason: CloseReason };

export type StateKind = ConnectionState['kind'];

/**
 * The moves. `reconnecting` follows every loss, so a second socket can only be dialled when the first is gone.
 *
 *     connecting → connected → ready
 *        ↑  ↘        ↓      ↙
 *        └────── reconnecting      every state → closed
 */
const moves: Readonly<Record<StateKind, readonly StateKind[]>> = {
  connecting: ['connected', 'reconnecting', 'closed'],
  connected: ['ready', 'reconnecting', 'closed'],
  ready: ['reconnecting', 'closed'],
  reconnecting: ['connecting', 'closed'],
  closed: [],
};

/** @throws HygieneError `HYG_ILLEGAL_MOVE` */
export function checkMove(from: StateKind, to: StateKind): void {
  if (moves[from].includes(to)) return;
  throw new HygieneError('HYG_ILLEGAL_MOVE', `A connection cannot go from "${from}" to "${to}".`, {
    details: { from, to, allowed: moves[from] },
  });
}

/** What is known of a connection before it is dialled. It does not change. */
export interface ConnectionFacts {
  /** As in CLIENT LIST. */
  readonly name: string;
  readonly role: string;
  /** URL of the server, without credentials. */
  readonly target: string;
  /** Id of the connection this one was duplicated from. */
  readonly parent?: number | undefined;
  /** The call site that opened it, innermost frame first. Empty if switched off. */
  readonly callSite: readonly string[];
}

/** What the ledger asks a live socket when someone looks. */
export interface SocketFacts {
  readonly localPort: number | undefined;
  readonly bytesRead: number;
  readonly bytesWritten: number;
}

/** One connection, as plain data without secrets. */
export interface ConnectionInfo extends ConnectionFacts, SocketFacts {
  /** Counts up within the process. */
  readonly id: number;
  readonly state: StateKind;
  /** When this state began, in milliseconds since the epoch. */
  readonly since: number;
  /** When the connection entered the ledger, in milliseconds since the epoch. */
  readonly openedAt: number;
  /** How often it has been dialled; above 1 it has reconnected. */
  readonly dials: number;
  /** The server's id of it (CLIENT ID), once known. */
  readonly clientId: number | undefined;
}

/** What a connection still has to do. */
export interface PendingWork {
  /** Commands without a reply. */
  readonly pending: number;
  /** Those of them that auto-pipelining has not written yet. */
  readonly unsent: number;
  /** Whether the first of them waits on the server until data comes (BLPOP, XREAD BLOCK, …). */
  readonly blocked: boolean;
}

/** How a connection is closed, and what would be lost. */
export interface ConnectionControls {
  work(): PendingWork;
  /** Asks the connection to close once all replies are in. */
  quit(): void;
  /** Closes it now: pending commands fail, the socket is destroyed. */
  destroy(): void;
}

/** How a connection is looked at and closed. Given by whoever opened it. */
export interface ConnectionHandle extends ConnectionControls {
  socket(): SocketFacts | undefined;
}

/**
 * How a connection is counted. `own`: it takes a place in the budget, and its line of code answers for it. `member`: it
 * takes a place, but a Cluster opened it. `guide`: the others find their server by it (sentinels, and whom a Cluster
 * asks for its slots), so it is counted, but never refused. `covered`: its place is reserved already, by the pool that
 * it belongs to.
 */
export type BudgetClass = 'counted' | 'clusterNode' | 'exempt' | 'reserved';
