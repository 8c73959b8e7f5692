import type { HygieneError } from '../../core/errors.js';
import type { BudgetClass, ConnectionControls, ConnectionFacts } from '../../ledger/connection.js';
import type { SocketOwner } from './socket-monitor.js';

/** Terms on which a connection is opened, beside its facts. Connections with the same terms share one object. */
export interface ConnectionTerms {
  /** How the budget counts the connection. Default: by its role and its owner. */
  readonly budgetClass?: BudgetClass | undefined;
  /** The call site to record, if it is not the one that opens the connection. */
  readonly callSite?: readonly string[] | undefined;
  /** Called with failures of the connection, in addition to the factory's listener. */
  readonly onFailure?: ((error: HygieneError) => void) | undefined;
  /** Whether a part of redis-hygiene uses the client, and reads the codes of its errors. */
  readonly readsCodes?: boolean | undefined;
  /** Called when the server has moved, just before the socket is destroyed. */
  readonly onMoved?: (() => void) | undefined;
}

export const DEFAULT_TERMS: ConnectionTerms = {};

/** How the budget counts a connection. */
export function budgetClassOf(
  { facts, owner }: { readonly facts: ConnectionFacts; readonly owner: ConnectionOwner | undefined },
  { budgetClass }: ConnectionTerms,
): BudgetClass {
  if (budgetClass) return budgetClass;
  if (facts.role === 'sentinel') return 'exempt';
  return owner?.clusterCallSite() ? 'clusterNode' : 'counted';
}

/** The client that a connection belongs to. */
export interface ConnectionOwner extends ConnectionControls, SocketOwner {
  /** The call site that opened the Cluster of this client. `undefined` outside of a Cluster. */
  clusterCallSite(): readonly string[] | undefined;
  /** Whether commands are in flight. */
  isInUse(): boolean;
  /** Whether PING would be answered at once, and would do no harm. */
  mayBeAsked(): boolean;
  /** The database that the application has selected, whether or not the server has accepted it. */
  selectedDatabase(): number;
  /** Skips the rest of the delay before the next dial. */
  dialNow(): void;
  /** The same, unless the caller's own strategy or refused credentials demand the delay. */
  skipDefaultDelay(): void;
  /** quit() or disconnect() was called: ends the client if it waits for its next dial. */
  endWait(): void;
  /** Whether quit() or disconnect() has been called and the socket is still closing. */
  isClosing(): boolean;
  /** Whether a redial is scheduled. */
  willRedial(): boolean;
  /** The socket has closed: leftovers of its handshake are dropped. */
  onSocketClosed(): void;
  /** The client will not dial again: commands that still wait are rejected. */
  onEnded(): void;
  /** The client waits for room at a full server: commands that have waited for too long are rejected. */
  rejectOverdueCommands(now: number, createError: () => HygieneError): void;
  /** MULTI is about to be sent on its own, so that the commands after it become part of the transaction. */
  onTransactionOpening(): void;
  /** WATCH is about to be sent, which the server forgets when the connection is lost. */
  onWatchOpening(): void;
  /** Whether a transaction is open in steps, as far as the server has answered. */
  isInTransaction(): boolean;
  /** Sends no PING while the condition holds. */
  pausePingsWhile(isPingHarmful: () => boolean): void;
}

/** Facts about a client under construction that its options do not contain. */
export interface ConstructionContext {
  /** Id of the connection that is being duplicated. */
  readonly parent?: number | undefined;
  readonly terms?: ConnectionTerms | undefined;
}

/**
 * Passes the context of a client from the code that constructs the client to the connection, which is created inside of
 * ioredis' constructor.
 */
export interface ConstructionContexts {
  /** Runs `construct` with this context. */
  run<Made>(context: ConstructionContext, construct: () => Made): Made;
  /**
   * Returns the context of the client under construction. Given out only once: a listener that is called during the
   * construction may construct another client.
   */
  take(): ConstructionContext;
}

/** Context of a client that no factory constructs, but a library, a Cluster or the application. */
export const NO_CONTEXT: ConstructionContext = {};

export function createConstructionContexts(): ConstructionContexts {
  let current = NO_CONTEXT;
  return {
    run(context, construct) {
      const outer = current;
      current = context;
      try {
        return construct();
      } finally {
        current = outer;
      }
    },
    take() {
      const context = current;
      current = NO_CONTEXT;
      return context;
    },
  };
}
