import { type BackoffBounds, fullJitter } from '../../core/backoff.js';
import { type Clock, systemClock } from '../../core/clock.js';
import { processWide } from '../../core/process-wide.js';
import {
  createFullServerProbe,
  type DetectedBy,
  type FullServerProbe,
  type PeerAddress,
  type ProbeResult,
  Saturation,
} from './full-server.js';
import { Introduction } from './introduction.js';

/** Facts about a full server at the moment in which a factory is notified. */
export interface SaturationNotice {
  readonly detectedBy: DetectedBy;
  /** Dials of this process that wait for room, of all its factories. */
  readonly pending: number;
  /** Time until the server is probed again, in milliseconds. */
  readonly nextProbeMs: number;
}

/** A dial, as the limiter of its server sees it. */
export interface WaitingDial {
  /** Number of dials to the server that may be in progress once this one has started, itself included. */
  readonly maxConnecting: number;
  /** The factory of the dial. Notified once per saturation. */
  readonly factory: object;
  /** Whether the server has closed the last connection of this client without a reply. Only such clients are held back for it. */
  readonly wasCutOff: boolean;
  /** The wait is over: the dial may start now. */
  onAdmitted(): void;
  /** The dial still waits, because the server is full or has closed connections without a reply. Called every 500 ms. */
  onStillWaiting(now: number, cause: HoldCause): void;
  /** The server has closed the dial's connection without a reply, and is not full. */
  onCutOff(result: CutOffResult): void;
  /** The server is full. Called for one dial of each factory. */
  onSaturated(notice: SaturationNotice): void;
}

/** A dial that the server has not answered. Its client waits before the next one. */
export interface UnansweredDial {
  /** The server has answered another dial. */
  onServerAnswered(): void;
}

export interface DialLimiterPorts {
  readonly clock: Clock;
  readonly probe: FullServerProbe;
}

/** Why dials are held back for long: the server is full, or has closed one connection after the other without a reply. */
export type HoldCause = 'full' | 'cut-off';

/** What the probe has found of a server that closed a connection without a reply: it keeps one that sends nothing, or not. */
export type CutOffResult = Exclude<ProbeResult, 'full'>;

/** Why dials wait. `suspected`: the server closed a connection without a reply and may be full. */
type OpenCause = HoldCause | 'suspected';

/**
 * State of the circuit breaker. `closed`: dials pass. `open`: dials wait until the next probe. `half-open`: dials wait for
 * the result of the probe.
 *
 *     closed → open → half-open → closed or open
 */
type BreakerState =
  | { readonly kind: 'closed' }
  | { readonly kind: 'open'; readonly cause: OpenCause; readonly probeAt: number }
  | { readonly kind: 'half-open'; readonly cause: OpenCause };

/** Shortest time between two probes. */
const PROBE_INTERVAL_MS = 1_000;

/** Shortest time until the next probe after one with an unknown result, for example of a proxy without a server. */
const PROBE_INTERVAL_AFTER_UNKNOWN_MS = 10_000;

/** Number of cut-off connections in a row from which on dials wait, one after the other. */
const MAX_CUT_OFFS = 3;

/** Pause after each further one: half a second at least, and short enough that the end of the trouble is noticed soon. */
const MIN_CUT_OFF_PAUSE_MS = 500;
const CUT_OFF_JITTER: BackoffBounds = { baseMs: 1_000, capMs: 4_500 };

/** Interval in which waiting dials are notified that they still wait. */
const TICK_MS = 500;

/**
 * Limits the dials to one server. `maxConnecting` dials are in progress at a time, and the others wait in the order in
 * which they came. While the server is full no dial starts, and one silent probe asks for all of them.
 */
export class DialLimiter {
  readonly #ports: DialLimiterPorts;
  readonly #waiting = new Set<WaitingDial>();
  readonly #connecting = new Set<WaitingDial>();
  /** Failed dials, one for each client that waits to dial again. */
  readonly unanswered = new Set<UnansweredDial>();
  #state: BreakerState = { kind: 'closed' };
  /** Runs while dials wait, and keeps the process alive then, as a dial itself does. */
  #timer: ReturnType<Clock['afterRef']> | undefined;
  /** Address for probes. Unknown for TLS, and for sockets that a connector of the application made. */
  #address: PeerAddress | undefined;
  #earliestProbeAt = -Infinity;
  /** Dials that caused the suspicion. Notified of the result of the probe. */
  #suspectedBy: WaitingDial[] = [];
  /** Number of connections in a row that the server has closed without a reply, without being full. */
  #cutOffCount = 0;
  /** What was found of the last of them. */
  lastCutOff: CutOffResult = 'unknown';
  readonly #saturation = new Saturation();
  readonly introduction = new Introduction();

  constructor(ports: DialLimiterPorts) {
    this.#ports = ports;
  }

  /** Whether the limiter has no dials, and no state that would be missed. */
  get canBeDropped(): boolean {
    const hasNoDials = this.#waiting.size + this.#connecting.size + this.unanswered.size === 0;
    const isIdle = hasNoDials && this.#state.kind !== 'half-open';
    const now = this.#ports.clock.now();
    return isIdle && !this.introduction.isRefused(now) && this.#saturation.isExpired(now);
  }

  /** Whether the dial may start at once. If not, it waits until `onAdmitted()` is called. */
  tryAcquire(dial: WaitingDial): boolean {
    if (this.#canStart(dial) && !this.#isBehind(dial)) {
      this.#connecting.add(dial);
      return true;
    }
    this.#waiting.add(dial);
    this.#notify([dial]);
    if (!this.#timer) this.#tick();
    return false;
  }

  /** Ends a dial, or its wait. May be called more than once. */
  release(dial: WaitingDial): void {
    this.#connecting.delete(dial);
    this.#waiting.delete(dial);
    this.#startWaiting();
    if (this.#waiting.size === 0) this.#stopTimer();
  }

  /** The server has answered the dial, and is not full. Clients that it had not answered need not wait any longer. */
  onAnswered(dial: WaitingDial): void {
    this.#saturation.hasAdmitted = true;
    this.#cutOffCount = 0;
    this.release(dial);
    for (const unanswered of [...this.unanswered]) unanswered.onServerAnswered();
  }

  /** The server has answered the dial that it is full. */
  onServerFull(dial: WaitingDial, address: PeerAddress | undefined): void {
    this.#address = address;
    if (this.#mayPass(false)) this.#openAsFull('reply', [dial]);
    this.release(dial);
  }

  /** The server has closed the connection without an answer, so it may be full. Without an address it cannot be probed. */
  onServerFullSuspected(dial: WaitingDial, address: PeerAddress | undefined): void {
    this.#address = address;
    if (this.#mayPass(false)) {
      // During a saturation the breaker is closed only because a probe saw room: another client took it first.
      if (!this.#saturation.hasAdmitted) this.#openAsFull('probe', [dial]);
      else if (address) this.#openAsSuspected(dial);
      else this.#onCutOff('unknown', [dial]);
    }
    this.release(dial);
  }

  /** After a saturation, or many cut-off connections, one dial goes alone until it is answered. */
  #canStart({ maxConnecting, wasCutOff }: WaitingDial): boolean {
    const isHeldBack = wasCutOff && this.#cutOffCount >= MAX_CUT_OFFS;
    const limit = isHeldBack || !this.#saturation.hasAdmitted ? 1 : maxConnecting;
    return this.#mayPass(wasCutOff) && this.#connecting.size < limit;
  }

  /** Other clients than those that the server cuts off do not wait for them: they may have another user, or TLS. */
  #mayPass(wasCutOff: boolean): boolean {
    if (this.#state.kind === 'closed') return true;
    return this.#state.cause === 'cut-off' && !wasCutOff;
  }

  /** Whether another dial waits that comes before this one. */
  #isBehind({ wasCutOff }: WaitingDial): boolean {
    return [...this.#waiting].some((waiting) => wasCutOff || !waiting.wasCutOff);
  }

  #startWaiting(): void {
    for (const dial of this.#waiting) {
      if (!this.#canStart(dial)) {
        if (dial.wasCutOff) continue;
        return;
      }
      this.#waiting.delete(dial);
      this.#connecting.add(dial);
      dial.onAdmitted();
    }
  }

  #tick(): void {
    const { clock } = this.#ports;
    const now = clock.now();
    const cause = this.#state.kind === 'closed' ? 'suspected' : this.#state.cause;
    if (cause !== 'suspected') {
      const held = [...this.#waiting].filter(({ wasCutOff }) => cause === 'full' || wasCutOff);
      held.forEach((dial) => dial.onStillWaiting(now, cause));
    }
    const state = this.#state;
    const probeAt = state.kind === 'open' ? state.probeAt : Infinity;
    if (state.kind === 'open' && probeAt <= now) {
      if (state.cause === 'cut-off') return this.#close();
      this.#probe(state.cause);
    }
    const nextTickMs = probeAt > now ? Math.min(TICK_MS, probeAt - now) : TICK_MS;
    this.#timer = clock.afterRef(nextTickMs, () => this.#tick());
  }

  #stopTimer(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
  }

  /** Whether dials wait because the server is full. */
  get isFull(): boolean {
    return this.#state.kind !== 'closed' && this.#state.cause === 'full';
  }

  #openAsSuspected(dial: WaitingDial): void {
    const now = this.#ports.clock.now();
    const probeAt = Math.max(now, this.#earliestProbeAt);
    if (probeAt - now > PROBE_INTERVAL_MS) return this.#onCutOff(this.lastCutOff, [dial]);
    this.#suspectedBy.push(dial);
    this.#state = { kind: 'open', cause: 'suspected', probeAt };
    if (probeAt === now) this.#probe('suspected');
  }

  #openAsFull(detectedBy: DetectedBy, refused: readonly WaitingDial[]): void {
    const { clock } = this.#ports;
    const probeAt = clock.now() + this.#saturation.onServerFull(detectedBy, clock.now(), clock.random());
    this.#state = { kind: 'open', cause: 'full', probeAt };
    this.#notify([...refused, ...this.#waiting]);
  }

  #probe(cause: OpenCause): void {
    this.#state = { kind: 'half-open', cause };
    // Without an address the breaker closes, and the next dial finds out.
    const probed = this.#address ? this.#ports.probe(this.#address) : Promise.resolve('available' as const);
    void probed.then((result) => {
      const intervalMs = result === 'unknown' ? PROBE_INTERVAL_AFTER_UNKNOWN_MS : PROBE_INTERVAL_MS;
      this.#earliestProbeAt = this.#ports.clock.now() + intervalMs;
      const suspectedBy = this.#suspectedBy.splice(0);
      if (result === 'full') return this.#openAsFull('probe', suspectedBy);
      if (suspectedBy.length > 0) this.#onCutOff(result, suspectedBy);
      else this.#close();
    });
  }

  /** The server has closed connections without a reply. From the third in a row on, the next dial waits for a moment. */
  #onCutOff(result: CutOffResult, dials: readonly WaitingDial[]): void {
    const { clock } = this.#ports;
    this.lastCutOff = result;
    this.#cutOffCount += 1;
    const further = this.#cutOffCount - MAX_CUT_OFFS + 1;
    if (further > 0) {
      const pauseMs = MIN_CUT_OFF_PAUSE_MS + fullJitter(further, CUT_OFF_JITTER, clock.random());
      this.#state = { kind: 'open', cause: 'cut-off', probeAt: clock.now() + pauseMs };
    } else this.#close();
    dials.forEach((dial) => dial.onCutOff(result));
  }

  /** Lets dials pass again. */
  #close(): void {
    this.#state = { kind: 'closed' };
    this.#startWaiting();
    this.#stopTimer();
    if (this.#waiting.size > 0) this.#tick();
  }

  #notify(dials: readonly WaitingDial[]): void {
    if (!this.isFull) return;
    const probeAt = this.#state.kind === 'open' ? this.#state.probeAt : 0;
    const nextProbeMs = Math.max(0, probeAt - this.#ports.clock.now());
    const { detectedBy } = this.#saturation;
    for (const dial of this.#saturation.takeUnnotified(dials)) {
      dial.onSaturated({ detectedBy, pending: this.#waiting.size, nextProbeMs });
    }
  }
}

/** The dial limiters of a process, one for each server. */
export interface DialLimiters {
  /** The limiter of the server with this key (see `DialTarget`). Created when it is first asked for. */
  limiterOf(serverKey: string): DialLimiter;
}

export function createDialLimiters(ports: DialLimiterPorts): DialLimiters {
  const limiters = new Map<string, DialLimiter>();

  /** Servers come and go: unused limiters are dropped whenever a new one is created. */
  function dropUnused(): void {
    for (const [serverKey, limiter] of limiters) if (limiter.canBeDropped) limiters.delete(serverKey);
  }

  return {
    limiterOf(serverKey) {
      const known = limiters.get(serverKey);
      if (known) return known;
      dropUnused();
      const limiter = new DialLimiter(ports);
      limiters.set(serverKey, limiter);
      return limiter;
    },
  };
}

/** The dial limiters of this process, shared by all factories: maxclients counts the sockets of all of them. */
export const processDialLimiters = processWide('dial limiters', () =>
  createDialLimiters({ clock: systemClock, probe: createFullServerProbe(systemClock) }),
);
