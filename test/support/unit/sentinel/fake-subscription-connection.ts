import type {
  SubscriptionConnection,
  SubscriptionListener,
} from '../../../../src/connect/client/subscription-connection.js';

/** Replies by whole command. An Error is a refusal; a function may wait or throw. */
export type Replies = Readonly<Record<string, unknown>>;

export interface FakeConnection extends SubscriptionConnection {
  readonly listener: SubscriptionListener;
  /** All commands so far, `subscribe a` among them. */
  readonly sent: string[];
  isClosed: boolean;
  /** Whether the connection keeps the process alive. */
  isRef: boolean;
}

/** An error reply of a server. */
export function refusal(message: string): Error {
  return Object.assign(new Error(message), { name: 'ReplyError' });
}

/** A connection without a server, closed as soon as `close()` is called. */
export function createFakeConnection(listener: SubscriptionListener, replies: Replies = {}): FakeConnection {
  const sent: string[] = [];
  function send(...words: readonly string[]): Promise<unknown> {
    const command = words.join(' ');
    sent.push(command);
    const reply = replies[command];
    if (reply instanceof Error) return Promise.reject(reply);
    return Promise.resolve(typeof reply === 'function' ? (reply as () => unknown)() : reply);
  }
  const connection: FakeConnection = {
    listener,
    sent,
    isClosed: false,
    isRef: true,
    ref: () => void (connection.isRef = true),
    unref: () => void (connection.isRef = false),
    call: send,
    subscribe: (_kind, names) => send('subscribe', ...names),
    unsubscribe: (_kind, names) => send('unsubscribe', ...names),
    close() {
      connection.isClosed = true;
      return Promise.resolve();
    },
  };
  return connection;
}

/** Replies of a sentinel to the queries for `mymaster`. */
export function sentinelReplies(
  port: number,
  { epoch = 1, id = 'ab'.repeat(20), others = [] as string[][] } = {},
): Replies {
  return {
    'sentinel get-master-addr-by-name mymaster': ['h', String(port)],
    'sentinel master mymaster': ['name', 'mymaster', 'config-epoch', String(epoch)],
    'sentinel myid': id,
    'sentinel sentinels mymaster': others,
  };
}
