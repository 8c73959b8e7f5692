import type { HygieneError } from '../core/errors.js';
import type { ConnectionControls } from '../ledger/connection.js';
import type { VitalsOwner } from './vitals.js';

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
