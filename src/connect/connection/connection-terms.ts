import type { HygieneError } from '../../core/errors.js';
import type { ConnectionControls, ConnectionFacts, BudgetClass } from '../../ledger/connection.js';
import type { SocketOwner } from './socket-monitor.js';

/** On what terms a connection is opened, beside its facts. Connections with the same terms share them. */
export interface ConnectionTerms {
  /** How the budget counts it, where its role and its owner do not say. */
  readonly budgetClass?: BudgetClass | undefined;
  /** The call site that it is opened for, where that is not the one that opens it. */
  readonly callSite?: readonly string[] | undefined;
  /** Hears of its failures, besides the factory. */
  readonly onFailure?: ((error: HygieneError) => void) | undefined;
  /** Hears that its server is elsewhere now, and that its socket goes. */
  readonly onMoved?: (() => void) | undefined;
}

export const DEFAULT_TERMS: ConnectionTerms = {};

/** How the budget counts a link's connection. */
export function budgetClassOf(
  { facts, owner }: { readonly facts: ConnectionFacts; readonly owner: ConnectionOwner | undefined },
  { budgetClass }: ConnectionTerms,
): BudgetClass {
  if (budgetClass) return budgetClass;
  if (facts.role === 'sentinel') return 'exempt';
  return owner?.clusterCallSite() ? 'clusterNode' : 'counted';
}

/** What is known of a client while it is under construction, beside its options. */
export interface ConstructionContext {
  /** Id of the connection that is being duplicated. */
  readonly parent?: number | undefined;
  readonly terms?: ConnectionTerms | undefined;
}

/** Leads from whoever opens a client to its link, which ioredis has made in between. */
export interface ConstructionContexts {
  /** Constructs a client of this origin. */
  during<Made>(origin: ConstructionContext, construct: () => Made): Made;
  /** For the link of the client under construction, once: whoever hears of its dial may make the next one at once. */
  take(): ConstructionContext;
}

/** Of a client that a library makes. */
const UNKNOWN: ConstructionContext = {};

export function createConstructionContexts(): ConstructionContexts {
  let current = UNKNOWN;
  return {
    during(origin, construct) {
      const outer = current;
      current = origin;
      try {
        return construct();
      } finally {
        current = outer;
      }
    },
    take() {
      const origin = current;
      current = UNKNOWN;
      return origin;
    },
  };
}

/** The client behind a link, as far as the link asks it. */
export interface ConnectionOwner extends ConnectionControls, SocketOwner {
  /** The call site that opened the Cluster to which it belongs. Nothing outside of one. */
  clusterCallSite(): readonly string[] | undefined;
  /** Ends the wait for the next dial. */
  dialNow(): void;
  /** Whether quit() or disconnect() has been called and the socket is still closing. */
  isClosing(): boolean;
  /** Whether a redial is scheduled. */
  willRedial(): boolean;
  /** Its socket has closed: what is left of a handshake is dropped. */
  closed(): void;
  /** It will not dial again: what still waits is rejected. */
  ended(): void;
  /** It waits for room at a full server: commands that have waited for too long are rejected. */
  rejectOverdue(now: number, error: () => HygieneError): void;
  /** MULTI is sent by itself, and what follows becomes part of the transaction. */
  transactionOpened(): void;
  /** It has come to its end. */
  transactionClosed(): void;
}
