import type { Redis } from 'ioredis';
import type { PooledConnection, PooledListener } from '../../../../src/connect/client/pooled-connection.js';
import type { SentCommand } from '../../../../src/connect/ioredis/command-replies.js';
import type { Clock } from '../../../../src/core/clock.js';
import type { ClientLease } from '../../../../src/pool/leased-client.js';

const DIAL_MS = 2;
const CLOSE_MS = 1;

/** The state of a server, as its connections see it. */
export interface FakeServer {
  isUp: boolean;
  /** Whether it answers commands. */
  isAnswering: boolean;
}

/** A pooled connection without a socket. The test decides when it is blocked or breaks. */
export class FakeConnection implements PooledConnection {
  readonly sessionDefaults = { name: 'orders@web-1#pool', db: 0 };
  /** The commands that the pool itself has sent. */
  readonly sent: string[] = [];
  readonly client: Redis;
  state: 'connecting' | 'ready' | 'closing' | 'ended' = 'connecting';
  hasBlockingCommand = false;
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
      if (server.isAnswering) return Promise.resolve('OK');
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
    this.listener.onFailure(new Error('The server is down.'));
    this.#attempts += 1;
    const delay = this.listener.retryStrategy(this.#attempts);
    if (delay === null) this.#end();
    else this.#redial = this.#clock.after(delay + DIAL_MS, () => this.#dial());
  }

  /** Sends a command of the borrower. Its reply comes at once, or never: then the connection's end rejects it. */
  send(lease: Pick<ClientLease, 'recordCommand'>, name: string, ...args: readonly string[]): void {
    const command: SentCommand = { name, args, resolve: () => undefined, reject: () => undefined };
    lease.recordCommand(command);
    if (this.#server.isAnswering) command.resolve('OK');
    else this.#unanswered.push((error) => command.reject(error));
  }

  /** Breaks the connection: it takes no commands from now on, and ends a moment later. */
  break(): void {
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

  hasPendingCommands = (): boolean => this.hasBlockingCommand;
  isBlocked = (): boolean => this.hasBlockingCommand;
  isReady = (): boolean => this.state === 'ready';
  notReadyError = (): undefined => undefined;
  wasClosed = (): boolean => !this.#isBroken;
  pausePingsWhile = (): void => undefined;

  close(): void {
    if (this.state === 'ended') return;
    this.state = 'closing';
    this.#clock.after(CLOSE_MS, () => this.#end());
  }
}
