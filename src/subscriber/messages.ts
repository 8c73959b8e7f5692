import type { IncomingMessage, SubscriptionKind } from '../connect/client/subscription-connection.js';
import type { OverflowEvent } from './events.js';
import { BoundedInbox, type Inbox } from './inbox.js';
import type { MessagesOptions } from './options.js';
import { namesOf } from './wants.js';

/** A message in a loop over `messages()`. */
export interface Message<Payload = string> {
  readonly kind: SubscriptionKind;
  /** What was subscribed: the channel, or the pattern that chose it. */
  readonly name: string;
  readonly channel: Payload;
  readonly message: Payload;
}

type AnyMessage = Message | Message<Buffer>;

/** One loop over messages. */
interface MessageLoop {
  readonly names: ReadonlySet<string>;
  readonly options: Required<MessagesOptions>;
  readonly inbox: BoundedInbox<AnyMessage>;
}

export interface ReaderPorts {
  readonly onOverflow: (event: OverflowEvent) => void;
  /** Gives back by itself what is refused, but not what is no longer held. */
  readonly subscribe: (
    kind: SubscriptionKind,
    names: readonly string[],
    isHeld: () => boolean,
  ) => Promise<void>;
  readonly unsubscribe: (kind: SubscriptionKind, names: readonly string[]) => void;
}

/** The loops over messages of one subscriber. */
export interface Readers {
  /** Begins one, and with it its subscriptions. */
  open(names: readonly string[], options: Required<MessagesOptions>): Inbox<AnyMessage>;
  deliver(message: IncomingMessage): void;
  /** Nothing comes any more. */
  finish(error: Error | undefined): void;
}

function readable(
  { kind, name, channel, message }: IncomingMessage,
  { encoding }: Required<MessagesOptions>,
): AnyMessage {
  if (encoding === 'buffer') return { kind, name, channel, message };
  return { kind, name, channel: channel.toString(), message: message.toString() };
}

export function createReaders({ onOverflow, subscribe, unsubscribe }: ReaderPorts): Readers {
  const readers = new Set<MessageLoop>();

  function makeInbox(names: readonly string[], options: Required<MessagesOptions>, leave: () => void) {
    const { kind, limit, drop } = options;
    const wanted = namesOf(names.map((name) => ({ kind, name })));
    const inbox: BoundedInbox<AnyMessage> = new BoundedInbox({
      limit,
      drop,
      onOverflow: () => onOverflow({ ...wanted, limit, dropped: inbox.dropped }),
      onLeave() {
        leave();
        unsubscribe(kind, names);
      },
    });
    return inbox;
  }

  return {
    open(names, options) {
      const inbox = makeInbox(names, options, () => readers.delete(reader));
      const reader: MessageLoop = { names: new Set(names), options, inbox };
      readers.add(reader);
      subscribe(options.kind, names, () => readers.has(reader)).catch((error: unknown) => {
        readers.delete(reader);
        inbox.finish(error as Error);
      });
      return inbox;
    },
    deliver(message) {
      for (const { names, options, inbox } of readers) {
        if (options.kind === message.kind && names.has(message.name)) inbox.push(readable(message, options));
      }
    },
    finish(error) {
      readers.forEach(({ inbox }) => inbox.finish(error));
      readers.clear();
    },
  };
}
