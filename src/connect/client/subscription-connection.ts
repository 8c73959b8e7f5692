import type { Command, Redis, RedisOptions } from 'ioredis';
import type { Clock } from '../../core/clock.js';
import { connectionOf } from '../connectors/enforced-connector.js';
import type { SubscriptionSet } from '../ioredis/internals.js';
import { copyOf } from '../ioredis/load-ioredis.js';
import { clientInternals } from '../ioredis/internals.js';
import type { ClientFactory } from './client-factory.js';

/** How messages are chosen: by their channel, by a pattern of channels, or by a channel of one shard. */
export type SubscriptionKind = 'channel' | 'pattern' | 'shard';

/** The commands that begin and end a subscription. */
const verbs = {
  channel: { begin: 'subscribe', end: 'unsubscribe' },
  pattern: { begin: 'psubscribe', end: 'punsubscribe' },
  shard: { begin: 'ssubscribe', end: 'sunsubscribe' },
} as const satisfies Record<SubscriptionKind, unknown>;

/** A message as it came. */
export interface IncomingMessage {
  readonly kind: SubscriptionKind;
  /** What was subscribed: the channel, or the pattern that chose it. */
  readonly name: string;
  readonly channel: Buffer;
  readonly message: Buffer;
}

/** What a line tells. */
export interface SubscriptionListener {
  /** A connection is up. Nothing is subscribed on it. */
  onUp(): void;
  /** It is gone, or a dial has failed. The server was heard last at `heardAt`, milliseconds since the epoch. */
  onDown(heardAt: number): void;
  /** The next dial comes after so many milliseconds. */
  onRedial(delayMs: number): void;
  /** There will be no other one. */
  onEnd(): void;
  onMessage(message: IncomingMessage): void;
  /** The server has ended the subscription of a shard channel by itself: its slot is at another node now. */
  onRevoked(shardChannel: string): void;
  onError(error: Error): void;
}

/**
 * A connection for subscriptions, which comes back by itself and remembers nothing: what is to be subscribed is
 * known above. An answer that is lost with its connection is an error, and no reply.
 */
export interface SubscriptionConnection {
  begin(kind: SubscriptionKind, names: readonly string[]): Promise<unknown>;
  end(kind: SubscriptionKind, names: readonly string[]): Promise<unknown>;
  /** Sends a command. While something is subscribed, RESP2 takes none. */
  call(command: string, ...args: readonly string[]): Promise<unknown>;
  /** Closes for good, also before it was ever open. Resolves when the socket has closed. */
  close(): Promise<void>;
}

/**
 * What makes a client forget: subscriptions and commands of an earlier connection are not sent again, and a command
 * never waits for a connection. The caller's timeouts would strike a connection that is rightly silent.
 */
const FORGETFUL: RedisOptions = {
  autoResubscribe: false,
  autoResendUnfulfilledCommands: false,
  enableOfflineQueue: false,
  lazyConnect: false,
  maxRetriesPerRequest: null,
  commandTimeout: undefined,
  socketTimeout: undefined,
};

function relayMessages(client: Redis, listener: SubscriptionListener): void {
  const relay = (kind: SubscriptionKind) => (channel: Buffer, message: Buffer) =>
    listener.onMessage({ kind, name: channel.toString(), channel, message });
  client.on('messageBuffer', relay('channel'));
  client.on('smessageBuffer', relay('shard'));
  client.on('pmessageBuffer', (pattern: string, channel: Buffer, message: Buffer) =>
    listener.onMessage({ kind: 'pattern', name: pattern, channel, message }),
  );
}

/**
 * The server counts shard channels by themselves, and ioredis takes any count of 0 for the end of all subscriptions:
 * it drops what comes on the others then. Its own set knows whether there are any.
 */
function followSubscriptions(client: Redis, listener: SubscriptionListener): void {
  const { condition } = clientInternals(client);
  let subscribed = condition.subscriber;
  Object.defineProperty(condition, 'subscriber', {
    get: () => subscribed,
    set(next: typeof subscribed) {
      if (next && next !== subscribed) tellRevoked(client, next, (channel) => listener.onRevoked(channel));
      if (next || !subscribed || subscribed.isEmpty()) subscribed = next;
    },
  });
}

function relayLife(client: Redis, listener: SubscriptionListener, clock: Clock): void {
  let heardAt = clock.now();
  client.on('connect', () => {
    heardAt = clock.now();
    clientInternals(client).stream?.on('data', () => (heardAt = clock.now()));
    followSubscriptions(client, listener);
  });
  client.on('ready', () => listener.onUp());
  client.on('close', () => {
    listener.onDown(heardAt);
    clientInternals(client).flushQueue(new Error('The connection broke.'), { offlineQueue: false });
  });
  client.on('reconnecting', (delayMs: number) => listener.onRedial(delayMs));
  client.on('end', () => listener.onEnd());
  client.on('error', (error) => listener.onError(error));
}

/** Opens a line with these ioredis options. */
export function openSubscriptionConnection(
  { client: open }: Pick<ClientFactory, 'client'>,
  options: RedisOptions,
  listener: SubscriptionListener,
  clock: Clock,
): SubscriptionConnection {
  const client = open({ ...options, ...FORGETFUL });
  const link = connectionOf(clientInternals(client).connector);
  relayMessages(client, listener);
  relayLife(client, listener, clock);

  const sent = refuseMoved(client);

  function call(verb: string, ...args: readonly string[]): Promise<unknown> {
    const command = new (copyOf(client).Command)(verb, [...args], { replyEncoding: 'utf8' });
    if (verb === verbs.shard.begin) sent(command);
    return client.sendCommand(command) as Promise<unknown>;
  }
  return {
    call,
    begin: (kind, names) => call(verbs[kind].begin, ...names),
    end: (kind, names) => call(verbs[kind].end, ...names),
    async close() {
      const closed = link?.entry?.whenClosed();
      link?.destroy();
      await closed;
    },
  };
}

/** What the server says by itself looks like the answer to this. */
const END = 'sunsubscribe';

/** Whether the next answer is that to a command of ours which gives the channel back. */
function isAsked(client: Redis, channel: string): boolean {
  const next = clientInternals(client).commandQueue.peekFront()?.command;
  return next?.name === END && next.args.map(String).includes(channel);
}

/**
 * The server ends a subscription by itself when the slot of its shard channel moves to another node. ioredis 6 tells
 * that something has moved, and not what; 5 takes it for the answer to whatever command comes next. So it is given a
 * command of its own to be the answer to.
 */
function tellRevoked(client: Redis, subscribed: SubscriptionSet, onRevoked: (channel: string) => void): void {
  const forget = subscribed.del.bind(subscribed);
  subscribed.del = (type, channel) => {
    forget(type, channel);
    if (type !== END || isAsked(client, channel)) return;
    clientInternals(client).commandQueue.unshift({ command: new (copyOf(client).Command)(END, [channel]) });
    onRevoked(channel);
  };
}

/** As the server says it, but for the address, which is not known any more. */
function moved(): Error {
  const message = 'MOVED to another node of the cluster';
  return Object.assign(new Error(message), { name: 'ReplyError' });
}

/**
 * Where a shard channel is at another node, ioredis 5 throws the server's refusal away, and the command would wait for
 * ever. Takes each SSUBSCRIBE that is sent; ioredis 6 rejects it by itself, before this does.
 */
function refuseMoved(client: Redis): (sent: Command) => void {
  const unanswered = new Set<Command>();
  client.on('moved', () => {
    const waiting = new Set<object>(
      clientInternals(client)
        .commandQueue.toArray()
        .map(({ command }) => command),
    );
    const answered = [...unanswered].filter((command) => !waiting.has(command));
    process.nextTick(() => answered.forEach((command) => command.reject(moved())));
  });
  return (sent) => {
    const settled = () => void unanswered.delete(sent);
    unanswered.add(sent);
    sent.promise.then(settled, settled);
  };
}
