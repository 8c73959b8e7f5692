import type { Clock } from '../core/clock.js';
import { Queue } from '../core/queue.js';
import type { BorrowerTrail } from './borrower.js';
import type { ActiveLease } from './lease.js';

/** A caller who waits for a connection. */
interface Waiter {
  readonly trail: BorrowerTrail;
  readonly since: number;
  resolve(loan: ActiveLease): void;
  reject(error: Error): void;
}

export interface WaitQueuePorts {
  readonly clock: Clock;
  readonly timeoutMs: number;
  /** The error for one whose time is up. */
  readonly onTimeout: () => Error;
}

/**
 * Those who wait, first come, first served. All wait equally long, so the first one's time is up first, and one timer
 * does for all: a timer for each caller would cost as much as the lease.
 */
export class WaitQueue {
  readonly #ports: WaitQueuePorts;
  readonly #queue = new Queue<Waiter>();
  #timer: { cancel(): void } | undefined;

  constructor(ports: WaitQueuePorts) {
    this.#ports = ports;
  }

  get length(): number {
    return this.#queue.length;
  }

  join(trail: BorrowerTrail): Promise<ActiveLease> {
    return new Promise((resolve, reject) => {
      this.#queue.push({ trail, since: this.#ports.clock.now(), resolve, reject });
      if (!this.#timer) this.#arm();
    });
  }

  /** The one that has waited longest, who is served now. */
  take(): Waiter | undefined {
    return this.#queue.take();
  }

  /** Turns all of them away. */
  reject(error: Error): void {
    for (let waiter = this.#queue.take(); waiter; waiter = this.#queue.take()) waiter.reject(error);
    this.#timer?.cancel();
    this.#timer = undefined;
  }

  /** Somebody waits, so the process lives; who has been served meanwhile is no reason to set the timer anew. */
  #arm(): void {
    this.#timer = undefined;
    const first = this.#queue.peek();
    if (!first) return;
    const { clock, timeoutMs } = this.#ports;
    this.#timer = clock.hold(Math.max(0, first.since + timeoutMs - clock.now()), () => this.#expire());
  }

  #expire(): void {
    const { clock, timeoutMs, onTimeout } = this.#ports;
    const isLate = ({ since }: Waiter) => clock.now() - since >= timeoutMs;
    const late: Waiter[] = [];
    for (let first = this.#queue.peek(); first && isLate(first); first = this.#queue.peek()) {
      late.push(first);
      this.#queue.take();
    }
    late.forEach((waiter) => waiter.reject(onTimeout()));
    this.#arm();
  }
}
