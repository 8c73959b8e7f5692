import type { Socket } from 'node:net';
import type { HygieneError } from '../../core/errors.js';
import { formatHostPort } from '../../core/tcp-address.js';
import type { ConnectionFacts, ConnectionInfo } from '../../ledger/connection.js';
import type { LedgerEntry } from '../../ledger/ledger.js';
import type { HealthCheckScheduler } from '../../liveness/health-check-scheduler.js';
import type {
  Expectation,
  StaleCause,
  HealthCheckSettings,
  HealthCheckTarget,
} from '../../liveness/health-check-target.js';
import type { HealthCheck } from '../../liveness/health-check.js';
import type { Orphans } from '../../liveness/orphans.js';
import type { Ask, ConnectionEnds, ServerSideIdentity } from '../../liveness/server-side-identity.js';
import type { TcpFlow } from '../../liveness/tcp-state.js';
import type { PolicyOverride } from '../../options/policy.js';
import { stalled } from '../ioredis/connection-errors.js';

/** The client behind a socket, as far as its life signs depend on it. */
export interface SocketOwner {
  expects(): Expectation;
  ping(): void;
  /** Rejects the commands that are in flight. */
  rejectSent(error: HygieneError): void;
}

/** The connection that a socket belongs to. */
export interface MonitoredConnection {
  readonly facts: ConnectionFacts;
  readonly entry: LedgerEntry | undefined;
  /** Unknown where a library made the client. */
  readonly owner: SocketOwner | undefined;
}

/** What is told of a connection's life signs, and where they are looked after. */
export interface SocketMonitorPorts {
  readonly heartbeat: HealthCheckScheduler;
  readonly orphans: Orphans;
  readonly settings: HealthCheckSettings;
  readonly onStale: (connection: ConnectionInfo, found: StaleCause, silentMs: number) => void;
  readonly onStalled: (connection: ConnectionInfo, silentMs: number) => void;
  readonly onRecovered: (connection: ConnectionInfo, stalledMs: number) => void;
  readonly onOverride: (override: PolicyOverride) => void;
}

/** How a socket ends whose kernel got no answer to its probes, alone or together with a router's message. */
const UNANSWERED = new Set(['ETIMEDOUT', 'EHOSTUNREACH', 'ENETUNREACH']);

/** By this number Node's own timeouts tell a socket that is slow from one that stands still. Undocumented. */
interface CountedSocket extends Socket {
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

/**
 * One socket of a connection, from the moment it is up until it has closed: whether its peer is alive, and what
 * it leaves behind on the server if it is not.
 *
 * A class, because there is one for each connection: shared methods keep it small.
 */
export class SocketMonitor implements HealthCheckTarget {
  readonly #socket: Socket;
  readonly #host: MonitoredConnection;
  readonly #ports: SocketMonitorPorts;
  readonly #pulse: HealthCheck | undefined;
  #passport: ServerSideIdentity | undefined;
  /** Of a socket whose peer vanished before the server had told how it knows it. */
  #ends: ConnectionEnds | undefined;

  constructor(socket: Socket, host: MonitoredConnection, ports: SocketMonitorPorts) {
    this.#socket = socket;
    this.#host = host;
    this.#ports = ports;
    // A connector of the caller's own may bring a stream that counts no bytes: its silence cannot be heard.
    if (typeof socket.bytesRead !== 'number') return;
    this.#pulse = ports.heartbeat.watch(this, ports.settings);
  }

  ready(): void {
    this.#pulse?.ready();
  }

  /** The server has told how it knows this socket. What it still holds of earlier ones is reaped over it. */
  introduced(passport: ServerSideIdentity, ask: Ask): Promise<void> {
    this.#passport = passport;
    const { facts } = this.#host;
    const ends = () => endsOf(this.#socket);
    return this.#ports.orphans.reap({ owner: this.#host, facts, passport, ends, ask });
  }

  /** The socket has closed. */
  closed(): void {
    const silentMs = this.#pulse ? this.#ports.heartbeat.forget(this.#pulse) : 0;
    const failure: NodeJS.ErrnoException | null = this.#socket.errored;
    if (UNANSWERED.has(failure?.code ?? '')) this.#tellStale('keepalive', silentMs);
    // Where the server has closed it, nothing is left there. A reset may come from a firewall.
    if (this.#socket.readableEnded || !(this.#passport ?? this.#ends)) return;
    const { facts } = this.#host;
    this.#ports.orphans.add({ owner: this.#host, facts, passport: this.#passport, ends: this.#ends });
  }

  bytesRead(): number {
    return this.#socket.bytesRead;
  }

  bytesWritten(): number {
    return this.#socket.bytesWritten;
  }

  bytesQueued(): number {
    return (this.#socket as CountedSocket)._handle?.writeQueueSize ?? 0;
  }

  /** A library's client cannot be asked, but it waits for its handshake until the first byte has come. */
  expects(): Expectation {
    const { owner } = this.#host;
    if (owner) return owner.expects();
    return this.#socket.bytesRead === 0 && this.#socket.bytesWritten > 0 ? 'answer' : 'data';
  }

  ping(): void {
    this.#host.owner?.ping();
  }

  flow(): TcpFlow {
    const { localAddress, localPort, remoteAddress, remotePort } = this.#socket;
    return localPort === undefined ? 'local' : { localAddress, localPort, remoteAddress, remotePort };
  }

  #tellStale(found: StaleCause, silentMs: number): void {
    const { entry } = this.#host;
    if (entry) this.#ports.onStale(entry.info(), found, silentMs);
  }

  onStale(found: StaleCause, silentMs: number): void {
    if (this.#pulse) this.#ports.heartbeat.forget(this.#pulse);
    this.#tellStale(found, silentMs);
    if (found === 'stall-limit') this.#host.owner?.rejectSent(stalled(this.#host.facts, silentMs));
    // Where the peer's kernel acknowledges, it will take note of the close too, so only its loss leaves a stray.
    if (found === 'kernel' && !this.#passport && this.#host.owner) this.#ends = endsOf(this.#socket);
    this.#socket.destroy();
  }

  onStalled(silentMs: number): void {
    const { entry } = this.#host;
    if (entry) this.#ports.onStalled(entry.info(), silentMs);
  }

  onRecovered(stalledMs: number): void {
    const { entry } = this.#host;
    if (entry) this.#ports.onRecovered(entry.info(), stalledMs);
  }

  onUnreadable(why: string): void {
    this.#ports.onOverride({
      option: '/proc/net/tcp',
      given: why,
      used: 'heartbeatDeadlineMs',
      why: 'Without the kernel a peer that is gone cannot be told from a server that does not answer.',
    });
  }
}
