import type { Socket } from 'node:net';
import type { HygieneError } from '../../core/errors.js';
import { formatHostPort } from '../../core/tcp-address.js';
import type { ConnectionFacts, ConnectionInfo } from '../../ledger/connection.js';
import type { LedgerEntry } from '../../ledger/ledger.js';
import type { HealthCheckScheduler } from '../../liveness/health-check-scheduler.js';
import type {
  Expectation,
  HealthCheckSettings,
  HealthCheckTarget,
  StaleCause,
} from '../../liveness/health-check-target.js';
import type { HealthCheck, HealthReading } from '../../liveness/health-check.js';
import type { Orphans } from '../../liveness/orphans.js';
import type { AskServer, ConnectionEnds, ServerSideIdentity } from '../../liveness/server-side-identity.js';
import type { TcpFlow } from '../../liveness/tcp-state.js';
import type { Mode } from '../../options/environment.js';
import type { PolicyOverride } from '../../options/policy.js';
import { slowHandshakeError, stalledError } from '../ioredis/connection-errors.js';

/** The client behind a socket, as the health check uses it. */
export interface SocketOwner {
  expectation(): Expectation;
  /** Sends PING. Its reply settles the promise. */
  ping(): Promise<unknown>;
  /** Rejects the commands that are in flight. */
  rejectSentCommands(error: HygieneError): void;
  /** The server does not answer, although its machine does. */
  onStalled?(): void;
  onRecovered?(): void;
}

/** The connection that a socket belongs to. */
export interface MonitoredConnection {
  readonly facts: ConnectionFacts;
  readonly entry: LedgerEntry | undefined;
  /** `undefined` for a client that a library made. */
  readonly owner: SocketOwner | undefined;
  /** Whether the server takes commands of ours. */
  readonly isIntroduced: boolean;
  report(error: HygieneError): void;
}

/** Services that a monitor uses, and listeners that it calls. */
export interface SocketMonitorPorts {
  readonly healthChecks: HealthCheckScheduler;
  readonly orphans: Orphans;
  readonly settings: HealthCheckSettings;
  /** In the mode `observe`, results are reported, no socket is destroyed, and nothing is reaped. */
  readonly mode?: Mode | undefined;
  readonly onStale: (connection: ConnectionInfo, cause: StaleCause, silentMs: number) => void;
  readonly onStalled: (connection: ConnectionInfo, silentMs: number) => void;
  readonly onRecovered: (connection: ConnectionInfo, stalledMs: number) => void;
  readonly onOverride: (override: PolicyOverride) => void;
}

/** Errors of a socket whose TCP keepalive probes were not answered, or answered by a router only. */
const KEEPALIVE_FAILURES = new Set(['ETIMEDOUT', 'EHOSTUNREACH', 'ENETUNREACH']);

/**
 * Monitors one socket of a connection, from the moment it is up until it has closed: destroys the socket when its peer is
 * gone, and records the orphan that it then leaves on the server.
 *
 * A class, because there is one for each connection: shared methods keep it small.
 */
export class SocketMonitor implements HealthCheckTarget {
  readonly #socket: Socket;
  readonly #connection: MonitoredConnection;
  readonly #ports: SocketMonitorPorts;
  readonly #healthCheck: HealthCheck | undefined;
  /** Whether the socket was given up because the server did not answer all of the handshake. */
  isHandshakeOverdue = false;
  /** Whether the socket was closed, or is about to be, because its peer is dead. */
  isStale = false;
  #identity: ServerSideIdentity | undefined;
  /** The name that the application has given the connection by a command. */
  #givenName: string | undefined;
  /** The two ends of the socket. Set if the peer vanished before the server had identified the connection. */
  #ends: ConnectionEnds | undefined;
  /** Whether the server sees another port than this process. */
  #isTranslated = false;

  constructor(socket: Socket, connection: MonitoredConnection, ports: SocketMonitorPorts) {
    this.#socket = socket;
    this.#connection = connection;
    this.#ports = ports;
    // A connector of the application's own may bring a stream that counts no bytes, whose silence cannot be noticed.
    if (typeof socket.bytesRead !== 'number') return;
    this.#healthCheck = ports.healthChecks.watch(this, ports.settings);
  }

  /** The handshake is done. */
  onReady(): void {
    this.#healthCheck?.onReady();
  }

  /** What is known about the health of the socket. `undefined` for a stream that is not checked. */
  readHealth(): HealthReading | undefined {
    return this.#healthCheck && this.#ports.healthChecks.read(this.#healthCheck);
  }

  /**
   * Earliest time at which bytes that are read now can have come, in milliseconds since the epoch. `undefined` for a stream
   * that is not checked.
   */
  earliestArrival(): number | undefined {
    return this.#healthCheck && this.#ports.healthChecks.earliestArrival();
  }

  /** The server has identified this socket. Reaps the orphans of earlier sockets that the server still has. */
  onIdentified(identity: ServerSideIdentity, ask: AskServer): Promise<void> {
    if (this.#identity) this.#ports.orphans.leave(this.#identity);
    this.#identity = identity;
    identity.name = this.#givenName ?? identity.name;
    this.#isTranslated = !identity.address?.endsWith(`:${this.#socket.localPort}`);
    const { facts } = this.#connection;
    const ends = () => endsOf(this.#socket);
    return this.#ports.orphans.reap({ owner: this.#connection, facts, identity, ends, ask });
  }

  /** The application names the connection. Its orphan is recognised by that name: Bull and BullMQ do so. */
  onRenamed(name: string): void {
    this.#givenName = name;
    if (this.#identity) this.#identity.name = name;
  }

  /** The socket has closed. */
  onClosed(): void {
    const silentMs = this.#healthCheck ? this.#ports.healthChecks.unwatch(this.#healthCheck) : 0;
    const error: NodeJS.ErrnoException | null = this.#socket.errored;
    if (KEEPALIVE_FAILURES.has(error?.code ?? '')) {
      this.isStale = true;
      this.#reportStale('keepalive', silentMs);
    }
    if (this.#identity) this.#ports.orphans.leave(this.#identity);
    // No orphan is left if the server closed the socket. A reset is no proof of that: it may come from a firewall.
    if (this.#socket.readableEnded || !(this.#identity ?? this.#ends)) return;
    if (this.#ports.mode === 'observe') return;
    const { facts } = this.#connection;
    this.#ports.orphans.add({
      owner: this.#connection,
      facts,
      identity: this.#identity,
      ends: this.#ends,
      isTranslated: this.#isTranslated,
    });
  }

  bytesRead(): number {
    return this.#socket.bytesRead;
  }

  bytesWritten(): number {
    return this.#socket.bytesWritten;
  }

  bytesQueued(): number {
    return (this.#socket as SocketWithHandle)._handle?.writeQueueSize ?? 0;
  }

  /** A library's client cannot be asked, but is known to wait for its handshake until the first byte has come. */
  expectation(): Expectation {
    const { owner } = this.#connection;
    if (owner) return this.#mayBePinged(owner.expectation());
    return this.#socket.bytesRead === 0 && this.#socket.bytesWritten > 0 ? 'answer' : 'data';
  }

  /** A proxy that closes connections at commands that it does not know may do so at PING. */
  #mayBePinged(expectation: Expectation): Expectation {
    return expectation === 'nothing' && !this.#connection.isIntroduced ? 'data' : expectation;
  }

  ping(): void {
    void this.#connection.owner?.ping();
  }

  flow(): TcpFlow {
    const { localAddress, localPort, remoteAddress, remotePort } = this.#socket;
    return localPort === undefined ? 'local' : { localAddress, localPort, remoteAddress, remotePort };
  }

  onStale(cause: StaleCause, silentMs: number): void {
    this.isHandshakeOverdue = cause === 'handshake';
    this.#reportStale(cause, silentMs);
    if (this.#ports.mode === 'observe') return; // the check goes on, as the connection may recover
    this.isStale = true;
    if (this.#healthCheck) this.#ports.healthChecks.unwatch(this.#healthCheck);
    const { owner, facts } = this.#connection;
    if (cause === 'stall-limit') owner?.rejectSentCommands(stalledError(facts, silentMs));
    // A peer whose kernel acknowledges bytes notices the close too, so only a vanished peer leaves an orphan.
    if (cause === 'kernel' && !this.#identity && owner) this.#ends = endsOf(this.#socket);
    this.#socket.destroy();
  }

  #reportStale(cause: StaleCause, silentMs: number): void {
    const { entry } = this.#connection;
    if (entry) this.#ports.onStale(entry.info(), cause, silentMs);
  }

  onSlowHandshake(waitedMs: number): void {
    const { entry, facts } = this.#connection;
    if (entry) this.#connection.report(slowHandshakeError(facts, waitedMs, this.#socket.bytesRead));
  }

  onStalled(silentMs: number): void {
    const { entry } = this.#connection;
    if (entry) this.#ports.onStalled(entry.info(), silentMs);
    this.#connection.owner?.onStalled?.();
  }

  onRecovered(stalledMs: number): void {
    const { entry } = this.#connection;
    if (entry) this.#ports.onRecovered(entry.info(), stalledMs);
    this.#connection.owner?.onRecovered?.();
  }

  onUnreadable(why: string): void {
    this.#ports.onOverride({
      option: '/proc/net/tcp',
      given: why,
      used: 'heartbeatDeadlineMs',
      why: 'Without the kernel’s state of a connection, a peer that is gone cannot be told from a server that does not answer.',
    });
  }
}

/** Node's own timeouts use this undocumented number to tell a slow socket from one that does not move. */
interface SocketWithHandle extends Socket {
  readonly _handle?: { readonly writeQueueSize?: number } | null;
}

function endsOf({
  localAddress = '',
  localPort = 0,
  remoteAddress = '',
  remotePort = 0,
}: Socket): ConnectionEnds {
  return {
    local: formatHostPort(localAddress, localPort),
    remote: formatHostPort(remoteAddress, remotePort),
  };
}
