import type { HygieneError } from '../../core/errors.js';
import type { ConnectionControls, ConnectionFacts, Standing } from '../../ledger/connection.js';
import type { VitalsOwner } from './socket-monitor.js';

/** On what terms a connection is opened, beside its facts. Connections with the same terms share them. */
export interface LinkTerms {
  /** How the budget counts it, where its role and its owner do not say. */
  readonly standing?: Standing | undefined;
  /** The call site that it is opened for, where that is not the one that opens it. */
  readonly site?: readonly string[] | undefined;
  /** Hears of its failures, besides the factory. */
  readonly onFailure?: ((error: HygieneError) => void) | undefined;
  /** Hears that its server is elsewhere now, and that its socket goes. */
  readonly onMoved?: (() => void) | undefined;
}

export const USUAL: LinkTerms = {};

/** How the budget counts a link's connection. */
export function standingOf(
  { facts, owner }: { readonly facts: ConnectionFacts; readonly owner: LinkOwner | undefined },
  { standing }: LinkTerms,
): Standing {
  if (standing) return standing;
  if (facts.role === 'sentinel') return 'guide';
  return owner?.clusterOpener() ? 'member' : 'own';
}

/** What is known of a client while it is under construction, beside its options. */
export interface Origin {
  /** Id of the connection that is being duplicated. */
  readonly parent?: number | undefined;
  readonly terms?: LinkTerms | undefined;
}

/** Leads from whoever opens a client to its link, which ioredis has made in between. */
export interface Origins {
  /** Constructs a client of this origin. */
  during<Made>(origin: Origin, construct: () => Made): Made;
  /** For the link of the client under construction, once: whoever hears of its dial may make the next one at once. */
  take(): Origin;
}

/** Of a client that a library makes. */
const UNKNOWN: Origin = {};

export function createOrigins(): Origins {
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
export interface LinkOwner extends ConnectionControls, VitalsOwner {
  /** The call site that opened the Cluster to which it belongs. Nothing outside of one. */
  clusterOpener(): readonly string[] | undefined;
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
