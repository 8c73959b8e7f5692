import type { Socket } from 'node:net';
import type { Clock } from '../../core/clock.js';
import type { HygieneError } from '../../core/errors.js';
import type { ConnectionFacts } from '../../ledger/connection.js';
import { saysFull, serverFull } from '../ioredis/connection-errors.js';
import type { DialLimiter, DialLimiters, SaturationNotice, WaitingDial } from './dial-limiter.js';
import type { DialTarget } from './dial-target.js';
import type { PeerAddress } from './saturation.js';

/** What a factory is told of a full server. */
export interface SaturationReport extends SaturationNotice {
  /** URL of the server that was dialled, without credentials; for a Sentinel client that of its master or replica. */
  readonly target: string;
}

/** What the dials of a factory share. */
export interface DialAttemptPorts {
  readonly clock: Clock;
  readonly gates: DialLimiters;
  /** How many dials to one server may be under way. */
  readonly connecting: number;
  /** How long a server that took the connection may leave the handshake unanswered. */
  readonly handshakeTimeoutMs: number;
  readonly onSaturated: (report: SaturationReport) => void;
}

/** The client that dials, as far as a dial asks it. */
interface DialOwner {
  /** Whether quit() or disconnect() has been called and the socket is still closing. */
  isClosing(): boolean;
  /** Rejects commands that have waited for too long at a full server. */
  rejectOverdue(now: number, error: () => HygieneError): void;
}

/** Who dials: a link, seen from the gate. */
export interface DialRequester {
  readonly facts: ConnectionFacts;
  /** Nothing for a client that a library made. */
  readonly owner: DialOwner | undefined;
  readonly terms: { readonly onFailure?: ((error: HygieneError) => void) | undefined };
  /** Kept for as long as it says something of the dial that is under way. */
  passage: DialAttempt | undefined;
  report(error: HygieneError): void;
}

/** How a wait at a gate ends: it may dial, or the server is elsewhere now. */
export type DialDecision = 'dial' | 'moved';

/**
 * A dial weighs on a server that has taken the connection, not on one whose address answers nothing: after so long
 * others go too, or 100 clients of a dead server would wait minutes to learn of it.
 */
const UNANSWERED_MS = 2_000;

/** How a server ends a connection that it does not want. */
const CUT_OFF = new Set(['ECONNRESET', 'EPIPE', 'ECONNABORTED']);

/**
 * One dial on its way: to the gate of its server, through it, and up to the first thing that the server says. It
 * listens to the first bytes itself: the reply that they are to ioredis may be one that it swallows.
 */
export class DialAttempt implements WaitingDial {
  readonly #ports: DialAttemptPorts;
  readonly #traveller: DialRequester;
  readonly #destination: DialTarget;
  readonly #gate: DialLimiter;
  #decide: { readonly go: (how: DialDecision) => void; readonly fail: (error: Error) => void } | undefined;
  #isCalledOff = false;
  #isHeld = false;
  /** Whether the socket has come up, and where it leads. */
  #where: PeerAddress | undefined;
  #stop: () => void = () => undefined;

  constructor(ports: DialAttemptPorts, traveller: DialRequester, destination: DialTarget) {
    this.#ports = ports;
    this.#traveller = traveller;
    this.#destination = destination;
    this.#gate = ports.gates.to(destination.key);
  }

  get limit(): number {
    return this.#ports.connecting;
  }

  get factory(): object {
    return this.#ports;
  }

  /** Nothing where it may dial at once. Rejects where it is called off. */
  enter(): Promise<DialDecision> | undefined {
    if (this.#gate.enter(this)) return undefined;
    return new Promise((go, fail) => (this.#decide = { go, fail }));
  }

  go(): void {
    this.#decide?.go('dial');
    this.#decide = undefined;
  }

  /** Its server is elsewhere now. Whether it was waiting here. */
  moveOn(): boolean {
    const waiting = this.#decide;
    if (!waiting) return false;
    this.#decide = undefined;
    this.#gate.leave(this);
    waiting.go('moved');
    return true;
  }

  /** Whether it waits here for a client that was told to connect again, as it is about to. */
  goesOnWaiting(): boolean {
    return this.#decide !== undefined && this.#traveller.owner?.isClosing() === false;
  }

  /** Nobody wants the connection any more. What its socket does from now on says nothing of the server. */
  callOff(error: Error): void {
    this.#isCalledOff = true;
    const waiting = this.#decide;
    if (!waiting) return;
    this.#decide = undefined;
    this.#gate.leave(this);
    waiting.fail(error);
  }

  /** There is no socket, and will be none. */
  leave(): void {
    this.#end();
    this.#gate.leave(this);
  }

  #end(): void {
    this.#stop();
    if (this.#traveller.passage === this) this.#traveller.passage = undefined;
  }

  /** The factory is told once in an episode; whoever opened this client learns why it has to wait. */
  held(now: number): void {
    if (!this.#isHeld) this.#traveller.terms.onFailure?.(this.#error());
    this.#isHeld = true;
    this.#traveller.owner?.rejectOverdue(now, () => this.#error());
  }

  tell(saturation: SaturationNotice): void {
    this.#ports.onSaturated({ target: this.#destination.target, ...saturation });
    this.#traveller.report(this.#error());
  }

  #error(): HygieneError {
    return serverFull(this.#traveller.facts, this.#destination.target);
  }

  /** Follows the dial's socket until the server has said something. Of its end it is told (`closed`). */
  watch(socket: Socket): void {
    const { clock, handshakeTimeoutMs } = this.#ports;
    const leave = () => this.#gate.leave(this);
    let timer = clock.after(UNANSWERED_MS, leave);
    const up = () => {
      this.#where = this.#whereabouts(socket);
      timer.cancel();
      // Of a library's client it is not known whether it says anything that could be answered.
      timer = clock.after(this.#traveller.owner ? handshakeTimeoutMs : UNANSWERED_MS, leave);
    };
    const heard = (said: unknown) => {
      this.#end();
      if (saysFull(said)) this.#gate.refused(this, this.#where);
      else this.#gate.answered(this);
    };
    this.#stop = () => {
      timer.cancel();
      socket.removeListener('connect', up);
      socket.removeListener('data', heard);
    };
    // Prepended, because adding one would let the bytes flow before ioredis listens.
    socket.prependListener('data', heard);
    if (socket.destroyed) this.closed(socket);
    else if (socket.connecting) socket.once('connect', up);
    else up();
  }

  /** The socket has closed before the server has said anything. */
  closed(socket: Socket): void {
    this.#end();
    if (this.#where && this.#isCutOff(socket)) this.#gate.suspected(this, this.#where);
    else this.#gate.leave(this);
  }

  #isCutOff({ errored, readableEnded }: Socket): boolean {
    if (this.#isCalledOff) return false;
    const failure: NodeJS.ErrnoException | null = errored;
    return readableEnded || CUT_OFF.has(failure?.code ?? '');
  }

  /** Where a connection without a word could ask. A port for TLS would wait for one. */
  #whereabouts(socket: Socket): PeerAddress | undefined {
    if ('encrypted' in socket) return undefined;
    const { remoteAddress: host, remotePort: port } = socket;
    if (host !== undefined && port !== undefined) return { host, port };
    const { path } = this.#destination;
    return path ? { path } : undefined;
  }
}
