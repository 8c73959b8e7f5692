import type { RedisOptions } from 'ioredis';
import type { Socket } from 'node:net';
import { HygieneError } from '../../core/errors.js';
import type {
  CloseReason,
  ConnectionFacts,
  ConnectionHandle,
  ConnectionHealth,
  ConnectionUser,
  LossCause,
  PendingWork,
  Progress,
  SocketFacts,
} from '../../ledger/connection.js';
import type { Ledger, LedgerEntry } from '../../ledger/ledger.js';
import type { DialAttempt } from '../dial/dial-attempt.js';
import { connectFailedError, gaveUpError, isAuthRefused } from '../ioredis/connection-errors.js';
import type { Connector } from '../ioredis/internals.js';
import {
  type ConnectionOwner,
  type ConnectionTerms,
  budgetClassOf,
  DEFAULT_TERMS,
} from './connection-terms.js';
import { SocketMonitor, type MonitoredConnection, type SocketMonitorPorts } from './socket-monitor.js';
import { destroyAndAwaitClose, enableKeepAlive, socketFactsOf, whenConnected } from './socket.js';

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

/** Pending work of a client that a library made, whose queues cannot be read, and of connections to sentinels. */
const NO_PENDING_WORK: PendingWork = { pending: 0, unsent: 0, isBlocked: false };

/**
 * The connection of one client, as the ledger sees it. The connector reports sockets, which is all that is known of a
 * client that a library made. A client of ours is adopted, and reports its status too. The ledger entry begins with the
 * first dial and ends with the client. A client that dials again after its end gets a new entry.
 *
 * A class, because there is one for each connection: shared methods keep it small.
 */
export class ManagedConnection implements ConnectionHandle, MonitoredConnection {
  facts: ConnectionFacts;
  readonly terms: ConnectionTerms;
  /** The client's connector. The only way to close a client that a library made. */
  connector: Pick<Connector, 'disconnect'> | undefined;
  /** Called before the first dial, unless a client of ours has adopted the connection by then. */
  beforeUnownedDial: (() => void) | undefined;
  /** Monitor of the current socket, from the moment it is up until it has closed. */
  monitor: SocketMonitor | undefined;
  /** Whether the server has closed the last connection without a reply. */
  wasCutOff = false;
  /** Whether the client was ready before an answer of the server, and has got none since, also on later sockets. */
  awaitsAnswer = false;
  /** The current dial, until the server has sent its first bytes. */
  dialAttempt: DialAttempt | undefined;
  /** The last dial, if the server did not answer it, until the next one. */
  unansweredDial: DialAttempt | undefined;
  /** Whether a delay was skipped since the server has last answered. */
  hasSkippedDelay = false;
  /** The client's own options. ioredis reads the name from them when a socket is up, and the retry strategy after its loss. */
  options: Pick<RedisOptions, 'connectionName' | 'retryStrategy'> = {};
  /** Whether the current socket introduces itself to its server: by its name and our questions. */
  isIntroduced = true;
  /** The dial of the current socket, until the client is ready or told to disconnect. */
  #handshakeOf: DialAttempt | undefined;
  /** Whether a dial is under way that has no socket yet, and that was not cancelled. */
  isDialling = false;
  readonly #ports: ManagedConnectionPorts;
  readonly #keepAliveMs: number | undefined;
  #owner: ConnectionOwner | undefined;
  #entry: LedgerEntry | undefined;
  #socket: Socket | undefined;
  /** Local port of the current socket. Kept because a closed socket forgets it. */
  #localPort: number | undefined;
  #wasInLedger = false;
  /** The refusal of the database on the current socket. */
  #databaseRefusal: HygieneError | undefined;
  /** Whether the next dial should skip its delay. */
  #shouldDialNow = false;

  constructor(
    facts: ConnectionFacts,
    keepAliveMs: number | undefined,
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

  /** The client, if it is one of ours. */
  get owner(): ConnectionOwner | undefined {
    return this.#owner;
  }

  /** Whether a dial of this connection is a redial of a library's client, which may dial again after each loss. */
  get isLibraryRedial(): boolean {
    return this.#wasInLedger && !this.#owner;
  }

  adopt(owner: ConnectionOwner): void {
    this.#owner = owner;
    this.beforeUnownedDial = undefined;
    const callSite = owner.clusterCallSite();
    if (callSite) this.facts = { ...this.facts, callSite };
  }

  /** Begins a dial: destroys the last socket. Resolves when it has closed. `undefined` if there is none left. */
  prepareDial(): Promise<void> | undefined {
    this.isDialling = true;
    return destroyAndAwaitClose(this.#socket);
  }

  /**
   * Whether a disconnect() is only to bring a new connection (`disconnect(true)`), which a dial under way does anyway. To
   * cancel that dial would end the client for good.
   */
  shouldKeepDialling(): boolean {
    return this.isDialling && this.#owner?.isClosing() === false;
  }

  /** The server has moved: destroys the socket, and dials the next one without delay. */
  redial(): void {
    if (this.dialAttempt?.redirect()) return;
    this.terms.onMoved?.();
    this.dialNow();
  }

  /** Destroys the socket, and dials the next one without delay. */
  dialNow(): void {
    this.#shouldDialNow = true;
    this.#socket?.destroy();
    this.onReconnecting();
  }

  /** The client delays its next dial, or ends the delay at once if a redial or its end was asked for. */
  onReconnecting(): void {
    if (this.#owner?.isClosing()) this.#owner.endWait();
    else if (this.#shouldDialNow) this.#owner?.dialNow();
  }

  /**
   * The connector starts to dial.
   *
   * @throws HygieneError `HYG_LIMIT_CONNECTIONS` if the budget is full
   */
  onDialStarted(): void {
    this.beforeUnownedDial?.();
    this.beforeUnownedDial = undefined;
    this.#shouldDialNow = false;
    this.unansweredDial?.forget();
    this.#socket = undefined;
    this.#localPort = undefined;
    this.#databaseRefusal = undefined;
    if (this.#entry) this.#entry.move({ kind: 'connecting' });
    else this.#entry = this.#ports.ledger.open(this.facts, this, budgetClassOf(this, this.terms));
    this.#wasInLedger = true;
  }

  /** The connector has made a socket for this dial. */
  attachSocket(socket: Socket): void {
    this.isDialling = false;
    this.#socket = socket;
    whenConnected(socket, () => this.#onConnected(socket));
    socket.on('close', () => this.#onSocketClosed(socket));
    this.dialAttempt?.watchSocket(socket);
    this.#handshakeOf = this.dialAttempt;
    this.#introduce(this.dialAttempt?.isIntroduced ?? true);
  }

  /** Sets or removes the name of the next connection. Some proxies close a connection that has one. */
  #introduce(isIntroduced: boolean): void {
    if (isIntroduced !== this.isIntroduced) {
      this.isIntroduced = isIntroduced;
      this.options.connectionName = isIntroduced ? this.facts.name : undefined;
    }
  }

  /** Whether the server has closed the socket, or left it without an answer, in the middle of the introduction. */
  #isIntroductionBroken({ bytesRead, readableEnded, errored }: Socket): boolean {
    const isByServer = readableEnded || errored !== null || this.monitor?.isHandshakeOverdue === true;
    const isUnanswered = this.#entry?.state.kind === 'connected' && this.#entry.info().clientId === undefined;
    const isOwned = this.#owner !== undefined && !this.#handshakeOf?.isRefusedAsFull;
    return isByServer && isUnanswered && isOwned && bytesRead > 0;
  }

  #onConnected(socket: Socket): void {
    if (socket !== this.#socket) return;
    this.#localPort = socket.localPort;
    if (this.#keepAliveMs !== undefined) enableKeepAlive(socket, this.#keepAliveMs);
    this.monitor = new SocketMonitor(socket, this, this.#ports);
    this.#entry?.move({ kind: 'connected' });
  }

  #onSocketClosed(socket: Socket): void {
    if (socket !== this.#socket) return;
    const isAccepted = this.dialAttempt?.isAccepted;
    if (this.#isIntroductionBroken(socket)) this.#handshakeOf?.onIntroductionEnded();
    this.#handshakeOf = undefined;
    this.dialAttempt?.onSocketClosed(socket);
    this.monitor?.onClosed();
    const loss = lossCauseOf(socket, this.monitor);
    this.monitor = undefined;
    const isCancelled = this.#owner?.isClosing() ?? false;
    if (this.#entry?.state.kind === 'connecting' && !isCancelled) {
      this.report(connectFailedError(this.facts, socket, isAccepted));
    }
    this.onSocketLost(loss);
  }

  /**
   * There is no socket any more. A client of ours may dial again; of a library's client it is not known.
   *
   * @param loss `undefined` if the dial ended before there was a socket.
   */
  onSocketLost(loss?: LossCause): void {
    if (!this.#owner) this.#close('lost', loss);
    else if (this.#owner.isClosing()) this.#close('application');
    else this.#entry?.move({ kind: 'reconnecting', loss });
  }

  /** The application or ioredis has called disconnect() on the connector. */
  onDisconnecting(): void {
    this.#handshakeOf = undefined;
    this.isDialling = false;
    if (this.#owner?.isClosing() ?? true) this.#entry?.markClosing('application');
    if (this.#entry?.state.kind === 'reconnecting' && !this.#owner?.willRedial()) this.#close('application');
    if (this.#owner?.isClosing()) this.#owner.endWait();
    if (!this.#entry) this.#ports.onClientFound?.(this);
  }

  /** Whether the server may still have orphans that the current socket is to reap before commands are sent. */
  hasOrphans(): boolean {
    return this.#ports.orphans.list().length > 0;
  }

  /** The server has sent the id that it has given the current socket. */
  onIdentified(clientId: number): void {
    this.#entry?.setClientId(clientId);
  }

  /** The handshake is done. */
  onReady(): void {
    this.awaitsAnswer = false;
    this.#handshakeOf?.onHandshakeDone();
    this.#handshakeOf = undefined;
    this.monitor?.onReady();
    if (this.#entry?.state.kind === 'connected') this.#entry.move({ kind: 'ready' });
  }

  /** The client will not dial again by itself. */
  onEnded(): void {
    const entry = this.#entry;
    this.#close('gave-up');
    if (entry && this.#isEndOfClient(entry)) {
      this.#ports.onClientLost?.(this.facts, this.#user(), this);
      this.#tell(gaveUpError(this.facts));
    }
    this.#owner?.onEnded();
  }

  /** Whether the retry strategy has ended a client of the application. Pools and Clusters replace theirs. */
  #isEndOfClient({ state }: LedgerEntry): boolean {
    const hasGivenUp = state.kind === 'closed' && state.reason === 'gave-up';
    return hasGivenUp && this.#isCounted();
  }

  #isCounted(): boolean {
    return budgetClassOf(this, this.terms) === 'counted';
  }

  #close(reason: CloseReason, loss?: LossCause): void {
    const entry = this.#entry;
    this.#entry = undefined;
    this.unansweredDial?.forget();
    this.#ports.orphans.disown(this);
    entry?.move({ kind: 'closed', reason, loss });
  }

  /** Whether the client gets the server's reply when its credentials are refused, as with ioredis. */
  get passesAuthReplies(): boolean {
    return this.#ports.authErrors === 'reply' && !this.terms.readsCodes;
  }

  /**
   * Whether the application hears of an error from the factory, so that ioredis need not print it if the client has no
   * listener: that of a failed dial, of refused credentials, and every other error of ours.
   */
  isHeard(error: unknown): boolean {
    if (this.#ports.hasErrorListener?.() !== true) return false;
    const isDialling = this.#entry?.state.kind === 'connecting';
    return isDialling || error instanceof HygieneError || isAuthRefused(error);
  }

  /** The budget has refused the dial of a client, which ends with it. */
  onRefused(): void {
    if (this.#isCounted()) this.#ports.onClientLost?.(this.facts, this.#user(), this);
  }

  /** A dial or a handshake has failed. */
  onFailed(error: Error): void {
    this.#ports.onConnectionFailed?.(this.facts, error);
  }

  /** The server has refused the database, and ioredis goes on in another one. */
  onDatabaseRefused(refusal: HygieneError): void {
    this.#databaseRefusal = refusal;
    this.report(refusal);
  }

  /** Reports a failure that ioredis would hide from the application, or would not explain. */
  report(error: HygieneError): void {
    this.onFailed(error);
    this.#tell(error);
  }

  #tell(error: HygieneError): void {
    this.#ports.onFailure(error);
    this.terms.onFailure?.(error);
  }

  socket(): SocketFacts | undefined {
    return this.#socket && socketFactsOf(this.#socket, this.#localPort);
  }

  /** Commands to a sentinel are ours alone, so the application loses nothing with them. */
  work(): PendingWork {
    if (this.facts.role === 'sentinel') return NO_PENDING_WORK;
    return this.#owner?.work() ?? NO_PENDING_WORK;
  }

  progress(): Progress {
    return this.#owner?.progress() ?? NO_PENDING_WORK;
  }

  isInUse(): boolean {
    return this.#owner?.isInUse() ?? false;
  }

  health(): ConnectionHealth {
    const { silentMs, isFresh = false, isStalled = false } = this.monitor?.readHealth() ?? {};
    const isServerFull = (this.dialAttempt ?? this.unansweredDial)?.isServerFull ?? false;
    const user = this.#user();
    return { user, silentMs, isFresh, isStalled, isServerFull, databaseRefusal: this.#pendingRefusal() };
  }

  /** The refusal counts until the application selects another database. */
  #pendingRefusal(): HygieneError | undefined {
    const refused = this.#databaseRefusal?.details['database'];
    return refused === String(this.#owner?.selectedDatabase()) ? this.#databaseRefusal : undefined;
  }

  /** A Cluster asks for its slots over clients whose terms say so, and which are none of its nodes. */
  #user(): ConnectionUser {
    if (this.facts.role === 'sentinel') return 'sentinel';
    const budgetClass = budgetClassOf(this, this.terms);
    if (budgetClass === 'reserved') return 'pool';
    if (budgetClass === 'clusterNode' || budgetClass === 'exempt') return 'cluster';
    return this.#owner ? 'application' : 'library';
  }

  ping(): Promise<unknown> | undefined {
    return this.isIntroduced && this.#owner?.mayBeAsked() ? this.#owner.ping() : undefined;
  }

  quit(): void {
    if (this.#owner) this.#owner.quit();
    else this.#endUnowned();
  }

  destroy(): void {
    if (this.#owner) return this.#owner.destroy();
    this.#endUnowned();
    this.#socket?.destroy();
  }

  /**
   * Closes the connection of a client that a library made. To that client the connection is lost, so it must not dial
   * again: ioredis reads the retry strategy from these options after each loss.
   */
  #endUnowned(): void {
    this.options.retryStrategy = null;
    this.connector?.disconnect();
  }
}

/** Why a socket has closed. */
function lossCauseOf({ errored, readableEnded }: Socket, monitor: SocketMonitor | undefined): LossCause {
  if (monitor?.isStale) return 'stale';
  if (errored) return 'error';
  return readableEnded ? 'server' : 'redial';
}
