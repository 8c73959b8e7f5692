import type { PeerAddress } from './full-server.js';
import type { Socket } from 'node:net';
import type { Clock } from '../../core/clock.js';
import { type HygieneError, isServerFullReply } from '../../core/errors.js';
import type { ConnectionFacts } from '../../ledger/connection.js';
import { cutOffError, introductionRefusedError, serverFullError } from '../ioredis/connection-errors.js';
import type {
  CutOffResult,
  DialLimiter,
  DialLimiters,
  HoldCause,
  SaturationNotice,
  UnansweredDial,
  WaitingDial,
} from './dial-limiter.js';
import type { DialTarget } from './dial-target.js';

/** Facts about a full server, as a factory is notified of them. */
export interface SaturationReport extends SaturationNotice {
  /** URL of the server that was dialled, without credentials; for a Sentinel client that of its master or replica. */
  readonly target: string;
}

/** Ports that the dials of a factory share. */
export interface DialAttemptPorts {
  readonly clock: Clock;
  readonly dialLimiters: DialLimiters;
  /** Number of dials to one server that may be in progress at a time. */
  readonly maxConnecting: number;
  /** Time for which a server that accepted the connection may leave the handshake unanswered, in milliseconds. */
  readonly handshakeTimeoutMs: number;
  readonly onSaturated: (report: SaturationReport) => void;
}

/** The client behind a dial. */
interface DialOwner {
  /** Rejects the commands that have waited for too long at a full server. */
  rejectOverdueCommands(now: number, createError: () => HygieneError): void;
  /** Skips the rest of the delay before the next dial, unless the caller's own strategy or refused credentials demand it. */
  skipDefaultDelay(): void;
}

/** The connection that dials. */
export interface DialRequester {
  readonly facts: ConnectionFacts;
  /** `undefined` for a client that a library made. */
  readonly owner: DialOwner | undefined;
  readonly terms: { readonly onFailure?: ((error: HygieneError) => void) | undefined };
  /** The dial in progress. Cleared by the dial itself when it is over. */
  dialAttempt: DialAttempt | undefined;
  /** Whether the server has closed its last connection without a reply. */
  wasCutOff: boolean;
  /** The last dial, if the server did not answer it, until the next one. */
  unansweredDial: DialAttempt | undefined;
  /** Whether a delay was skipped since the server has last answered. Once is enough: it may be answering others only. */
  hasSkippedDelay: boolean;
  report(error: HygieneError): void;
}

/** How the wait for a dial ends: with the permission to dial, or because the server has moved meanwhile. */
export type DialDecision = 'dial' | 'moved';

/**
 * Time after which an unanswered dial no longer counts, in milliseconds. The limit protects servers that accept
 * connections; counting dials to an address that answers nothing would make 100 clients of a dead server wait minutes.
 */
const UNANSWERED_MS = 2_000;

/** Errors of a socket that the server closed without an answer. */
const CUT_OFF_CODES = new Set(['ECONNRESET', 'EPIPE', 'ECONNABORTED']);

/**
 * A dial: its wait at the limiter of its server, and its socket until the server's first bytes. These bytes are read
 * here because ioredis may swallow the reply that they contain.
 */
export class DialAttempt implements WaitingDial, UnansweredDial {
  readonly #ports: DialAttemptPorts;
  readonly #requester: DialRequester;
  readonly #target: DialTarget;
  readonly #limiter: DialLimiter;
  /** Set while the dial waits at the limiter. */
  #wait:
    | { readonly resolve: (decision: DialDecision) => void; readonly reject: (error: Error) => void }
    | undefined;
  #isCancelled = false;
  #hasReportedWait = false;
  /** Whether the connection introduces itself to the server. */
  isIntroduced = true;
  /** Whether the first bytes of the server were those of a full one. */
  isRefusedAsFull = false;
  /** Whether TCP is connected. */
  isAccepted = false;
  /** Whether TCP (and TLS) is connected. Why a socket did not come up is reported by its owner. */
  #isUp = false;
  /** Address of the server's end. Known once the socket is up. */
  #address: PeerAddress | undefined;
  #stopWatching: () => void = () => undefined;

  constructor(ports: DialAttemptPorts, requester: DialRequester, target: DialTarget) {
    this.#ports = ports;
    this.#requester = requester;
    this.#target = target;
    this.#limiter = ports.dialLimiters.limiterOf(target.key);
  }

  get maxConnecting(): number {
    return this.#ports.maxConnecting;
  }

  get factory(): object {
    return this.#ports;
  }

  /** Waits until the dial may start. `undefined` if it may start at once. Rejects when the dial is cancelled. */
  acquire(): Promise<DialDecision> | undefined {
    if (this.#limiter.tryAcquire(this)) return undefined;
    return new Promise((resolve, reject) => (this.#wait = { resolve, reject }));
  }

  onAdmitted(): void {
    this.#wait?.resolve('dial');
    this.#wait = undefined;
  }

  /** Ends the wait because the server has moved. False if the dial was not waiting. */
  redirect(): boolean {
    const wait = this.#endWait();
    wait?.resolve('moved');
    return wait !== undefined;
  }

  /** Cancels the dial. How its socket closes from now on says nothing about the server. */
  cancel(error: Error): void {
    this.#isCancelled = true;
    this.#endWait()?.reject(error);
  }

  /** Ends the dial without a socket. */
  release(): void {
    this.#finish();
    this.#limiter.release(this);
  }

  /** Rejects overdue commands. The first call also reports to whoever opened the client why it has to wait. */
  onStillWaiting(now: number, cause: HoldCause): void {
    const createError = () =>
      cause === 'full' ? this.#serverFullError() : this.#cutOffError(this.#limiter.lastCutOff);
    if (!this.#hasReportedWait) this.#requester.terms.onFailure?.(createError());
    this.#hasReportedWait = true;
    this.#requester.owner?.rejectOverdueCommands(now, createError);
  }

  /** Whether the server is full, so that dials to it wait. */
  get isServerFull(): boolean {
    return this.#limiter.isFull;
  }

  get wasCutOff(): boolean {
    return this.#requester.wasCutOff;
  }

  onCutOff(result: CutOffResult): void {
    this.#requester.wasCutOff = true;
    if (result === 'available' || !this.isIntroduced) this.onIntroductionEnded();
    if (this.#isUp) this.#requester.report(this.#cutOffError(result));
  }

  onSaturated(notice: SaturationNotice): void {
    this.#ports.onSaturated({ target: this.#target.url, ...notice });
    this.#requester.report(this.#serverFullError());
  }

  /** Watches the socket of the dial until the first bytes. The owner of the socket reports its end (`onSocketClosed`). */
  watchSocket(socket: Socket): void {
    const { clock, handshakeTimeoutMs } = this.#ports;
    this.isIntroduced = !this.#limiter.introduction.isSkipped(clock.now());
    const release = () => this.#limiter.release(this);
    let timer = clock.after(UNANSWERED_MS, release);
    const onConnect = () => {
      this.isAccepted = true;
      this.#isUp ||= !('encrypted' in socket);
      this.#address = this.#peerAddressOf(socket);
      timer.cancel();
      // A library's client may send nothing that the server could answer.
      timer = clock.after(this.#requester.owner ? handshakeTimeoutMs : UNANSWERED_MS, release);
    };
    const onSecure = () => void (this.#isUp = true);
    const onData = (reply: unknown) => {
      this.#finish();
      this.isRefusedAsFull = isServerFullReply(reply);
      this.#requester.wasCutOff = false;
      this.#requester.hasSkippedDelay = false;
      if (this.isRefusedAsFull) return this.#limiter.onServerFull(this, this.#address);
      this.#limiter.onAnswered(this);
      // Only now is it known that the introduction was the reason for the closes before.
      if (!this.isIntroduced) this.#requester.report(introductionRefusedError(this.#requester.facts));
    };
    this.#stopWatching = () => {
      timer.cancel();
      socket.removeListener('connect', onConnect);
      socket.removeListener('secureConnect', onSecure);
      socket.removeListener('data', onData);
    };
    // Prepended: to add the listener with on() would let the bytes flow before ioredis listens.
    socket.prependListener('data', onData);
    socket.once('secureConnect', onSecure);
    if (socket.destroyed) this.onSocketClosed(socket);
    else if (socket.connecting) socket.once('connect', onConnect);
    else onConnect();
  }

  /** The socket has closed before the first bytes of the server. */
  onSocketClosed(socket: Socket): void {
    this.#finish();
    this.#awaitAnswer();
    if (this.isAccepted && this.#wasCutOff(socket)) this.#limiter.onServerFullSuspected(this, this.#address);
    else this.#limiter.release(this);
  }

  /** Waits until the server answers another client, which ends the delay of this one. */
  #awaitAnswer(): void {
    const { owner, hasSkippedDelay } = this.#requester;
    if (this.#isCancelled || !owner || hasSkippedDelay) return;
    this.#requester.unansweredDial = this;
    this.#limiter.unanswered.add(this);
  }

  onServerAnswered(): void {
    this.forget();
    this.#requester.hasSkippedDelay = true;
    this.#requester.owner?.skipDefaultDelay();
  }

  /** The client dials again, or has ended: it no longer matters whether the server answers others. */
  forget(): void {
    this.#limiter.unanswered.delete(this);
    this.#requester.unansweredDial = undefined;
  }

  #endWait() {
    const wait = this.#wait;
    if (!wait) return undefined;
    this.#wait = undefined;
    this.#limiter.release(this);
    return wait;
  }

  #finish(): void {
    this.#stopWatching();
    if (this.#requester.dialAttempt === this) this.#requester.dialAttempt = undefined;
  }

  #serverFullError(): HygieneError {
    return serverFullError(this.#requester.facts, this.#target.url);
  }

  /** The handshake is done. */
  onHandshakeDone(): void {
    if (this.isIntroduced) this.#limiter.introduction.onAccepted();
  }

  /** The server has closed the connection before it had answered the introduction. */
  onIntroductionEnded(): void {
    this.#limiter.introduction.onClosed(this.isIntroduced, this.#ports.clock.now());
  }

  #cutOffError(result: CutOffResult): HygieneError {
    return cutOffError(this.#requester.facts, this.#target.url, result);
  }

  #wasCutOff({ errored, readableEnded }: Socket): boolean {
    if (this.#isCancelled) return false;
    const error: NodeJS.ErrnoException | null = errored;
    return readableEnded || CUT_OFF_CODES.has(error?.code ?? '');
  }

  /** Address for a silent probe. `undefined` for TLS, where a server waits for the client's first bytes. */
  #peerAddressOf(socket: Socket): PeerAddress | undefined {
    if ('encrypted' in socket) return undefined;
    const { remoteAddress: host, remotePort: port } = socket;
    if (host !== undefined && port !== undefined) return { host, port };
    const { path } = this.#target;
    return path ? { path } : undefined;
  }
}
