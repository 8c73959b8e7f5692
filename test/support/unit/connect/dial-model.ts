import fc from 'fast-check';
import { expect } from 'vitest';
import { DialAttempt, type DialDecision } from '../../../../src/connect/dial/dial-attempt.js';
import { createDialLimiters } from '../../../../src/connect/dial/dial-limiter.js';
import { dialTargetOf } from '../../../../src/connect/dial/dial-target.js';
import type { ProbeResult } from '../../../../src/connect/dial/full-server.js';
import { createFakeClock, turn } from '../fake-clock.js';
import { facts } from '../ledger/fake-handle.js';
import { ModelSocket } from './model-socket.js';

const HANDSHAKE_TIMEOUT_MS = 10_000;
/** As in `DialAttempt`: an unanswered dial no longer counts after this time. */
const UNANSWERED_MS = 2_000;
const IDLE_OWNER = {
  isClosing: () => false,
  rejectOverdueCommands: () => undefined,
  skipDefaultDelay: () => undefined,
};
const FULL_REPLY = Buffer.from('-ERR max number of clients reached\r\n');
const REPLY = Buffer.from('+OK\r\n');

/** What happens to a dial with a socket. */
type SocketEvent = 'up' | 'answer' | 'full' | 'cut off' | 'refused' | 'timed out';

export type DialStep =
  | { readonly kind: 'request'; readonly factory: number; readonly isLibrary: boolean }
  | { readonly kind: 'attach' | 'fail' | 'cancel' | 'redirect'; readonly index: number }
  | { readonly kind: 'socket'; readonly event: SocketEvent; readonly index: number }
  | { readonly kind: 'probed'; readonly result: ProbeResult }
  | { readonly kind: 'advance'; readonly ms: number };

export const anyDialStep: fc.Arbitrary<DialStep> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant('request' as const),
      factory: fc.nat(1),
      isLibrary: fc.boolean(),
    }),
  },
  {
    weight: 8,
    arbitrary: fc.record({
      kind: fc.constantFrom('attach' as const, 'attach', 'attach', 'attach', 'fail', 'cancel', 'redirect'),
      index: fc.nat(10),
    }),
  },
  {
    weight: 8,
    arbitrary: fc.record({
      kind: fc.constant('socket' as const),
      event: fc.constantFrom<SocketEvent>(
        'up',
        'up',
        'up',
        'answer',
        'full',
        'cut off',
        'refused',
        'timed out',
      ),
      index: fc.nat(10),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant('probed' as const),
      result: fc.constantFrom<ProbeResult>('full', 'available', 'unknown'),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant('advance' as const),
      ms: fc.oneof(fc.nat(800), fc.nat(40_000)),
    }),
  },
);

interface ModelledDial {
  readonly attempt: DialAttempt;
  readonly factory: number;
  readonly isLibrary: boolean;
  phase: 'waiting' | 'admitted' | 'dialling' | 'over';
  isCancelled: boolean;
  decision: DialDecision | 'rejected' | undefined;
  socket: ModelSocket | undefined;
  /** Until when the dial counts, if nothing else ends it. */
  countsUntil: number;
}

/** Dials of two factories to one server whose every move is the test's, and what is expected of their limiter. */
export class DialModel {
  readonly dials: ModelledDial[] = [];
  /** What must not happen, and did. Checked by the test, because an error within a callback would be lost. */
  readonly faults: string[] = [];
  readonly clock = createFakeClock();
  readonly #limiters;
  readonly #factoryPorts;
  readonly #target = dialTargetOf({ host: 'a', port: 1 });
  /** Waiting dials, in the order in which they came. */
  readonly #queue: ModelledDial[] = [];
  #resolveProbe: ((result: ProbeResult) => void) | undefined;
  /** `open`: a dial was refused or cut off, and no probe has found room since. */
  #breaker: 'closed' | 'open' = 'closed';
  /** After a full server one dial goes alone, until one was answered. */
  #hasAnswered = true;
  #probedAt = -Infinity;
  /** A dial that was cut off is followed by a probe, unless that would be much too early. */
  #earliestProbeAt = -Infinity;

  constructor(readonly maxConnecting: readonly [number, number]) {
    const probe = () => {
      if (this.#resolveProbe) this.faults.push('two probes at a time');
      const pauseMs = this.clock.now() - this.#probedAt;
      if (pauseMs < 1_000) this.faults.push(`a probe ${pauseMs} ms after another one`);
      return new Promise<ProbeResult>((resolve) => (this.#resolveProbe = resolve));
    };
    this.#limiters = createDialLimiters({ clock: this.clock, probe });
    this.#factoryPorts = maxConnecting.map((max) => ({
      clock: this.clock,
      dialLimiters: this.#limiters,
      maxConnecting: max,
      handshakeTimeoutMs: HANDSHAKE_TIMEOUT_MS,
      onSaturated: () => undefined,
    }));
  }

  #counting(): number {
    const now = this.clock.now();
    const { length } = this.dials.filter(
      ({ phase, countsUntil }) => (phase === 'admitted' || phase === 'dialling') && countsUntil > now,
    );
    return length;
  }

  request(factory: number, isLibrary: boolean): void {
    const ports = this.#factoryPorts[factory];
    if (!ports) return;
    const requester = {
      ...{
        facts,
        owner: isLibrary ? undefined : IDLE_OWNER,
        dialAttempt: undefined as DialAttempt | undefined,
      },
      ...{ terms: {}, wasCutOff: false, report: () => undefined },
      ...{ hasSkippedDelay: false, unansweredDial: undefined },
    };
    const attempt = new DialAttempt(ports, requester, this.#target);
    requester.dialAttempt = attempt;
    const dial: ModelledDial = {
      ...{ attempt, factory, isLibrary, phase: 'waiting' as const, isCancelled: false },
      ...{ decision: undefined, socket: undefined, countsUntil: Infinity },
    };
    this.dials.push(dial);
    this.#queue.push(dial);
    const admit = attempt.onAdmitted.bind(attempt);
    attempt.onAdmitted = () => {
      this.#admit(dial);
      admit();
    };
    const decision = attempt.acquire();
    if (!decision) return this.#admit(dial);
    decision.then(
      (made) => (dial.decision = made),
      () => (dial.decision = 'rejected'),
    );
  }

  #admit(dial: ModelledDial): void {
    if (this.#queue.shift() !== dial) this.faults.push('a dial was admitted before an earlier one');
    if (this.#breaker === 'open') this.faults.push('a dial was admitted while the server may be full');
    if (dial.phase !== 'waiting') this.faults.push(`a dial that is ${dial.phase} was admitted`);
    const limit = this.#hasAnswered ? (this.maxConnecting[dial.factory] ?? 0) : 1;
    const counting = this.#counting();
    if (counting >= limit) this.faults.push(`a dial was admitted beside ${counting} others, limit ${limit}`);
    dial.phase = 'admitted';
  }

  attach(dial: ModelledDial): void {
    if (dial.isCancelled) return this.fail(dial);
    const socket = new ModelSocket();
    dial.socket = socket;
    dial.phase = 'dialling';
    dial.countsUntil = this.clock.now() + UNANSWERED_MS;
    dial.attempt.watchSocket(socket.asSocket());
  }

  /** The dial ends before there is a socket: its host is unknown, or it was cancelled. */
  fail(dial: ModelledDial): void {
    dial.phase = 'over';
    dial.attempt.release();
  }

  cancel(dial: ModelledDial): void {
    const wasWaiting = dial.phase === 'waiting';
    dial.isCancelled = true;
    if (wasWaiting) this.#leaveQueue(dial);
    dial.attempt.cancel(new Error('Connection is closed.'));
  }

  redirect(dial: ModelledDial): void {
    const wasWaiting = dial.phase === 'waiting';
    if (wasWaiting) this.#leaveQueue(dial);
    expect(dial.attempt.redirect()).toBe(wasWaiting);
  }

  #leaveQueue(dial: ModelledDial): void {
    this.#queue.splice(this.#queue.indexOf(dial), 1);
    dial.phase = 'over';
  }

  onSocket(dial: ModelledDial, event: SocketEvent): void {
    const { socket } = dial;
    if (!socket) return;
    if (event === 'up') {
      if (!socket.connecting) return;
      const isCounting = dial.countsUntil > this.clock.now(); // a dial that was given up does not count again
      if (isCounting)
        dial.countsUntil = this.clock.now() + (dial.isLibrary ? UNANSWERED_MS : HANDSHAKE_TIMEOUT_MS);
      return socket.up();
    }
    if ((event === 'answer' || event === 'full') && socket.connecting) socket.up();
    dial.phase = 'over';
    if (event === 'answer') {
      this.#hasAnswered = true;
      socket.emit('data', REPLY);
    } else if (event === 'full') {
      this.#onFull();
      socket.emit('data', FULL_REPLY);
    } else this.#close(dial, socket, event);
  }

  /** Once the breaker is open, only a probe changes what is expected. */
  #onFull(): void {
    if (this.#breaker === 'closed') this.#hasAnswered = false;
    this.#breaker = 'open';
  }

  #onCutOff(): void {
    if (this.#breaker === 'open') return;
    const isProbedSoon = this.#earliestProbeAt - this.clock.now() <= 1_000;
    if (!this.#hasAnswered || isProbedSoon) this.#breaker = 'open';
  }

  #close({ attempt, isCancelled }: ModelledDial, socket: ModelSocket, event: SocketEvent): void {
    const code = event === 'cut off' ? 'ECONNRESET' : event === 'refused' ? 'ECONNREFUSED' : 'ETIMEDOUT';
    if (event === 'cut off' && !socket.connecting && !isCancelled) this.#onCutOff();
    socket.gone(Object.assign(new Error(code), { code }));
    attempt.onSocketClosed(socket.asSocket());
  }

  async endProbe(result: ProbeResult): Promise<void> {
    if (!this.#resolveProbe) return;
    if (result === 'full') this.#hasAnswered = false;
    else this.#breaker = 'closed';
    this.#probedAt = this.clock.now();
    this.#earliestProbeAt = this.#probedAt + (result === 'unknown' ? 10_000 : 1_000);
    this.#resolveProbe(result);
    this.#resolveProbe = undefined;
    await turn();
  }

  async take(step: DialStep): Promise<void> {
    const pick = (...phases: readonly ModelledDial['phase'][]) => {
      const candidates = this.dials.filter(({ phase }) => phases.includes(phase));
      return 'index' in step ? candidates[step.index % Math.max(1, candidates.length)] : undefined;
    };
    if (step.kind === 'request') this.request(step.factory, step.isLibrary);
    else if (step.kind === 'probed') await this.endProbe(step.result);
    else if (step.kind === 'advance') await this.clock.advance(step.ms);
    else if (step.kind === 'socket') {
      const dial = pick('dialling');
      if (dial) this.onSocket(dial, step.event);
    } else {
      const dial =
        step.kind === 'cancel'
          ? pick('waiting', 'admitted', 'dialling')
          : pick(step.kind === 'redirect' ? 'waiting' : 'admitted');
      if (dial) this[step.kind](dial);
    }
    await Promise.resolve();
    expect(this.faults).toEqual([]);
  }

  /** The server has room from now on: every dial that waits is admitted and answered. Throws if one is not. */
  async expectAllAdmitted(onStep: () => void): Promise<void> {
    const open = () => this.dials.filter(({ phase }) => phase !== 'over');
    for (let round = 0; open().length > 0; round += 1) {
      expect(round, 'rounds until every dial was admitted').toBeLessThan(300);
      onStep();
      for (const dial of open()) {
        if (dial.phase === 'admitted') this.attach(dial);
        if (dial.phase === 'dialling') this.onSocket(dial, 'answer');
      }
      await this.clock.advance(31_000);
      await this.endProbe('available');
    }
    expect([this.#queue, this.faults]).toEqual([[], []]);
    await this.endProbe('available');
    await this.clock.advance(601_000); // the limiter remembers refused introductions for ten minutes
    expect(this.clock.pendingTimers(), 'timers that are left').toBe(0);
    this.dials.forEach(({ attempt }) => attempt.forget()); // the clients have ended
    expect(this.#limiters.limiterOf(this.#target.key).canBeDropped).toBe(true);
  }
}
