import type {
  SubscriptionConnection,
  SubscriptionKind,
  SubscriptionListener,
} from '../../../../src/connect/client/subscription-connection.js';
import { incomingMessage } from './fake-subscription-connection.js';

interface Command {
  readonly does: 'subscribe' | 'unsubscribe';
  readonly kind: SubscriptionKind;
  readonly names: readonly string[];
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
}

/** What the server has sent and the client has not read. */
interface Unread {
  readonly sentAt: number;
  readonly read: () => void;
}

/** A message may be in transit for this long, as in `gap-tracker`. */
const MAX_TRANSIT_MS = 1_000;

export function subscriptionKey(kind: SubscriptionKind, name: string): string {
  return `${kind} ${name}`;
}

/**
 * A server and the one connection to it. Commands are run in their order, and answers and messages are read in the order
 * in which the server has sent them, each when the test says so.
 */
export class SubscriptionServerModel implements SubscriptionConnection {
  isConnected = false;
  isClosed = false;
  /** What is subscribed on the current connection. */
  readonly subscribed = new Set<string>();
  /** Names that the user may not subscribe to. */
  readonly denied = new Set<string>();
  readonly #now: () => number;
  #listener: SubscriptionListener | undefined;
  #commands: Command[] = [];
  #unread: Unread[] = [];
  /** Commands of lost connections whose rejection comes late. */
  #lost: Command[] = [];
  #lastReadAt = 0;

  constructor(now: () => number) {
    this.#now = now;
  }

  readonly open = (listener: SubscriptionListener): SubscriptionConnection => {
    this.#listener = listener;
    return this;
  };

  get isIdle(): boolean {
    return this.#commands.length + this.#unread.length === 0;
  }

  subscribe(kind: SubscriptionKind, names: readonly string[]): Promise<unknown> {
    return this.#send('subscribe', kind, names);
  }

  unsubscribe(kind: SubscriptionKind, names: readonly string[]): Promise<unknown> {
    return this.#send('unsubscribe', kind, names);
  }

  call(): Promise<unknown> {
    return Promise.resolve('OK');
  }

  ref(): void {} // the model has no socket

  unref(): void {}

  close(): Promise<void> {
    this.isClosed = true;
    this.isConnected = false;
    return Promise.resolve();
  }

  #send(does: Command['does'], kind: SubscriptionKind, names: readonly string[]): Promise<void> {
    return new Promise((resolve, reject) => {
      const command: Command = { does, kind, names, resolve, reject };
      if (this.isConnected) this.#commands.push(command);
      else this.#lost.push(command);
    });
  }

  connect(): void {
    if (this.isConnected || this.isClosed) return;
    this.isConnected = true;
    this.#lastReadAt = this.#now();
    this.#listener?.onConnected();
  }

  /** Runs the next commands. */
  run(count: number): void {
    for (const command of this.#commands.splice(0, count)) {
      const keys = command.names.map((name) => subscriptionKey(command.kind, name));
      const isDenied = command.does === 'subscribe' && command.names.some((name) => this.denied.has(name));
      for (const key of keys) {
        if (command.does === 'unsubscribe') this.subscribed.delete(key);
        else if (!isDenied) this.subscribed.add(key);
      }
      this.#push(() => (isDenied ? command.reject(refusal()) : command.resolve()));
    }
  }

  publish(kind: SubscriptionKind, name: string, text: string): void {
    if (!this.subscribed.has(subscriptionKey(kind, name))) return;
    this.#push(() => this.#listener?.onMessage(incomingMessage(kind, name, text)));
  }

  /** The server ends the subscription of a shard channel, whose slot has moved. */
  revoke(name: string): void {
    if (this.subscribed.delete(subscriptionKey('shard', name)))
      this.#push(() => this.#listener?.onRevoked(name, this.#lastReadAt));
  }

  #push(read: () => void): void {
    this.#unread.push({ sentAt: this.#now(), read });
  }

  /** Reads what the server has sent. What it answers is known only when the promises go on. */
  read(count: number): void {
    for (const { read } of this.#unread.splice(0, count)) {
      this.#lastReadAt = this.#now();
      read();
    }
  }

  /** Reads what would be in transit for too long, if nothing were read for this long. */
  readBefore(ms: number): void {
    const oldest = this.#unread[0]?.sentAt ?? Infinity;
    if (oldest + MAX_TRANSIT_MS <= this.#now() + ms) this.read(Infinity);
  }

  /** The connection breaks. What was sent over it is rejected before or after the loss is reported. */
  lose(rejects: 'before' | 'after'): void {
    if (!this.isConnected) return;
    this.isConnected = false;
    this.#lost.push(...this.#commands.splice(0));
    const oldest = this.#unread[0]?.sentAt ?? Infinity;
    const lastReadAt = Math.min(this.#lastReadAt, oldest + MAX_TRANSIT_MS);
    this.#unread = [];
    this.subscribed.clear();
    if (rejects === 'before') this.rejectLost();
    this.#listener?.onDisconnected(lastReadAt);
  }

  rejectLost(): void {
    for (const { reject } of this.#lost.splice(0)) reject(new Error('Connection is closed.'));
  }
}

function refusal(): Error {
  return Object.assign(new Error('NOPERM no permissions'), { name: 'ReplyError' });
}
