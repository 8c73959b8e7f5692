import type { Clock } from '../core/clock.js';
import type { Member } from './member.js';

export interface ShelfPorts {
  readonly clock: Clock;
  /** How long one may lie there. */
  readonly restMs: number;
  /** Nobody took these in time. */
  readonly onRested: (members: readonly Member[]) => void;
}

/** Connections that have just come back: for `restMs` they are lent again without ado. */
export class Shelf {
  readonly #ports: ShelfPorts;
  /** The one that came back last is at the end. */
  #members: Member[] = [];
  #timer: { cancel(): void } | undefined;

  constructor(ports: ShelfPorts) {
    this.#ports = ports;
  }

  put(member: Member, now: number): void {
    member.restedAt = now;
    this.#members.push(member);
    this.#timer ??= this.#ports.clock.after(this.#ports.restMs, () => this.#putAway());
  }

  /** The one that came back last. Where the process stood still meanwhile, the timer is late, and time decides. */
  take(now: number): Member | undefined {
    const last = this.#members.pop();
    if (!last || now - last.restedAt < this.#ports.restMs) return last;
    this.#ports.onRested([...this.empty(), last]);
    return undefined;
  }

  /** Takes all of them. */
  empty(): Member[] {
    this.#timer?.cancel();
    this.#timer = undefined;
    return this.#members.splice(0);
  }

  #putAway(): void {
    this.#timer = undefined;
    const { clock, restMs, onRested } = this.#ports;
    const now = clock.now();
    const isRested = ({ restedAt }: Member) => now - restedAt >= restMs;
    const rested = this.#members.filter(isRested);
    this.#members = this.#members.filter((member) => !isRested(member));
    onRested(rested);
    const [oldest] = this.#members;
    if (oldest) this.#timer = clock.after(oldest.restedAt + restMs - now, () => this.#putAway());
  }
}
