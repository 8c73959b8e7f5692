import { HygieneError } from '../core/errors.js';

/** Reasons why a connection is closed for good. If several apply, the first one is kept. */
export const closeReasons = {
  application: 'The application called quit() or disconnect().',
  'pool-idle': 'The pool closed the connection, because it was idle for longer than `idleTimeoutMs`.',
  pool: 'The pool closed the connection: it was old, could not be reset, or was no longer needed.',
  shutdown: 'The factory’s shutdown() closed the connection.',
  'gave-up': 'The connection was lost or never established, and the retry strategy stopped reconnecting.',
  lost: 'The socket closed, and the client belongs to a library. If the client dials again, that counts as a new connection.',
} as const;

export type CloseReason = keyof typeof closeReasons;

/** Why the socket of a connection closed, unless its client was told to close. */
export const lossCauses = {
  stale: 'A health check or the kernel’s TCP keepalive found the peer dead.',
  server: 'The server closed the connection.',
  error: 'The socket failed, for example with ECONNRESET.',
  redial:
    'This process closed the socket to dial again: after a failover, or because the client was told to reconnect.',
} as const;

export type LossCause = keyof typeof lossCauses;

/**
 * The state of a connection. `connected` means that TCP (and TLS) is connected, and `ready` that the handshake is done.
 * `reconnecting` means that there is no socket and the client will dial again.
 */
export type ConnectionState =
  | { readonly kind: 'connecting' }
  | { readonly kind: 'connected' }
  | { readonly kind: 'ready' }
  | { readonly kind: 'reconnecting'; readonly loss?: LossCause | undefined }
  | { readonly kind: 'closed'; readonly reason: CloseReason; readonly loss?: LossCause | undefined };

export type StateKind = ConnectionState['kind'];

/**
 * The allowed moves. `reconnecting` follows every loss, so a second socket can be dialled only after the first is gone.
 *
 *     connecting → connected → ready
 *        ↑  ↘        ↓      ↙
 *        └────── reconnecting      every state → closed
 */
const allowedMoves: Readonly<Record<StateKind, readonly StateKind[]>> = {
  connecting: ['connected', 'reconnecting', 'closed'],
  connected: ['ready', 'reconnecting', 'closed'],
  ready: ['reconnecting', 'closed'],
  reconnecting: ['connecting', 'closed'],
  closed: [],
};

/** @throws HygieneError `HYG_ILLEGAL_MOVE` */
export function checkMove(from: StateKind, to: StateKind): void {
  if (allowedMoves[from].includes(to)) return;
  throw new HygieneError('HYG_ILLEGAL_MOVE', `A connection cannot go from "${from}" to "${to}".`, {
    details: { from, to, allowed: allowedMoves[from] },
  });
}

/** Facts about a connection that are known before it is dialled and never change. */
export interface ConnectionFacts {
  /** The name in CLIENT LIST. */
  readonly name: string;
  /** What the connection is for. */
  readonly role: string;
  /** URL of the server, without credentials. */
  readonly target: string;
  /** Id of the connection from which this one was duplicated. */
  readonly parent?: number | undefined;
  /** The call site that opened the connection, innermost frame first. Empty if `callSiteFrames` is 0. */
  readonly callSite: readonly string[];
}

/** Facts about a live socket. The ledger reads them on demand. */
export interface SocketFacts {
  /** `undefined` without a TCP socket. */
  readonly localPort: number | undefined;
  readonly bytesRead: number;
  readonly bytesWritten: number;
}

/** A connection, as plain data without secrets. */
export interface ConnectionInfo extends ConnectionFacts, SocketFacts {
  /** Ids are numbered consecutively within the process. */
  readonly id: number;
  readonly state: StateKind;
  /** When this state began, in milliseconds since the epoch. */
  readonly since: number;
  /** When the connection entered the ledger, in milliseconds since the epoch. */
  readonly openedAt: number;
  /** Number of dials. More than 1 means that the connection has reconnected. */
  readonly dials: number;
  /** The id that the server has given the connection (CLIENT ID), once it is known. */
  readonly clientId: number | undefined;
}

/** What holds up the end of a connection. Read many times while it closes, however many commands wait. */
export interface Progress {
  /** Number of pending commands that auto-pipelining has not written yet. */
  readonly unsent: number;
  /** Whether the first pending command blocks on the server until there is data (BLPOP, XREAD BLOCK, …). */
  readonly isBlocked: boolean;
}

/** Commands that have not been answered yet. */
export interface PendingWork extends Progress {
  /** Number of commands without a reply. All of them are looked at to count them. */
  readonly pending: number;
}

/** Closes a connection, and tells how much work would be lost. */
export interface ConnectionControls {
  work(): PendingWork;
  progress(): Progress;
  /** Closes the connection after all replies have arrived. */
  quit(): void;
  /** Closes the connection at once: pending commands fail, and the socket is destroyed. */
  destroy(): void;
}

/**
 * Who uses a connection. A `pool`, a `cluster` and the search for a master (`sentinel`) open and replace theirs by
 * themselves. A `library` makes its clients from the options of the factory.
 */
export type ConnectionUser = 'application' | 'library' | 'pool' | 'cluster' | 'sentinel';

/** What is known about the health of a connection without a round trip. */
export interface ConnectionHealth {
  readonly user: ConnectionUser;
  /** Time since bytes last came on the current socket, in milliseconds. `undefined` if they are not counted. */
  readonly silentMs: number | undefined;
  /** Whether bytes have come within the time in which a heartbeat brings some. */
  readonly isFresh: boolean;
  /** Whether the server does not answer, as its health check has found. */
  readonly isStalled: boolean;
  /** Whether the connection waits to be dialled because its server is full. */
  readonly isServerFull: boolean;
  /** The error with which the server has refused the connection's database, so that commands run in another one. */
  readonly databaseRefusal: Error | undefined;
}

/** What is known of a connection whose socket is not measured: that of another library, or of a client left to ioredis. */
export const UNMEASURED_HEALTH: ConnectionHealth = {
  user: 'application',
  silentMs: undefined,
  isFresh: false,
  isStalled: false,
  isServerFull: false,
  databaseRefusal: undefined,
};

/** Access of the ledger to a connection. Provided by the code that opens it. */
export interface ConnectionHandle extends ConnectionControls {
  socket(): SocketFacts | undefined;
  health(): ConnectionHealth;
  /**
   * Sends PING, whose reply settles the promise. `undefined` if the connection cannot be asked now: it is not ready, PING
   * would wait behind a blocking command or become a step of a transaction, something is subscribed, or the client belongs
   * to a library.
   */
  ping(): Promise<unknown> | undefined;
  /** Whether commands are in flight. Always false for a client that a library made, whose queues cannot be read. */
  isInUse(): boolean;
}

/**
 * How the budget counts a connection.
 *
 * - `counted`: counted in the budget, and in the clients of the line of code that opened it.
 * - `clusterNode`: counted in the budget only, because a Cluster opened it.
 * - `exempt`: counted in the budget, but never refused, because other connections need it to find their server: connections
 *   to sentinels, and those over which a Cluster refreshes its slots.
 * - `reserved`: not counted again, because its pool has already reserved it.
 * - `observed`: counted like `counted`, but never refused, because a client of another library opened it.
 * - `observedMember`: counted like `observed`, but not in the clients of a line of code, because a pool, Cluster or Sentinel of
 *   another library opened it, of which one connection is `observed`.
 */
export type BudgetClass = 'counted' | 'clusterNode' | 'exempt' | 'reserved' | 'observed' | 'observedMember';
