import type { HygieneError } from '../../core/errors.js';
import type { ConnectionFacts, ConnectionUser } from '../../ledger/connection.js';
import type { Ledger } from '../../ledger/ledger.js';
import type { SocketMonitorPorts } from './socket-monitor.js';

/** What the connections of a factory share: the ledger, and the listeners that they call. */
export interface ManagedConnectionPorts extends SocketMonitorPorts {
  readonly ledger: Ledger;
  readonly onFailure: (error: HygieneError) => void;
  /** The client has ended without a connection: its retry strategy gave up, or the budget refused it. */
  readonly onClientLost?:
    ((facts: ConnectionFacts, user: ConnectionUser, client: object) => void) | undefined;
  /** The application has closed a client that had ended. */
  readonly onClientFound?: ((client: object) => void) | undefined;
  /** A dial or a handshake has failed. Called before `onFailure`, and also for what the client itself reports. */
  readonly onConnectionFailed?: ((facts: ConnectionFacts, error: Error) => void) | undefined;
  readonly authErrors?: AuthErrors;
  /** Whether the application listens to the errors that this factory reports. */
  readonly hasErrorListener?: () => boolean;
}

/** What a client gets when its credentials are refused: `HYG_AUTH_REFUSED`, or the server's reply without the password. */
export type AuthErrors = 'coded' | 'reply';
