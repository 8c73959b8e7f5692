import { type Clock, systemClock } from '../../core/clock.js';
import { processWide } from '../../core/process-wide.js';
import { createProbe, Saturation, type DetectedBy, type Probe, type PeerAddress } from './saturation.js';

/** What is known of a full server when a factory is told. */
export interface SaturationNotice {
  readonly found: DetectedBy;
  /** Dials of this process that wait for room, of all its factories. */
  readonly waiting: number;
  /** When the server is asked again, in milliseconds from now. */
  readonly nextProbeMs: number;
}

/** One dial, at the gate of its server. */
export interface WaitingDial {
  /** How many dials to one server may be under way when this one begins, itself included. */
  readonly limit: number;
  /** Its factory, which is told once in an episode. */
  readonly factory: object;
  /** It has waited, and may dial now. */
  go(): void;
  /** It waits for room. Called now and then. */
  held(now: number): void;
  /** The server is full. One visitor of each house tells it. */
  tell(saturation: SaturationNotice): void;
}

export interface DialLimiterPorts {
  readonly clock: Clock;
  readonly probe: Probe;
}

/** A gate is shut while a server is full, and while it is feared to be. Dials wait then, until a probe has asked. */
type State =
  | { readonly kind: 'closed' }
  | { readonly kind: 'open'; readonly why: 'full' | 'suspected'; readonly askAt: number }
  | { readonly kind: 'half-open'; readonly why: 'full' | 'suspected' };

/** Between two probes at all, and after one that was shut out for another reason: a proxy without a server, perhaps. */
const PACE_MS = 1_000;
const ELSE_PACE_MS = 10_000;

/** How often those who wait are looked at. */
const LOOK_MS = 500;

/**
 * The way to one server: so many dials at once, the others in the order in which they came. While the server is full
 * none goes, and a silent probe asks for all of them.
 */
export class DialLimiter {
  readonly #ports: DialLimiterPorts;
  readonly #waiting = new Set<WaitingDial>();
  readonly #going = new Set<WaitingDial>();
  #state: State = { kind: 'closed' };
  /** Runs while somebody waits, and keeps the process alive then, as a dial does. */
  #timer: ReturnType<Clock['hold']> | undefined;
  #where: PeerAddress | undefined;
  #mayProbeAt = -Infinity;
  /** Those whose dials have raised the fear. */
  #refused: WaitingDial[] = [];
  readonly #episode = new Saturation();

  constructor(ports: DialLimiterPorts) {
    this.#ports = ports;
  }

  /** Nobody is here, and nothing is worth remembering. */
  get isForgettable(): boolean {
    const isEmpty = this.#waiting.size + this.#going.size === 0 && this.#state.kind !== 'half-open';
    return isEmpty && this.#episode.isLongAgo(this.#ports.clock.now());
  }

  /** Whether it may dial at once. Otherwise it waits until `go()`. */
  enter(visitor: WaitingDial): boolean {
    if (this.#waiting.size === 0 && this.#mayGo(visitor)) {
      this.#going.add(visitor);
      return true;
    }
    this.#waiting.add(visitor);
    this.#tell([visitor]);
    if (!this.#timer) this.#look();
    return false;
  }

  /** Its dial is over, or it does not wait any more. May be called again. */
  leave(visitor: WaitingDial): void {
    this.#going.delete(visitor);
    this.#waiting.delete(visitor);
    this.#next();
    if (this.#waiting.size === 0) this.#rest();
  }

  /** The server has said something else than that it is full. */
  answered(visitor: WaitingDial): void {
    this.#episode.hasLetIn = true;
    this.leave(visitor);
  }

  /** The server has said that it is full. */
  refused(visitor: WaitingDial, where: PeerAddress | undefined): void {
    this.#where = where;
    if (this.#state.kind === 'closed') this.#shut('text', [visitor]);
    this.leave(visitor);
  }

  /** The server has closed the connection before it said anything: it may be full. */
  suspected(visitor: WaitingDial, where: PeerAddress): void {
    this.#where = where;
    if (this.#state.kind === 'closed') {
      // After an episode the probe has seen room, and somebody else was faster.
      if (this.#episode.hasLetIn) this.#fear(visitor);
      else this.#shut('probe', [visitor]);
    }
    this.leave(visitor);
  }

  #fear(visitor: WaitingDial): void {
    const now = this.#ports.clock.now();
    const askAt = Math.max(now, this.#mayProbeAt);
    if (askAt - now > PACE_MS) return;
    this.#refused.push(visitor);
    this.#state = { kind: 'open', why: 'suspected', askAt };
    if (askAt === now) this.#ask('suspected');
  }

  /** After an episode one goes alone until it is in: there may be no more room. */
  #mayGo({ limit }: WaitingDial): boolean {
    return this.#state.kind === 'closed' && this.#going.size < (this.#episode.hasLetIn ? limit : 1);
  }

  #next(): void {
    for (const visitor of this.#waiting) {
      if (!this.#mayGo(visitor)) return;
      this.#waiting.delete(visitor);
      this.#going.add(visitor);
      visitor.go();
    }
  }

  #look(): void {
    const { clock } = this.#ports;
    const now = clock.now();
    if (this.#isFull()) [...this.#waiting].forEach((visitor) => visitor.held(now));
    const { kind, why, askAt = Infinity } = { why: undefined, askAt: undefined, ...this.#state };
    if (kind === 'open' && askAt <= now) this.#ask(why);
    const nextMs = askAt > now ? Math.min(LOOK_MS, askAt - now) : LOOK_MS;
    this.#timer = clock.hold(nextMs, () => this.#look());
  }

  #rest(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
  }

  #isFull(): boolean {
    return this.#state.kind !== 'closed' && this.#state.why === 'full';
  }

  #ask(why: 'full' | 'suspected'): void {
    this.#state = { kind: 'half-open', why };
    // A server that cannot be asked so is asked by the first who dials.
    const asked = this.#where ? this.#ports.probe(this.#where) : Promise.resolve('room' as const);
    void asked.then((verdict) => {
      this.#mayProbeAt = this.#ports.clock.now() + (verdict === 'else' ? ELSE_PACE_MS : PACE_MS);
      const refused = this.#refused.splice(0);
      if (verdict === 'full') return this.#shut('probe', refused);
      this.#state = { kind: 'closed' };
      this.#next();
      if (this.#waiting.size === 0) this.#rest();
    });
  }

  #shut(found: DetectedBy, refused: readonly WaitingDial[]): void {
    const { clock } = this.#ports;
    const askAt = clock.now() + this.#episode.full(found, clock.now(), clock.random());
    this.#state = { kind: 'open', why: 'full', askAt };
    this.#tell([...refused, ...this.#waiting]);
  }

  #tell(visitors: readonly WaitingDial[]): void {
    if (!this.#isFull()) return;
    const askAt = this.#state.kind === 'open' ? this.#state.askAt : 0;
    const nextProbeMs = Math.max(0, askAt - this.#ports.clock.now());
    const { found } = this.#episode;
    for (const visitor of this.#episode.unaware(visitors)) {
      visitor.tell({ found, waiting: this.#waiting.size, nextProbeMs });
    }
  }
}

/** The gates of a process, one for each server. */
export interface DialLimiters {
  /** The gate of the server with this address. */
  to(server: string): DialLimiter;
}

export function createDialLimiters(ports: DialLimiterPorts): DialLimiters {
  const gates = new Map<string, DialLimiter>();

  /** Servers come and go: what nobody needs is dropped when another one comes. */
  function dropForgettable(): void {
    for (const [server, gate] of gates) if (gate.isForgettable) gates.delete(server);
  }

  return {
    to(server) {
      const known = gates.get(server);
      if (known) return known;
      dropForgettable();
      const gate = new DialLimiter(ports);
      gates.set(server, gate);
      return gate;
    },
  };
}

/** Those of this process, for all factories: a server counts the sockets of all of them. */
export const processDialLimiters = processWide('gates', () =>
  createDialLimiters({ clock: systemClock, probe: createProbe(systemClock) }),
);
