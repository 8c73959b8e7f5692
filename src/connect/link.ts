import type { Socket } from 'node:net';
import { HygieneError } from '../core/errors.js';
import type { ConnectionControls, ConnectionFacts, ConnectionHandle, Ledger, LedgerEntry, SocketFacts } from '../ledger/ledger.js';
import type { CloseReason } from '../ledger/state.js';

/** The client behind a link, as far as the link asks it. */
export interface LinkOwner extends ConnectionControls {
  /** Whether quit() or disconnect() has been called and the socket is still closing. */
  isClosing(): boolean;
  /** Whether a redial is scheduled. */
  willRedial(): boolean;
}

/**
 * One client's line to the ledger. The connector tells it of sockets, which is all that is known of a client
 * that a library made; a client of ours is adopted and tells the rest. The entry begins with the first dial
 * and ends with the client; a client that dials again after its end begins a new entry.
 */
export interface Link {
  readonly facts: ConnectionFacts;
  adopt(owner: LinkOwner): void;
  /** The connector begins to dial. */
  dialling(): void;
  /** The connector has made a socket for this dial. */
  attach(socket: Socket): void;
  /** The connector could not even make a socket. */
  failed(): void;
  /** The application, or ioredis, asked the connector to disconnect. */
  disconnecting(): void;
  ready(): void;
  /** The client will not dial again by itself. */
  ended(): void;
  identified(clientId: number): void;
  entry(): LedgerEntry | undefined;
}

export interface LinkPorts {
  readonly ledger: Ledger;
  /** Hears why a dial failed. */
  readonly onFailure: (error: HygieneError, facts: ConnectionFacts) => void;
}

/** A closed socket forgets its port: it is read while it is up. */
interface Line {
  readonly socket: Socket;
  localPort: number | undefined;
}

function isEncrypted(socket: Socket): boolean {
  return 'encrypted' in socket;
}

function dialFailure({ name, role, target }: ConnectionFacts, cause?: Error & { code?: string }): HygieneError {
  const why = cause ? `: ${cause.message || String(cause.code)}` : ': it did not open in time';
  return new HygieneError('HYG_CONNECT_FAILED', `${name} could not connect to ${target}${why}.`, {
    details: { name, role, target, reason: cause?.code ?? 'ETIMEDOUT' },
    cause,
  });
}

/** What can be said and done of a connection whose client is unknown: its socket. */
function socketControls(socket: () => Socket | undefined): ConnectionControls {
  return {
    work: () => ({ pending: 0, unsent: 0, blocked: false }),
    quit: () => void socket()?.end(),
    destroy: () => void socket()?.destroy(),
  };
}

export function createLink(facts: ConnectionFacts, { ledger, onFailure }: LinkPorts): Link {
  let entry: LedgerEntry | undefined;
  let owner: LinkOwner | undefined;
  let line: Line | undefined;

  function socketFacts(): SocketFacts | undefined {
    if (!line) return undefined;
    const { localPort, socket } = line;
    return { localPort, bytesRead: socket.bytesRead, bytesWritten: socket.bytesWritten };
  }

  const bare = socketControls(() => line?.socket);
  const handle: ConnectionHandle = {
    socket: socketFacts,
    work: () => (owner ?? bare).work(),
    quit: () => (owner ?? bare).quit(),
    destroy: () => (owner ?? bare).destroy(),
  };

  function close(reason: CloseReason): void {
    entry?.move({ kind: 'closed', reason });
    entry = undefined;
  }

  /** The socket is gone. Whether the client goes on is for its owner to say; a library's client is not known. */
  function detached(): void {
    if (!entry) return;
    if (!owner) close('lost');
    else if (owner.isClosing()) close('application');
    else entry.move({ kind: 'waiting' });
  }

  return {
    facts,
    adopt: (client) => void (owner = client),
    dialling() {
      line = undefined;
      if (entry) entry.move({ kind: 'dialling' });
      else entry = ledger.open(facts, handle);
    },
    attach(socket) {
      const current: Line = { socket, localPort: undefined };
      let failure: Error | undefined;
      line = current;
      socket.once(isEncrypted(socket) ? 'secureConnect' : 'connect', () => {
        current.localPort = socket.localPort;
        entry?.move({ kind: 'connected' });
      });
      socket.once('error', (error) => void (failure = error));
      socket.once('close', () => {
        if (current !== line) return;
        if (entry?.state.kind === 'dialling' && !owner?.isClosing()) onFailure(dialFailure(facts, failure), facts);
        detached();
      });
    },
    failed: detached,
    disconnecting() {
      if (!owner) entry?.closing('application');
      if (entry?.state.kind === 'waiting' && !owner?.willRedial()) close('application');
    },
    ready: () => {
      if (entry?.state.kind === 'connected') entry.move({ kind: 'ready' });
    },
    ended: () => close('gave-up'),
    identified: (clientId) => entry?.identified(clientId),
    entry: () => entry,
  };
}
