import type {
  IncomingMessage,
  SubscriptionConnection,
  SubscriptionKind,
  SubscriptionListener,
} from '../../../../src/connect/client/subscription-connection.js';
import { turn } from '../fake-clock.js';

/** A command that the engine has sent, to be settled by the test. Each method resolves once its effects are visible. */
export interface SentCommand {
  readonly command: string;
  readonly names: readonly string[];
  answer(reply?: unknown): Promise<void>;
  refuse(message?: string): Promise<void>;
  /** Rejects the command because the connection broke. The listener may learn of that later. */
  rejectAsLost(): Promise<void>;
}

const START_COMMANDS = { channel: 'subscribe', pattern: 'psubscribe', shard: 'ssubscribe' } as const;
const END_COMMANDS = { channel: 'unsubscribe', pattern: 'punsubscribe', shard: 'sunsubscribe' } as const;

/** A connection that only records what is sent over it. */
export class FakeSubscriptionConnection implements SubscriptionConnection {
  readonly sent: SentCommand[] = [];
  closeCalls = 0;
  #listener: SubscriptionListener | undefined;

  readonly open = (listener: SubscriptionListener): SubscriptionConnection => {
    this.#listener = listener;
    return this;
  };

  get listener(): SubscriptionListener {
    if (!this.#listener) throw new Error('This connection has not been opened.');
    return this.#listener;
  }

  /** Removes and returns the commands sent since the last call, as text. */
  takeSent(): string[] {
    return this.sent.splice(0).map(({ command, names }) => [command, ...names].join(' '));
  }

  /** Answers all sent commands, and those that the answers cause. Returns them as text. */
  async answerAll(): Promise<string[]> {
    const answered: string[] = [];
    for (let next = this.sent.shift(); next; next = this.sent.shift()) {
      answered.push([next.command, ...next.names].join(' '));
      await next.answer();
    }
    return answered;
  }

  subscribe(kind: SubscriptionKind, names: readonly string[]): Promise<unknown> {
    return this.call(START_COMMANDS[kind], ...names);
  }

  unsubscribe(kind: SubscriptionKind, names: readonly string[]): Promise<unknown> {
    return this.call(END_COMMANDS[kind], ...names);
  }

  call(command: string, ...names: readonly string[]): Promise<unknown> {
    return new Promise((resolve, reject) => {
      this.sent.push({
        command,
        names,
        answer: (reply = names.length) => (resolve(reply), turn()),
        refuse: (message = 'NOPERM no') => (reject(replyError(message)), turn()),
        rejectAsLost: () => (reject(new Error('The connection broke.')), turn()),
      });
    });
  }

  ref(): void {} // a fake has no socket

  unref(): void {}

  close(): Promise<void> {
    this.closeCalls += 1;
    return Promise.resolve();
  }
}

/** An error reply of the server, as ioredis makes it. */
function replyError(message: string): Error {
  return Object.assign(new Error(message), { name: 'ReplyError' });
}

export function incomingMessage(
  kind: SubscriptionKind,
  name: string,
  text = 'hello',
  channel = name,
): IncomingMessage {
  return { kind, name, channel: Buffer.from(channel), message: Buffer.from(text) };
}
