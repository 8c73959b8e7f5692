import type { Redis } from 'ioredis';
import type { PooledConnection, PooledListener } from '../../../../src/connect/client/pooled-connection.js';
import type { Clock } from '../../../../src/core/clock.js';

const DIAL_MS = 2;
const CLOSE_MS = 1;

/** The server, as far as connections notice. */
export interface FakeServer {
  isUp: boolean;
  /** Whether it answers what cleans or asks for a sign of life. */
  answers: boolean;
}

/** A pooled connection without a socket: it comes up, is busy, breaks and closes as the test says. */
export class FakeConnection implements PooledConnection {
  readonly home = { name: 'orders@web-1#pool', db: 0 };
  /** What the pool itself has sent. */
  readonly sent: string[] = [];
  readonly client: Redis;
  state: 'connecting' | 'ready' | 'closing' | 'ended' = 'connecting';
  isBlockedNow = false;
  readonly listener: PooledListener;
  readonly #clock: Clock;
  readonly #server: FakeServer;
  #attempts = 0;
  #redial: { cancel(): void } | undefined;
  #isBroken = false;
  readonly #unanswered: ((error: Error) => void)[] = [];

  constructor(listener: PooledListener, clock: Clock, server: FakeServer) {
    this.listener = listener;
    this.#clock = clock;
    this.#server = server;
    const send = (...args: string[]) => {
      this.sent.push(args.join(' '));
      if (server.answers) return Promise.resolve('OK');
      return new Promise((_, reject) => this.#unanswered.push(reject));
    };
    this.client = { options: {}, call: send, ping: () => send('ping') } as unknown as Redis;
    clock.after(DIAL_MS, () => this.#dial());
  }

  get isOpen(): boolean {
    return this.state !== 'ended';
  }

  #dial(): void {
    if (this.state !== 'connecting') return;
    if (this.#server.isUp) {
      this.state = 'ready';
      this.listener.onReady();
      return;
    }
    this.listener.onFailure(new Error('nobody listens'));
    this.#attempts += 1;
    const delay = this.listener.retry(this.#attempts);
    if (delay === null) this.#end();
    else this.#redial = this.#clock.after(delay + DIAL_MS, () => this.#dial());
  }

  /** It breaks: it takes nothing from now on, and a moment later it says so. */
  die(): void {
    if (this.state !== 'ready') return;
    this.#isBroken = true;
    this.state = 'closing';
    this.#clock.after(CLOSE_MS, () => this.#end());
  }

  #end(): void {
    if (this.state === 'ended') return;
    this.state = 'ended';
    this.#redial?.cancel();
    this.#unanswered.forEach((reject) => reject(new Error('Connection is closed.')));
    this.listener.onEnd();
  }

  isBusy = (): boolean => this.isBlockedNow;
  isBlocked = (): boolean => this.isBlockedNow;
  isUp = (): boolean => this.state === 'ready';
  wasClosed = (): boolean => !this.#isBroken;
  transactionClosed = (): void => undefined;

  close(): void {
    if (this.state === 'ended') return;
    this.state = 'closing';
    this.#clock.after(CLOSE_MS, () => this.#end());
  }
}
