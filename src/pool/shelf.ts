import type { Clock } from '../core/clock.js';
import type { Member } from './member.js';

export interface ShelfPorts {
  readonly clock: Clock;
  /** How long one stays here. */
  readonly restMs: number;
  /** These have not been used for so long. */
  readonly onRested: (members: readonly Member[]) => void;
}

/** The connections that have just come back. What came back last is lent first, so that the others come to rest. */
export class Shelf {
  readonly #ports: ShelfPorts;
  /** The oldest first. */
  #members: Member[] = [];
  #timer: { cancel(): void } | undefined;

  constructor(ports: ShelfPorts) {
    this.#ports = ports;
  }

  take(): Member | undefined {
    return this.#members.pop();
  }

  put(member: Member, now: number): void {
    member.restedAt = now;
    this.#members.push(member);
    this.#timer ??= this.#ports.clock.after(this.#ports.restMs, () => this.#look());
  }

  #look(): void {
    const { clock, restMs, onRested } = this.#ports;
    const now = clock.now();
    const isRested = ({ restedAt }: Member) => now - restedAt >= restMs;
    const rested = this.#members.filter(isRested);
    this.#members = this.#members.filter((member) => !isRested(member));
    const [oldest] = this.#members;
    this.#timer = oldest && clock.after(oldest.restedAt + restMs - now, () => this.#look());
    onRested(rested);
  }

  /** Takes all of them, for good. */
  clear(): readonly Member[] {
    this.#timer?.cancel();
    return this.#members.splice(0);
  }
}
