import type { Redis } from 'ioredis';
import type { PooledConnection } from '../connect/client/pooled-connection.js';
import { createClientPrototype } from './leased-client.js';
import { SessionState } from './session-state.js';

/** Why a pool is rid of a connection. The first reason wins. */
export const dropReasons = {
  lost: 'It broke.',
  borrower: 'Its borrower closed it.',
  idle: 'Nobody needed it for `idleTimeoutMs`.',
  lifetime: 'It had reached its `maxLifetimeMs`.',
  dirty: 'What its borrower left on it cannot be taken away by one command.',
  silent: 'It gave no sign of life before it was to be lent.',
  moved: 'The server is elsewhere now, or clear() was called.',
  revoked: 'Its lease was ended by force, after `leaseMaxMs`.',
  unwanted: 'It never came up, and nobody waits for it any more.',
  closed: 'The pool was closed.',
} as const;

export type DropReason = keyof typeof dropReasons;

/** When a connection was made, and of which generation it is. */
export interface ReadyInfo {
  readonly generation: number;
  readonly at: number;
  /** How old it may grow, in milliseconds. */
  readonly lifetimeMs: number;
}

/** One connection of a pool, from its first dial until it has closed. */
export class PoolEntry {
  readonly connection: PooledConnection;
  readonly traces: SessionState;
  /** What the views of its borrowers inherit from. */
  readonly face: object;
  /** Resolves when its socket has closed. */
  readonly gone: Promise<void>;
  /** Nothing until it is ready. */
  birth: ReadyInfo | undefined;
  /** Its present borrowing. */
  lease: object | undefined;
  /** Whether what its last borrower left is being taken away. */
  isCleaning = false;
  /** When it came back last, in milliseconds since the epoch. */
  restedAt = 0;
  #reason: DropReason | undefined;
  #isGone = false;
  #markGone: () => void = () => undefined;

  constructor(connection: PooledConnection) {
    this.connection = connection;
    this.traces = new SessionState(connection.home);
    this.face = createClientPrototype(connection.client);
    this.gone = new Promise((resolve) => (this.#markGone = resolve));
  }

  get client(): Redis {
    return this.connection.client;
  }

  /** Why it goes or has gone, if it does. */
  get reason(): DropReason | undefined {
    return this.#reason;
  }

  get isGone(): boolean {
    return this.#isGone;
  }

  /** Why it cannot be lent now, or nothing. */
  fault(now: number, generation: number): DropReason | undefined {
    if (this.#reason) return this.#reason;
    if (!this.birth || this.birth.generation !== generation) return 'moved';
    if (!this.connection.isUp()) return this.#loss();
    return now - this.birth.at < this.birth.lifetimeMs ? undefined : 'lifetime';
  }

  /** It is closed, unless it is closing already. */
  leave(reason: DropReason): void {
    if (this.#reason) return;
    this.#reason = reason;
    this.connection.close();
  }

  /** Its socket has closed. Gives the reason for it. */
  ended(generation: number): DropReason {
    this.#reason ??= this.#guess(generation);
    this.#isGone = true;
    this.#markGone();
    return this.#reason;
  }

  /** Nobody said why. */
  #guess(generation: number): DropReason {
    if (!this.birth) return 'unwanted';
    return this.birth.generation === generation ? this.#loss() : 'moved';
  }

  #loss(): DropReason {
    return this.connection.wasClosed() ? 'borrower' : 'lost';
  }
}

/** The place of a connection that was not opened: nobody waited for it any more, or it failed for good. */
export class FailedEntry {
  readonly gone = Promise.resolve();
  readonly failure: Error | undefined;

  constructor(failure?: Error) {
    this.failure = failure;
  }
}
