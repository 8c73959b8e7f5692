import type { Command, Redis, RedisOptions } from 'ioredis';
import { bytesOf, textOf } from '../../core/byte-text.js';
import type { Clock } from '../../core/clock.js';
import type { ConnectionTerms } from '../connection/connection-terms.js';
import { connectionOf } from '../connectors/enforced-connector.js';
import { clientInternals, type SubscriptionSet } from '../ioredis/internals.js';
import { copyOf } from '../ioredis/load-ioredis.js';
import type { ClientFactory } from './client-factory.js';

/** How messages are selected: by channel, by a pattern of channels, or by a channel of one shard. */
export type SubscriptionKind = 'channel' | 'pattern' | 'shard';

/** A message as it came from the server. */
export interface IncomingMessage {
  readonly kind: SubscriptionKind;
  /** The subscribed name: the channel, or the pattern that matched it. Bytes that are no UTF-8 are in it as `textOf` writes them. */
  readonly name: string;
  readonly channel: Buffer;
  readonly message: Buffer;
}

export interface SubscriptionListener {
  /** The server has accepted the connection, or has sent bytes. */
  readonly onProgress?: () => void;
  /** A connection is ready. Nothing is subscribed on it. */
  onConnected(): void;
  /**
   * The connection is lost, or a dial has failed.
   *
   * @param lastReadAt When the last bytes came from the server at the earliest, in milliseconds since the epoch.
   */
  onDisconnected(lastReadAt: number): void;
  /** The next dial starts in `delayMs` milliseconds. */
  onReconnecting(delayMs: number): void;
  /** The connection has ended and is not dialled again. */
  onEnd(): void;
  onMessage(message: IncomingMessage): void;
  /**
   * The server has ended the subscription to a shard channel, because its slot has moved to another node.
   *
   * @param readAt When this came from the server at the earliest, in milliseconds since the epoch.
   */
  onRevoked(shardChannel: string, readAt: number): void;
  onError(error: Error): void;
}

/**
 * A connection for subscriptions that reconnects, and that does not subscribe again by itself: its owner knows what is
 * desired. A command whose answer is lost with the connection is rejected with an error that is no reply.
 */
export interface SubscriptionConnection {
  subscribe(kind: SubscriptionKind, names: readonly string[]): Promise<unknown>;
  unsubscribe(kind: SubscriptionKind, names: readonly string[]): Promise<unknown>;
  /** Sends a command. Over RESP2 the server refuses it while something is subscribed. */
  call(command: string, ...args: readonly string[]): Promise<unknown>;
  /** The connection keeps the process alive, as it does unless `unref()` was called. */
  ref(): void;
  /** The connection does not keep the process alive. */
  unref(): void;
  /**
   * Closes for good, also before the first connection. Resolves when the socket has closed: a server that has identified
   * the connection is given a second to close it too, which proves that no orphan is left.
   */
  close(): Promise<void>;
}

/** The commands that start and end a subscription. */
const SUBSCRIPTION_COMMANDS = {
  channel: { start: 'subscribe', end: 'unsubscribe' },
  pattern: { start: 'psubscribe', end: 'punsubscribe' },
  shard: { start: 'ssubscribe', end: 'sunsubscribe' },
} as const satisfies Record<SubscriptionKind, unknown>;

/**
 * Options with which ioredis neither repeats subscriptions and commands of an earlier connection nor queues commands until
 * a connection is ready. The caller's timeouts are removed, because this connection may be silent for long.
 */
const NO_CARRY_OVER: RedisOptions = {
  autoResubscribe: false,
  autoResendUnfulfilledCommands: false,
  enableOfflineQueue: false,
  lazyConnect: false,
  maxRetriesPerRequest: null,
  commandTimeout: undefined,
  socketTimeout: undefined,
  disconnectTimeout: 1_000,
};

const SUBSCRIPTION_TERMS: ConnectionTerms = { readsCodes: true };

/** Opens a subscription connection with these ioredis options. */
export function openSubscriptionConnection(
  { createClient }: Pick<ClientFactory, 'createClient'>,
  options: RedisOptions,
  listener: SubscriptionListener,
  clock: Clock,
): SubscriptionConnection {
  const client = createClient({ ...options, ...NO_CARRY_OVER }, { terms: SUBSCRIPTION_TERMS });
  const { Command } = copyOf(client);
  const connection = connectionOf(clientInternals(client).connector);
  const names = createReadNames();
  relayMessages(client, listener, names);
  relayStatus(
    client,
    { ...listener, onRevoked: (name, at) => listener.onRevoked(names.find('shard', name), at) },
    clock,
  );

  const onSsubscribeSent = rejectMovedSubscriptions(client);

  function call(name: string, ...args: readonly (string | Buffer)[]): Promise<unknown> {
    const command = new Command(name, [...args], { replyEncoding: 'utf8' });
    if (name === SUBSCRIPTION_COMMANDS.shard.start) onSsubscribeSent(command);
    return client.sendCommand(command) as Promise<unknown>;
  }
  return {
    call,
    subscribe(kind, given) {
      names.add(kind, given);
      return call(SUBSCRIPTION_COMMANDS[kind].start, ...given.map(bytesOf));
    },
    unsubscribe: (kind, given) => call(SUBSCRIPTION_COMMANDS[kind].end, ...given.map(bytesOf)),
    ref: () => void clientInternals(client).stream?.ref(),
    unref: () => void clientInternals(client).stream?.unref(),
    async close() {
      const entry = connection?.entry;
      const closed = entry?.whenClosed();
      if (entry?.info().clientId === undefined) connection?.destroy();
      else client.disconnect();
      await closed;
    },
  };
}

/** Finds the names of subscriptions that ioredis reads as text, in which bytes that are no UTF-8 are lost. */
interface ReadNames {
  add(kind: SubscriptionKind, names: readonly string[]): void;
  /** The name that ioredis reads as this text. */
  find(kind: SubscriptionKind, read: string): string;
}

function createReadNames(): ReadNames {
  const byText: Readonly<Record<SubscriptionKind, Map<string, string>>> = {
    channel: new Map(),
    pattern: new Map(),
    shard: new Map(),
  };
  return {
    add(kind, names) {
      for (const name of names) {
        const bytes = bytesOf(name);
        if (typeof bytes !== 'string') byText[kind].set(bytes.toString(), name);
      }
    },
    find: (kind, read) => byText[kind].get(read) ?? read,
  };
}

function relayMessages(client: Redis, listener: SubscriptionListener, names: ReadNames): void {
  const relay = (kind: SubscriptionKind) => (channel: Buffer, message: Buffer) =>
    listener.onMessage({ kind, name: textOf(channel), channel, message });
  client.on('messageBuffer', relay('channel'));
  client.on('smessageBuffer', relay('shard'));
  client.on('pmessageBuffer', (pattern: string, channel: Buffer, message: Buffer) =>
    listener.onMessage({ kind: 'pattern', name: names.find('pattern', pattern), channel, message }),
  );
}

function relayStatus(client: Redis, listener: SubscriptionListener, clock: Clock): void {
  // Bytes that waited while the event loop was blocked came before they are read.
  const readAt = () =>
    connectionOf(clientInternals(client).connector)?.monitor?.earliestArrival() ?? clock.now();
  let lastReadAt = clock.now();
  client.on('connect', () => {
    listener.onProgress?.();
    lastReadAt = readAt();
    clientInternals(client).stream?.on('data', () => {
      listener.onProgress?.();
      lastReadAt = readAt();
    });
    watchSubscriptionSet(client, (channel) => listener.onRevoked(channel, readAt()));
  });
  client.on('ready', () => listener.onConnected());
  client.on('close', () => {
    listener.onDisconnected(lastReadAt);
    clientInternals(client).flushQueue(new Error('The connection broke.'), { offlineQueue: false });
  });
  client.on('reconnecting', (delayMs: number) => listener.onReconnecting(delayMs));
  client.on('end', () => listener.onEnd());
  client.on('error', (error) => listener.onError(error));
}

/**
 * Keeps the subscriber mode while ioredis' own set contains subscriptions. The server counts shard channels apart from
 * channels, and ioredis takes any count of 0 for the end of all subscriptions: it would drop the messages of the others.
 */
function watchSubscriptionSet(client: Redis, onRevoked: (shardChannel: string) => void): void {
  const { condition } = clientInternals(client);
  let current = condition.subscriber;
  Object.defineProperty(condition, 'subscriber', {
    get: () => current,
    set(next: typeof current) {
      if (next && next !== current) reportRevoked(client, next, onRevoked);
      if (next || !current || current.isEmpty()) current = next;
    },
  });
}

/** Name of the command and of the server's message that ends the subscription to a shard channel. */
const SUNSUBSCRIBE = SUBSCRIPTION_COMMANDS.shard.end;

/**
 * Reports subscriptions to shard channels that the server has ended because a slot has moved to another node. ioredis 6
 * reports that something has moved, but not which channel. ioredis 5 takes the server's message for the answer to the
 * next command, so a command is put before it in the queue to which the message is the answer.
 */
function reportRevoked(
  client: Redis,
  subscriptions: SubscriptionSet,
  onRevoked: (channel: string) => void,
): void {
  const remove = subscriptions.del.bind(subscriptions);
  subscriptions.del = (type, channel) => {
    remove(type, channel);
    if (type !== SUNSUBSCRIBE || isAnswer(client, channel)) return;
    const command = new (copyOf(client).Command)(SUNSUBSCRIBE, [channel]);
    clientInternals(client).commandQueue.unshift({ command });
    onRevoked(channel);
  };
}

/** Whether the server's SUNSUBSCRIBE message answers a command of ours for this channel. */
function isAnswer(client: Redis, channel: string): boolean {
  const next = clientInternals(client).commandQueue.peekFront()?.command;
  return next?.name === SUNSUBSCRIBE && next.args.map(String).includes(channel);
}

/**
 * Rejects SSUBSCRIBE commands that the server refused because the shard channel is on another node. ioredis 5 throws this
 * reply away, and the command would wait forever. ioredis 6 rejects the command itself, before this function does.
 *
 * @returns Function to call with each SSUBSCRIBE command that is sent.
 */
function rejectMovedSubscriptions(client: Redis): (command: Command) => void {
  const unsettled = new Set<Command>();
  client.on('moved', () => {
    const queued = new Set<object>(
      clientInternals(client)
        .commandQueue.toArray()
        .map(({ command }) => command),
    );
    const answered = [...unsettled].filter((command) => !queued.has(command));
    process.nextTick(() => answered.forEach((command) => command.reject(movedError())));
  });
  return (command) => {
    const onSettled = () => void unsettled.delete(command);
    unsettled.add(command);
    command.promise.then(onSettled, onSettled);
  };
}

/** The server's reply without the address of the other node, which is not known any more. */
function movedError(): Error {
  const message = 'MOVED to another node of the cluster';
  return Object.assign(new Error(message), { name: 'ReplyError' });
}
