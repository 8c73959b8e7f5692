import type { Socket } from 'node:net';
import type { HygieneError } from '../../core/errors.js';
import type {
  CloseReason,
  ConnectionFacts,
  ConnectionHandle,
  SocketFacts,
  PendingWork,
} from '../../ledger/connection.js';
import type { Ledger, LedgerEntry } from '../../ledger/ledger.js';
import type { DialAttempt } from '../dial/dial-attempt.js';
import { dialFailure } from '../ioredis/connection-errors.js';
import type { Connector } from '../ioredis/internals.js';
import {
  type ConnectionOwner,
  type ConnectionTerms,
  budgetClassOf,
  DEFAULT_TERMS,
} from './connection-terms.js';
import { SocketMonitor, type MonitoredConnection, type SocketMonitorPorts } from './socket-monitor.js';
import { describeSocket, destroyed, enableKeepAlive, NOTHING_KNOWN, whenUp } from './socket.js';

export interface ManagedConnectionPorts extends SocketMonitorPorts {
  readonly ledger: Ledger;
  readonly onFailure: (error: HygieneError) => void;
}

/**
 * One client's line to the ledger. The connector tells it of sockets, which is all that is known of a client
 * that a library made; a client of ours is adopted and tells the rest. The entry begins with the first dial
 * and ends with the client; a client that dials again after its end begins a new entry.
 *
 * A class, because there is one for each connection: shared methods keep it small.
 */
export class ManagedConnection implements ConnectionHandle, MonitoredConnection {
  facts: ConnectionFacts;
  /** The connector behind a client, the only handle on one that a library made. */
  connector: Pick<Connector, 'disconnect'> | undefined;
  readonly #ports: ManagedConnectionPorts;
  readonly terms: ConnectionTerms;
  readonly #keepAliveMs: number;
  #owner: ConnectionOwner | undefined;
  #entry: LedgerEntry | undefined;
  #socket: Socket | undefined;
  /** Those of the present socket, from the moment it is up until it has closed. */
  vitals: SocketMonitor | undefined;
  /** Whether it has been in the ledger. */
  #wasOpen = false;
  /** That of a dial, until the server has said something. */
  passage: DialAttempt | undefined;
  /** Whether the next dial is not to wait. */
  #isUrgent = false;
  /** A closed socket forgets its port: it is read while it is up. */
  #localPort: number | undefined;

  constructor(
    facts: ConnectionFacts,
    keepAliveMs: number,
    ports: ManagedConnectionPorts,
    terms: ConnectionTerms = DEFAULT_TERMS,
  ) {
    this.facts = facts;
    this.#keepAliveMs = keepAliveMs;
    this.#ports = ports;
    this.terms = terms;
  }

  get entry(): LedgerEntry | undefined {
    return this.#entry;
  }

  /** Whether this is a library's client that lost its connection, and dials again perhaps. */
  get isReturning(): boolean {
    return this.#wasOpen && !this.#owner;
  }

  get owner(): ConnectionOwner | undefined {
    return this.#owner;
  }

  adopt(owner: ConnectionOwner): void {
    this.#owner = owner;
    const callSite = owner.clusterCallSite();
    if (callSite) this.facts = { ...this.facts, callSite };
  }

  /** Destroys what is left of the last socket. Resolves when it has closed; nothing if there is none. */
  vacate(): Promise<void> | undefined {
    return destroyed(this.#socket);
  }

  /** The server is elsewhere now: the socket is destroyed, and the next one dialled at once. */
  redial(): void {
    if (this.passage?.moveOn()) return;
    this.#isUrgent = true;
    this.terms.onMoved?.();
    this.#socket?.destroy();
    this.waiting();
  }

  /** The client waits before it dials again, perhaps. */
  waiting(): void {
    if (this.#isUrgent) this.#owner?.dialNow();
  }

  /** The connector begins to dial. @throws HygieneError `HYG_LIMIT_CONNECTIONS` where the budget has no place */
  dialling(): void {
    this.#isUrgent = false;
    this.#socket = undefined;
    this.#localPort = undefined;
    if (this.#entry) this.#entry.move({ kind: 'connecting' });
    else this.#entry = this.#ports.ledger.open(this.facts, this, budgetClassOf(this, this.terms));
    this.#wasOpen = true;
  }

  /** The connector has made a socket for this dial. */
  attach(socket: Socket): void {
    this.#socket = socket;
    whenUp(socket, () => this.#connected(socket));
    socket.on('close', () => this.#closed(socket));
    this.passage?.watch(socket);
  }

  #connected(socket: Socket): void {
    if (socket !== this.#socket) return;
    this.#localPort = socket.localPort;
    enableKeepAlive(socket, this.#keepAliveMs);
    this.vitals = new SocketMonitor(socket, this, this.#ports);
    this.#entry?.move({ kind: 'connected' });
  }

  #closed(socket: Socket): void {
    if (socket !== this.#socket) return;
    this.passage?.closed(socket);
    this.vitals?.closed();
    this.vitals = undefined;
    const calledOff = this.#owner?.isClosing() ?? false;
    if (this.#entry?.state.kind === 'connecting' && !calledOff) {
      this.report(dialFailure(this.facts, socket));
    }
    this.detached();
  }

  /** There is no socket. Whether the client goes on is for its owner to say; a library's client is not known. */
  detached(): void {
    if (!this.#owner) this.#close('lost');
    else if (this.#owner.isClosing()) this.#close('application');
    else this.#entry?.move({ kind: 'reconnecting' });
  }

  /** The application, or ioredis, asked the connector to disconnect. */
  disconnecting(): void {
    if (this.#owner?.isClosing() ?? true) this.#entry?.closing('application');
    if (this.#entry?.state.kind === 'reconnecting' && !this.#owner?.willRedial()) this.#close('application');
  }

  /** Tells of a failure that the application could not see, or not understand, from ioredis alone. */
  report(error: HygieneError): void {
    this.#ports.onFailure(error);
    this.terms.onFailure?.(error);
  }

  /** The handshake is done. */
  ready(): void {
    this.vitals?.ready();
    if (this.#entry?.state.kind === 'connected') this.#entry.move({ kind: 'ready' });
  }

  /** The client will not dial again by itself. */
  ended(): void {
    this.#close('gave-up');
    this.#owner?.ended();
  }

  /** The server has told its id of the present socket. */
  identified(clientId: number): void {
    this.#entry?.identified(clientId);
  }

  #close(reason: CloseReason): void {
    const entry = this.#entry;
    this.#entry = undefined;
    this.#ports.orphans.disown(this);
    entry?.move({ kind: 'closed', reason });
  }

  socket(): SocketFacts | undefined {
    return this.#socket && describeSocket(this.#socket, this.#localPort);
  }

  /** Nobody but us waits for what a sentinel is asked. */
  work(): PendingWork {
    if (this.facts.role === 'sentinel') return NOTHING_KNOWN;
    return this.#owner?.work() ?? NOTHING_KNOWN;
  }

  quit(): void {
    if (this.#owner) this.#owner.quit();
    else this.connector?.disconnect();
  }

  destroy(): void {
    if (this.#owner) return this.#owner.destroy();
    this.connector?.disconnect();
    this.#socket?.destroy();
  }
}
