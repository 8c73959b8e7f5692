import type {
  SubscriptionConnection,
  SubscriptionListener,
} from '../../../../src/connect/client/subscription-connection.js';

/** What the server answers, by the whole command; a function may wait or throw. */
export type Answers = Readonly<Record<string, unknown>>;

export interface FakeLine extends SubscriptionConnection {
  readonly listener: SubscriptionListener;
  /** All commands so far, `subscribe a` among them. */
  readonly sent: string[];
  isClosed: boolean;
}

/** A refusal of the server. */
export function refusal(message: string): Error {
  return Object.assign(new Error(message), { name: 'ReplyError' });
}

/** A connection without a server. As a line of ours it ends when it is closed. */
export function createFakeLine(listener: SubscriptionListener, answers: Answers = {}): FakeLine {
  const sent: string[] = [];
  function answer(...words: readonly string[]): Promise<unknown> {
    const command = words.join(' ');
    sent.push(command);
    const given = answers[command];
    if (given instanceof Error) return Promise.reject(given);
    return Promise.resolve(typeof given === 'function' ? (given as () => unknown)() : given);
  }
  const line: FakeLine = {
    listener,
    sent,
    isClosed: false,
    call: answer,
    begin: (_kind, names) => answer('subscribe', ...names),
    end: (_kind, names) => answer('unsubscribe', ...names),
    close() {
      line.isClosed = true;
      return Promise.resolve();
    },
  };
  return line;
}

/** What a sentinel answers about `mymaster`. */
export function sentinelAnswers(
  port: number,
  { epoch = 1, id = 'me', others = [] as string[][] } = {},
): Answers {
  return {
    'sentinel get-master-addr-by-name mymaster': ['h', String(port)],
    'sentinel master mymaster': ['name', 'mymaster', 'config-epoch', String(epoch)],
    'sentinel myid': id,
    'sentinel sentinels mymaster': others,
  };
}
