import type {
  IncomingMessage,
  SubscriptionConnection,
  SubscriptionListener,
  SubscriptionKind,
} from '../../../../src/connect/client/subscription-connection.js';
import { turn } from '../fake-clock.js';

/** What an engine has sent over a line, to be answered by the test. */
export interface Sent {
  readonly verb: string;
  readonly names: readonly string[];
  /** Both give what waits for the answer time to go on. */
  answer(reply?: unknown): Promise<void>;
  refuse(message?: string): Promise<void>;
  /** The command will never be answered; the connection's end may be told later. */
  breakOff(): Promise<void>;
}

/** An error as the server sends it. */
function replyError(message: string): Error {
  return Object.assign(new Error(message), { name: 'ReplyError' });
}

export function messageOn(
  kind: SubscriptionKind,
  name: string,
  text = 'hello',
  channel = name,
): IncomingMessage {
  return { kind, name, channel: Buffer.from(channel), message: Buffer.from(text) };
}

const verbs = { channel: 'subscribe', pattern: 'psubscribe', shard: 'ssubscribe' } as const;

/** A line that does nothing but remember what was sent over it. */
export class FakeLine implements SubscriptionConnection {
  readonly sent: Sent[] = [];
  closes = 0;
  #listener: SubscriptionListener | undefined;

  readonly open = (listener: SubscriptionListener): SubscriptionConnection => {
    this.#listener = listener;
    return this;
  };

  /** Tells the engine. */
  get tell(): SubscriptionListener {
    if (!this.#listener) throw new Error('Nobody has opened this line.');
    return this.#listener;
  }

  /** What was sent since this was asked last, as text. */
  take(): string[] {
    return this.sent.splice(0).map(({ verb, names }) => [verb, ...names].join(' '));
  }

  /** Answers everything that was sent, and what is sent then, until nothing more comes. */
  async answerAll(): Promise<string[]> {
    const answered: string[] = [];
    for (let next = this.sent.shift(); next; next = this.sent.shift()) {
      answered.push([next.verb, ...next.names].join(' '));
      await next.answer();
    }
    return answered;
  }

  begin(kind: SubscriptionKind, names: readonly string[]): Promise<unknown> {
    return this.call(verbs[kind], ...names);
  }

  end(kind: SubscriptionKind, names: readonly string[]): Promise<unknown> {
    return this.call(`-${verbs[kind]}`, ...names);
  }

  call(verb: string, ...names: readonly string[]): Promise<unknown> {
    return new Promise((resolve, reject) => {
      this.sent.push({
        verb,
        names,
        answer: (reply = names.length) => (resolve(reply), turn()),
        refuse: (message = 'NOPERM no') => (reject(replyError(message)), turn()),
        breakOff: () => (reject(new Error('The connection broke.')), turn()),
      });
    });
  }

  close(): Promise<void> {
    this.closes += 1;
    return Promise.resolve();
  }
}
