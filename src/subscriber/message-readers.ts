import type { IncomingMessage, SubscriptionKind } from '../connect/client/subscription-connection.js';
import { Queue } from '../core/queue.js';
import { namesOf } from './desired-subscriptions.js';
import type { OverflowEvent } from './subscriber-events.js';
import type { DropPolicy, MessagesOptions } from './subscriber-options.js';

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

export interface MessageReaderPorts {
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
export interface MessageReaders {
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

export function createMessageReaders({
  onOverflow,
  subscribe,
  unsubscribe,
}: MessageReaderPorts): MessageReaders {
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

/** Messages to be read one by one, in a `for await` loop. Leaving the loop ends the subscription. */
export interface Inbox<Message> extends AsyncIterableIterator<Message> {
  /** How many messages have been thrown away because the reader was too slow. */
  readonly dropped: number;
  next(): Promise<IteratorResult<Message, undefined>>;
  return(): Promise<IteratorResult<Message, undefined>>;
}

export interface InboxOptions {
  /** How many messages wait at most. */
  readonly limit: number;
  readonly drop: DropPolicy;
  /** Messages begin to be thrown away: told once until the reader has caught up. */
  readonly onOverflow: () => void;
  /** The reader has left. */
  readonly onLeave: () => void;
}

interface PendingRead<Message> {
  readonly resolve: (result: IteratorResult<Message, undefined>) => void;
  readonly reject: (error: Error) => void;
}

const DONE = { done: true, value: undefined } as const;

/** A bounded queue between those who send messages and the one who reads them. */
export class BoundedInbox<Message> implements Inbox<Message> {
  readonly #options: InboxOptions;
  #waiting = new Queue<Message>();
  #readers: PendingRead<Message>[] = [];
  #end: { readonly error: Error | undefined } | undefined;
  #isOverflowing = false;
  #dropped = 0;

  constructor(options: InboxOptions) {
    this.#options = options;
  }

  get dropped(): number {
    return this.#dropped;
  }

  push(message: Message): void {
    if (this.#end) return;
    const reader = this.#readers.shift();
    if (reader) reader.resolve({ done: false, value: message });
    else if (this.#waiting.length < this.#options.limit) this.#waiting.push(message);
    else this.#overflow(message);
  }

  #overflow(message: Message): void {
    this.#dropped += 1;
    if (this.#options.drop === 'oldest') {
      this.#waiting.take();
      this.#waiting.push(message);
    }
    if (this.#isOverflowing) return;
    this.#isOverflowing = true;
    this.#options.onOverflow();
  }

  /** Nothing comes any more. What waits is read first; then the loop ends, or throws the error. */
  finish(error?: Error): void {
    if (this.#end) return;
    this.#end = { error };
    for (const reader of this.#readers.splice(0)) this.#last(reader);
  }

  #last({ resolve, reject }: PendingRead<Message>): void {
    const error = this.#end?.error;
    this.#end = { error: undefined }; // thrown once
    if (error) reject(error);
    else resolve(DONE);
  }

  next(): Promise<IteratorResult<Message, undefined>> {
    const message = this.#waiting.take();
    if (this.#waiting.length === 0) this.#isOverflowing = false;
    return new Promise((resolve, reject) => {
      const reader = { resolve, reject };
      if (message !== undefined) resolve({ done: false, value: message });
      else if (this.#end) this.#last(reader);
      else this.#readers.push(reader);
    });
  }

  return(): Promise<IteratorResult<Message, undefined>> {
    this.#waiting = new Queue();
    if (!this.#end) this.#options.onLeave();
    this.finish();
    this.#end = { error: undefined }; // nobody is there to catch it
    return Promise.resolve(DONE);
  }

  [Symbol.asyncIterator](): this {
    return this;
  }
}
