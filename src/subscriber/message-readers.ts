import type { IncomingMessage, SubscriptionKind } from '../connect/client/subscription-connection.js';
import { Queue } from '../core/queue.js';
import { namesOf, type SubscribeCall } from './desired-subscriptions.js';
import type { OverflowEvent } from './subscriber-events.js';
import type { CheckedMessagesOptions, DropPolicy } from './subscriber-options.js';

/** A message in a loop over `messages()`. */
export interface Message<Payload = string> {
  readonly kind: SubscriptionKind;
  /** The subscribed name: the channel, or the pattern that matched it. */
  readonly name: string;
  readonly channel: Payload;
  readonly message: Payload;
}

/** Messages to be read one by one, in a `for await` loop. Leaving the loop ends the subscription. */
export interface Inbox<Message> extends AsyncIterableIterator<Message> {
  /** Number of messages that were dropped because the loop reads too slowly. */
  readonly dropped: number;
  next(): Promise<IteratorResult<Message, undefined>>;
  return(): Promise<IteratorResult<Message, undefined>>;
}

type AnyMessage = Message | Message<Buffer>;

interface MessageReader {
  readonly names: ReadonlySet<string>;
  readonly options: CheckedMessagesOptions;
  readonly inbox: BoundedInbox<AnyMessage>;
}

export interface MessageReaderPorts {
  readonly onOverflow: (event: OverflowEvent) => void;
  /** Rejects when the server refuses a name. What is left of the call is then unsubscribed. */
  readonly subscribe: (
    kind: SubscriptionKind,
    names: readonly string[],
    call: SubscribeCall,
  ) => Promise<void>;
  readonly unsubscribe: (kind: SubscriptionKind, names: readonly string[], call: SubscribeCall) => void;
}

/** The loops over messages of one subscriber. */
export interface MessageReaders {
  /** Starts a reader and subscribes to its names. */
  open(names: readonly string[], options: CheckedMessagesOptions): Inbox<AnyMessage>;
  deliver(message: IncomingMessage): void;
  /** Ends all readers. No message follows. */
  finish(error: Error | undefined): void;
}

export function createMessageReaders({
  onOverflow,
  subscribe,
  unsubscribe,
}: MessageReaderPorts): MessageReaders {
  const readers = new Set<MessageReader>();

  function createInbox(
    names: readonly string[],
    options: CheckedMessagesOptions,
    onLeave: () => void,
  ): BoundedInbox<AnyMessage> {
    const { kind, limit, drop } = options;
    const namesByKind = namesOf(names.map((name) => ({ kind, name })));
    const inbox: BoundedInbox<AnyMessage> = new BoundedInbox({
      limit,
      drop,
      onOverflow: () => onOverflow({ ...namesByKind, limit, dropped: inbox.dropped }),
      onLeave,
    });
    return inbox;
  }

  return {
    open(names, options) {
      const { kind } = options;
      const call: SubscribeCall = { isPending: true, isLoop: true };
      const inbox = createInbox(names, options, () => {
        readers.delete(reader);
        unsubscribe(kind, names, call);
      });
      const reader: MessageReader = { names: new Set(names), options, inbox };
      readers.add(reader);
      subscribe(kind, names, call).catch((error: unknown) => {
        readers.delete(reader);
        inbox.finish(error as Error);
      });
      return inbox;
    },
    deliver(message) {
      for (const { names, options, inbox } of readers) {
        if (options.kind === message.kind && names.has(message.name)) inbox.push(decode(message, options));
      }
    },
    finish(error) {
      readers.forEach(({ inbox }) => inbox.finish(error));
      readers.clear();
    },
  };
}

function decode(
  { kind, name, channel, message }: IncomingMessage,
  { encoding }: CheckedMessagesOptions,
): AnyMessage {
  if (encoding === 'buffer') return { kind, name, channel, message };
  return { kind, name, channel: channel.toString(), message: message.toString() };
}

export interface InboxOptions {
  /** Maximum number of buffered messages. */
  readonly limit: number;
  readonly drop: DropPolicy;
  /** Called when messages begin to be dropped, once until the reader has caught up. */
  readonly onOverflow: () => void;
  /** Called when the reader leaves the loop. */
  readonly onLeave: () => void;
}

interface PendingRead<Message> {
  readonly resolve: (result: IteratorResult<Message, undefined>) => void;
  readonly reject: (error: Error) => void;
}

const DONE = { done: true, value: undefined } as const;

/** A bounded queue of messages with one reader. */
export class BoundedInbox<Message> implements Inbox<Message> {
  readonly #options: InboxOptions;
  #buffered = new Queue<Message>();
  #pendingReads: PendingRead<Message>[] = [];
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
    const read = this.#pendingReads.shift();
    if (read) read.resolve({ done: false, value: message });
    else if (this.#buffered.length < this.#options.limit) this.#buffered.push(message);
    else this.#overflow(message);
  }

  #overflow(message: Message): void {
    this.#dropped += 1;
    if (this.#options.drop === 'oldest') {
      this.#buffered.take();
      this.#buffered.push(message);
    }
    if (this.#isOverflowing) return;
    this.#isOverflowing = true;
    this.#options.onOverflow();
  }

  /** Takes no more messages. Buffered messages are read first; then the loop ends, or throws the error. */
  finish(error?: Error): void {
    if (this.#end) return;
    this.#end = { error };
    for (const read of this.#pendingReads.splice(0)) this.#settleAtEnd(read);
  }

  #settleAtEnd({ resolve, reject }: PendingRead<Message>): void {
    const error = this.#end?.error;
    this.#end = { error: undefined }; // the error is thrown once
    if (error) reject(error);
    else resolve(DONE);
  }

  next(): Promise<IteratorResult<Message, undefined>> {
    const message = this.#buffered.take();
    if (this.#buffered.length === 0) this.#isOverflowing = false;
    return new Promise((resolve, reject) => {
      const read = { resolve, reject };
      if (message !== undefined) resolve({ done: false, value: message });
      else if (this.#end) this.#settleAtEnd(read);
      else this.#pendingReads.push(read);
    });
  }

  return(): Promise<IteratorResult<Message, undefined>> {
    this.#buffered = new Queue();
    if (!this.#end) this.#options.onLeave();
    this.finish();
    this.#end = { error: undefined }; // an error has no reader left to catch it
    return Promise.resolve(DONE);
  }

  [Symbol.asyncIterator](): this {
    return this;
  }
}
