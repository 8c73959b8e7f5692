import type { Clock } from '../core/clock.js';
import { Queue } from '../core/queue.js';
import type { CapturedBorrower } from './borrower.js';
import type { ActiveLease } from './lease.js';

/** A caller that waits for a connection. */
interface PendingAcquire {
  readonly capturedBorrower: CapturedBorrower;
  /** When the wait began, in milliseconds since the epoch. */
  readonly since: number;
  resolve(lease: ActiveLease): void;
  reject(error: Error): void;
}

export interface WaitQueuePorts {
  readonly clock: Clock;
  readonly timeoutMs: number;
  /** Makes the error for a caller that has waited for `timeoutMs`. */
  readonly onTimeout: () => Error;
}

/**
 * The callers that wait for a connection, first come, first served. All have the same timeout, so the first caller times
 * out first and one timer is enough. A timer per caller would cost as much as the rest of the lease.
 */
export class WaitQueue {
  readonly #ports: WaitQueuePorts;
  readonly #queue = new Queue<PendingAcquire>();
  #timer: { cancel(): void } | undefined;

  constructor(ports: WaitQueuePorts) {
    this.#ports = ports;
  }

  get length(): number {
    return this.#queue.length;
  }

  /** Lets a caller wait from `since`, the present time in milliseconds since the epoch. */
  enqueue(capturedBorrower: CapturedBorrower, since: number): Promise<ActiveLease> {
    return new Promise((resolve, reject) => {
      this.#queue.push({ capturedBorrower, since, resolve, reject });
      if (!this.#timer) this.#setTimer();
    });
  }

  /** Removes the caller that has waited longest. */
  dequeue(): PendingAcquire | undefined {
    return this.#queue.take();
  }

  rejectAll(error: Error): void {
    for (let first = this.#queue.take(); first; first = this.#queue.take()) first.reject(error);
    this.#timer?.cancel();
    this.#timer = undefined;
  }

  /** Keeps the process alive while a caller waits. The timer stays set when the first caller is served before its time. */
  #setTimer(): void {
    this.#timer = undefined;
    const first = this.#queue.peek();
    if (!first) return;
    const { clock, timeoutMs } = this.#ports;
    this.#timer = clock.afterRef(Math.max(0, first.since + timeoutMs - clock.now()), () => this.#expire());
  }

  #expire(): void {
    const { clock, timeoutMs, onTimeout } = this.#ports;
    const isExpired = ({ since }: PendingAcquire) => clock.now() - since >= timeoutMs;
    const expired: PendingAcquire[] = [];
    for (let first = this.#queue.peek(); first && isExpired(first); first = this.#queue.peek()) {
      expired.push(first);
      this.#queue.take();
    }
    expired.forEach((pending) => pending.reject(onTimeout()));
    this.#setTimer();
  }
}
