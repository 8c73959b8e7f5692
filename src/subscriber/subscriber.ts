import type { RedisOptions } from 'ioredis';
import { reconnectBounds, type ClientFactory } from '../connect/client/client-factory.js';
import {
  openSubscriptionConnection,
  type SubscriptionKind,
} from '../connect/client/subscription-connection.js';
import type { Clock } from '../core/clock.js';
import { createEmitter, publish } from '../core/emitter.js';
import { formatConnectionName } from '../identity/connection-name.js';
import type { Identity } from '../identity/detect-identity.js';
import { readClientArguments } from '../options/client-arguments.js';
import type { Settings } from '../options/settings.js';
import type { SubscriptionNames } from './desired-subscriptions.js';
import { createMessageReaders, type Inbox, type Message, type MessageReaders } from './message-readers.js';
import { publishMessage, type SubscriberEvents } from './subscriber-events.js';
import {
  checkChannels,
  checkMessagesOptions,
  checkSubscriberOptions,
  type GivenNames,
  type MessagesOptions,
  type SubscriberOptions,
} from './subscriber-options.js';
import { SubscriptionEngine, type SubscriptionEnginePorts } from './subscription-engine.js';

/**
 * A connection for Pub/Sub that keeps what is wanted as data: when it is lost, its socket is destroyed before the
 * next one is dialled, everything is subscribed again, and what may have been missed is told as a gap.
 */
export interface Subscriber extends AsyncDisposable {
  /**
   * Subscribes to channels, and counts: a channel that was asked for twice has to be given back twice. Resolves when
   * the server has confirmed all of them. Where it refuses one, none of this call is kept.
   *
   * @throws HygieneError `HYG_OPTION_TYPE`, `HYG_SUBSCRIBE_REFUSED`, `HYG_SUBSCRIBER_CLOSED`
   */
  subscribe(...channels: GivenNames): Promise<void>;
  /** The same for patterns of channels (`news.*`). */
  psubscribe(...patterns: GivenNames): Promise<void>;
  /** The same for shard channels, from Redis 7 on. */
  ssubscribe(...shardChannels: GivenNames): Promise<void>;
  /**
   * Gives channels back. What nobody wants any more is not delivered from now on.
   *
   * @throws HygieneError `HYG_OPTION_TYPE`
   */
  unsubscribe(...channels: GivenNames): Promise<void>;
  punsubscribe(...patterns: GivenNames): Promise<void>;
  sunsubscribe(...shardChannels: GivenNames): Promise<void>;
  /**
   * Messages for a `for await` loop. It subscribes now, and gives back when the loop is left; messages wait for it
   * from now on, at most `limit` of them. The loop ends when the subscriber is closed, or the factory shut down; it
   * throws where a subscription is refused or the subscriber gives up.
   *
   * @throws HygieneError `HYG_OPTION_UNKNOWN`, `HYG_OPTION_TYPE`, `HYG_OPTION_RANGE`
   */
  messages(
    names: string | readonly string[],
    options: MessagesOptions & { encoding: 'buffer' },
  ): Inbox<Message<Buffer>>;
  messages(names: string | readonly string[], options?: MessagesOptions): Inbox<Message>;
  /** What is wanted now. */
  wanted(): SubscriptionNames;
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
  /** Closes for good, also before it was ever connected. Resolves when its socket has closed. */
  close(): Promise<void>;
}

type Verbs = Pick<
  Subscriber,
  'subscribe' | 'psubscribe' | 'ssubscribe' | 'unsubscribe' | 'punsubscribe' | 'sunsubscribe'
>;

/** What kinds of names are called in messages to people. */
const plurals = { channel: 'channels', pattern: 'patterns', shard: 'shard channels' } as const;

/** The methods that take names, checked at the door. */
function verbsOf(engine: SubscriptionEngine): Verbs {
  const begin =
    (kind: SubscriptionKind) =>
    async (...given: GivenNames): Promise<void> =>
      engine.subscribe(kind, checkChannels(plurals[kind], given));
  const end =
    (kind: SubscriptionKind) =>
    (...given: GivenNames): Promise<void> =>
      new Promise((resolve) => resolve(engine.unsubscribe(kind, checkChannels(plurals[kind], given))));
  return {
    subscribe: begin('channel'),
    psubscribe: begin('pattern'),
    ssubscribe: begin('shard'),
    unsubscribe: end('channel'),
    punsubscribe: end('pattern'),
    sunsubscribe: end('shard'),
  };
}

export interface SubscriberPorts extends SubscriptionEnginePorts {
  /** False once shutdown() has begun: an end is in order then. */
  readonly isOpen: () => boolean;
}

/** Opens a subscriber over one connection. */
export function createSubscriber(ports: SubscriberPorts): Subscriber {
  const events = createEmitter<SubscriberEvents>();
  let isClosing = false;
  let closed: Promise<void> | undefined;
  const engine = new SubscriptionEngine(ports, {
    onReady: () => publish(events, 'ready'),
    onGap: (gap) => publish(events, 'gap', gap),
    onRedial: (attempt, delayMs) => publish(events, 'reconnecting', { attempt, delayMs }),
    onError: (error) => publish(events, 'error', error),
    onMessage(message) {
      readers.deliver(message);
      publishMessage(events, message);
    },
    onClosed(why) {
      readers.finish(isClosing || !ports.isOpen() ? undefined : why);
      publish(events, 'closed', why);
    },
  });
  const readers: MessageReaders = createMessageReaders({
    onOverflow: (event) => publish(events, 'overflow', event),
    subscribe: (kind, names, isHeld) => engine.subscribe(kind, names, isHeld),
    unsubscribe: (kind, names) => engine.unsubscribe(kind, names),
  });
  function close(): Promise<void> {
    isClosing = true;
    return (closed ??= engine.close());
  }

  const subscriber: Subscriber = {
    ...verbsOf(engine),
    messages: (names: string | readonly string[], options: MessagesOptions = {}) =>
      readers.open(checkChannels('names', [names]), checkMessagesOptions(options)) as Inbox<never>,
    wanted: () => engine.wanted(),
    on: (name, listener) => (events.on(name, listener), subscriber),
    once: (name, listener) => (events.once(name, listener), subscriber),
    off: (name, listener) => (events.off(name, listener), subscriber),
    close,
    [Symbol.asyncDispose]: close,
  };
  return subscriber;
}

export interface SubscriberFactoryPorts {
  readonly clock: Clock;
  readonly identity: Identity;
  readonly settings: Settings;
  /** The factory's. */
  readonly connection: string | RedisOptions | undefined;
  readonly opener: Pick<ClientFactory, 'client'>;
  /** False once shutdown() has begun. */
  readonly isOpen: () => boolean;
}

/** Gives the function that opens subscribers, each over a connection of its own. */
export function createSubscriberFactory(ports: SubscriberFactoryPorts) {
  const { clock, identity, settings, connection, opener, isOpen } = ports;

  return (given: SubscriberOptions = {}): Subscriber => {
    const { connection: own, role = 'subscriber' } = checkSubscriberOptions(given);
    const connectionName = formatConnectionName({ ...identity, role });
    const options = { ...readClientArguments(connection, [own]), connectionName };
    return createSubscriber({
      clock,
      bounds: reconnectBounds(settings),
      isOpen,
      open: (listener) => openSubscriptionConnection(opener, options, listener, clock),
    });
  };
}
