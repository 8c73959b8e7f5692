import type { Redis } from 'ioredis';
import type { PooledConnection } from '../connect/client/pooled-connection.js';
import { createLeasedClientPrototype } from './leased-client.js';
import { SessionState } from './session-state.js';

/** Why a pool closed or lost a connection. The first reason wins. */
export const dropReasons = {
  lost: 'The connection broke.',
  borrower: 'The borrower closed it.',
  idle: 'The connection was idle for longer than `idleTimeoutMs`.',
  lifetime: 'The connection reached its `maxLifetimeMs`.',
  dirty: 'The borrower left state on the connection that could not be reset.',
  silent: 'The connection was idle, and did not answer the PING that checks it.',
  moved: 'The server moved (failover), or clear() was called.',
  revoked: 'The lease was ended by force, after `leaseMaxMs`.',
  unwanted: 'The connection never became ready, and no caller waits for it any more.',
  closed: 'The pool was closed.',
} as const;

export type DropReason = keyof typeof dropReasons;

/** When a connection became ready, and in which generation of its pool. */
export interface ReadyInfo {
  /** Raised by each `clear()` of the pool. */
  readonly generation: number;
  /** In milliseconds since the epoch. */
  readonly at: number;
  /** How old the connection may become, in milliseconds. */
  readonly lifetimeMs: number;
}

/** A connection of a pool, from its first dial until its socket has closed. */
export class PoolEntry {
  readonly connection: PooledConnection;
  readonly client: Redis;
  readonly sessionState: SessionState;
  /** The prototype of the clients that its borrowers get. */
  readonly clientPrototype: object;
  /** Resolves when the socket has closed. */
  readonly whenClosed: Promise<void>;
  /** `undefined` until the connection is ready. */
  readyInfo: ReadyInfo | undefined;
  /** The current lease. */
  lease: object | undefined;
  /** Whether the state that the last borrower left is being reset. */
  isResetting = false;
  /** When the connection was returned last, or became ready, in milliseconds since the epoch. */
  lastUsedAt = 0;
  #dropReason: DropReason | undefined;
  #isClosed = false;
  #resolveClosed: () => void = () => undefined;

  constructor(connection: PooledConnection) {
    this.connection = connection;
    this.client = connection.client;
    this.sessionState = new SessionState(connection.sessionDefaults);
    connection.pausePingsWhile(() => this.sessionState.isInTransaction);
    this.clientPrototype = createLeasedClientPrototype(connection.client);
    this.whenClosed = new Promise((resolve) => (this.#resolveClosed = resolve));
  }

  /** Why the connection is closing or closed, `undefined` while it is neither. */
  get dropReason(): DropReason | undefined {
    return this.#dropReason;
  }

  get isClosed(): boolean {
    return this.#isClosed;
  }

  /** Why the connection cannot be handed out, `undefined` if it can. */
  findFault(now: number, generation: number): DropReason | undefined {
    if (this.#dropReason) return this.#dropReason;
    if (!this.readyInfo || this.readyInfo.generation !== generation) return 'moved';
    if (!this.connection.isReady()) return this.#lossReason();
    return now - this.readyInfo.at < this.readyInfo.lifetimeMs ? undefined : 'lifetime';
  }

  /** Closes the connection, unless it is closing already. */
  drop(reason: DropReason): void {
    if (this.#dropReason) return;
    this.#dropReason = reason;
    this.connection.close(reason === 'idle' ? 'pool-idle' : 'pool');
  }

  /** Records that the socket has closed. Returns the reason. */
  markClosed(generation: number): DropReason {
    this.#dropReason ??= this.#inferReason(generation);
    this.#isClosed = true;
    this.#resolveClosed();
    return this.#dropReason;
  }

  /** The reason for a connection that closed although the pool did not close it. */
  #inferReason(generation: number): DropReason {
    if (!this.readyInfo) return 'unwanted';
    return this.readyInfo.generation === generation ? this.#lossReason() : 'moved';
  }

  #lossReason(): DropReason {
    return this.connection.wasClosed() ? 'borrower' : 'lost';
  }
}

/** The place of a connection that was not opened: no caller waited for it any more, or it failed for good. */
export class FailedEntry {
  readonly whenClosed = Promise.resolve();
  /** `undefined` if no caller waited for the connection any more. */
  readonly failure: Error | undefined;

  constructor(failure?: Error) {
    this.failure = failure;
  }
}
