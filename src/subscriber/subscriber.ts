import type { RedisOptions } from 'ioredis';
import { type ClientFactory, reconnectBounds } from '../connect/client/client-factory.js';
import {
  openSubscriptionConnection,
  type SubscriptionKind,
} from '../connect/client/subscription-connection.js';
import type { Clock } from '../core/clock.js';
import { createEmitter, emitEvent } from '../core/emitter.js';
import { formatConnectionName } from '../identity/connection-name.js';
import type { Identity } from '../identity/detect-identity.js';
import { readClientArguments } from '../options/client-arguments.js';
import { describeTarget, roleOfName } from '../options/resolve-options.js';
import type { Settings } from '../options/settings.js';
import type { SubscriptionNames } from './desired-subscriptions.js';
import type { Gap } from './gap-tracker.js';
import { createMessageReaders, type Inbox, type Message, type MessageReaders } from './message-readers.js';
import { emitMessage, type SubscriberEvents } from './subscriber-events.js';
import {
  checkChannels,
  checkMessagesOptions,
  checkSubscriberOptions,
  type GivenName,
  type GivenNames,
  type MessagesOptions,
  type SubscriberOptions,
} from './subscriber-options.js';
import { SubscriptionEngine, type SubscriptionEnginePorts } from './subscription-engine.js';

/**
 * Pub/Sub over one connection. The desired subscriptions outlive every loss. When the connection is lost, its socket is
 * destroyed before the next one is dialled, everything is subscribed again, and a `gap` event tells which messages may
 * have been missed.
 */
export interface Subscriber extends AsyncDisposable {
  /**
   * Subscribes to channels. Calls are counted: a channel that was subscribed twice must be unsubscribed twice. Resolves
   * when the server has confirmed all channels. When the server refuses one of them, none of this call is kept. A name
   * may be a Buffer, which need not be UTF-8.
   *
   * @throws HygieneError `HYG_OPTION_TYPE`, `HYG_SUBSCRIBE_REFUSED`, `HYG_SUBSCRIBER_CLOSED`
   */
  subscribe(...channels: GivenNames): Promise<void>;
  /** Subscribes to patterns of channels (`news.*`), as `subscribe` does to channels. */
  psubscribe(...patterns: GivenNames): Promise<void>;
  /** Subscribes to shard channels, as `subscribe` does to channels. Requires Redis 7. */
  ssubscribe(...shardChannels: GivenNames): Promise<void>;
  /**
   * Unsubscribes from channels. Undoes one call of `subscribe()` for each of them, and no loop. Messages on a channel that is no longer desired are dropped.
   *
   * @throws HygieneError `HYG_OPTION_TYPE`
   */
  unsubscribe(...channels: GivenNames): Promise<void>;
  punsubscribe(...patterns: GivenNames): Promise<void>;
  sunsubscribe(...shardChannels: GivenNames): Promise<void>;
  /**
   * Subscribes now and returns the messages for a `for await` loop. At most `limit` messages are buffered for the loop.
   * Leaving the loop unsubscribes. The loop ends when the subscriber is closed or the factory is shut down; it throws
   * when a subscription is refused or the subscriber gives up reconnecting.
   *
   * @throws HygieneError `HYG_OPTION_UNKNOWN`, `HYG_OPTION_TYPE`, `HYG_OPTION_RANGE`
   */
  messages(
    names: GivenName | readonly GivenName[],
    options: MessagesOptions & { encoding: 'buffer' },
  ): Inbox<Message<Buffer>>;
  messages(names: GivenName | readonly GivenName[], options?: MessagesOptions): Inbox<Message>;
  /**
   * Names of all desired subscriptions, confirmed or not. A name that is no UTF-8 contains its other bytes as lone
   * surrogates, U+DC80 to U+DCFF; every method takes it in this form too.
   */
  desiredSubscriptions(): SubscriptionNames;
  on<Name extends keyof SubscriberEvents>(
    name: Name,
    listener: (...payload: SubscriberEvents[Name]) => void,
  ): this;
  once<Name extends keyof SubscriberEvents>(
    name: Name,
    listener: (...payload: SubscriberEvents[Name]) => void,
  ): this;
  off<Name extends keyof SubscriberEvents>(
    name: Name,
    listener: (...payload: SubscriberEvents[Name]) => void,
  ): this;
  /** Closes for good, also before the first connection. Resolves when the socket has closed. */
  close(): Promise<void>;
}

/** A gap, with the subscriber that it belongs to. */
export interface GapReport extends Gap {
  /** Name of the subscriber's connection, as in CLIENT LIST. */
  readonly name: string;
  /** What the subscriber is for: the part of its name after `#`. */
  readonly role: string;
  /** URL of the server, without credentials. */
  readonly target: string;
}

export interface SubscriberFactoryPorts {
  readonly clock: Clock;
  readonly identity: Identity;
  readonly settings: Settings;
  /** The `connection` option of the factory. */
  readonly connection: string | RedisOptions | undefined;
  readonly clientFactory: Pick<ClientFactory, 'createClient'>;
  /** Returns false once shutdown() has begun. */
  readonly isOpen: () => boolean;
  readonly onGap: (report: GapReport) => void;
  /** Called for each subscriber that is opened. */
  readonly onOpened: (facts: Pick<GapReport, 'role' | 'target'>) => void;
  /** Subscribers that are not closed, for `ready()`. */
  readonly subscribers: Set<OpenSubscriber>;
}

/** A subscriber that is not closed, as the readiness of a factory sees it. */
export interface OpenSubscriber extends Pick<GapReport, 'name' | 'role' | 'target'> {
  /** Desired subscriptions that the server has not confirmed on the current connection. */
  unconfirmed(): SubscriptionNames;
}

/** Returns the function that opens subscribers, each over its own connection. */
export function createSubscriberFactory(ports: SubscriberFactoryPorts) {
  const { clock, identity, settings, connection, clientFactory, isOpen, subscribers } = ports;

  return (given: SubscriberOptions = {}): Subscriber => {
    const { connection: own, role = 'subscriber' } = checkSubscriberOptions(given);
    const connectionName = formatConnectionName({ ...identity, role });
    const options = { ...readClientArguments(connection, [own]), connectionName };
    const facts = { name: connectionName, role: roleOfName(connectionName), target: describeTarget(options) };
    const { subscriber, unconfirmed } = openSubscriber({
      clock,
      bounds: reconnectBounds(settings),
      isOpen,
      onGap: (gap) => ports.onGap({ ...gap, ...facts }),
      open: (listener) => openSubscriptionConnection(clientFactory, options, listener, clock),
    });
    const open: OpenSubscriber = { ...facts, unconfirmed };
    subscribers.add(open);
    ports.onOpened(facts);
    subscriber.on('closed', () => subscribers.delete(open));
    return subscriber;
  };
}

export interface SubscriberPorts extends SubscriptionEnginePorts {
  /** Returns false once shutdown() has begun. Loops then end without an error. */
  readonly isOpen: () => boolean;
  readonly onGap: (gap: Gap) => void;
}

/** Opens a subscriber over one connection. */
export function createSubscriber(ports: SubscriberPorts): Subscriber {
  return openSubscriber(ports).subscriber;
}

/** Opens a subscriber, whose subscriptions can be looked at. */
function openSubscriber(
  ports: SubscriberPorts,
): { readonly subscriber: Subscriber } & Pick<OpenSubscriber, 'unconfirmed'> {
  const events = createEmitter<SubscriberEvents>();
  let isClosing = false;
  let closed: Promise<void> | undefined;
  const engine = new SubscriptionEngine(ports, {
    onReady: () => emitEvent(events, 'ready'),
    onGap(gap) {
      emitEvent(events, 'gap', gap);
      ports.onGap(gap);
    },
    onReconnecting: (attempt, delayMs) => emitEvent(events, 'reconnecting', { attempt, delayMs }),
    onError: (error) => emitEvent(events, 'error', error),
    onMessage(message) {
      readers.deliver(message);
      emitMessage(events, message);
    },
    onClosed(why) {
      readers.finish(isClosing || !ports.isOpen() ? undefined : why);
      emitEvent(events, 'closed', why);
    },
  });
  const readers: MessageReaders = createMessageReaders({
    onOverflow: (event) => emitEvent(events, 'overflow', event),
    subscribe: (kind, names, call) => engine.subscribe(kind, names, call),
    unsubscribe: (kind, names, call) => engine.unsubscribe(kind, names, call),
  });
  function close(): Promise<void> {
    isClosing = true;
    return (closed ??= engine.close());
  }

  const subscriber: Subscriber = {
    ...createSubscribeMethods(engine),
    messages: (names: GivenName | readonly GivenName[], options: MessagesOptions = {}) =>
      readers.open(checkChannels('names', [names]), checkMessagesOptions(options)) as Inbox<never>,
    desiredSubscriptions: () => engine.desiredSubscriptions(),
    on: (name, listener) => (events.on(name, listener), subscriber),
    once: (name, listener) => (events.once(name, listener), subscriber),
    off: (name, listener) => (events.off(name, listener), subscriber),
    close,
    [Symbol.asyncDispose]: close,
  };
  return { subscriber, unconfirmed: () => engine.unconfirmedSubscriptions() };
}

type SubscribeMethods = Pick<
  Subscriber,
  'subscribe' | 'psubscribe' | 'ssubscribe' | 'unsubscribe' | 'punsubscribe' | 'sunsubscribe'
>;

/** Words for names of each kind in error messages. */
const NAME_WORDS = { channel: 'channels', pattern: 'patterns', shard: 'shard channels' } as const;

/** Creates the methods that take names, which check them. */
function createSubscribeMethods(engine: SubscriptionEngine): SubscribeMethods {
  const subscribeTo =
    (kind: SubscriptionKind) =>
    async (...given: GivenNames): Promise<void> =>
      engine.subscribe(kind, checkChannels(NAME_WORDS[kind], given));
  const unsubscribeFrom =
    (kind: SubscriptionKind) =>
    (...given: GivenNames): Promise<void> =>
      new Promise((resolve) => resolve(engine.unsubscribe(kind, checkChannels(NAME_WORDS[kind], given))));
  return {
    subscribe: subscribeTo('channel'),
    psubscribe: subscribeTo('pattern'),
    ssubscribe: subscribeTo('shard'),
    unsubscribe: unsubscribeFrom('channel'),
    punsubscribe: unsubscribeFrom('pattern'),
    sunsubscribe: unsubscribeFrom('shard'),
  };
}
