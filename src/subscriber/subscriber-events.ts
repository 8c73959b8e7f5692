import type { IncomingMessage } from '../connect/client/subscription-connection.js';
import { type Emitter, publish } from '../core/emitter.js';
import type { HygieneError } from '../core/errors.js';
import type { SubscriptionNames } from './desired-subscriptions.js';
import type { Gap } from './gap-tracker.js';

/** The next dial of a subscriber that has lost its connection. */
export interface ReconnectingEvent {
  /** Counts up until a connection is ready: 1, 2, … */
  readonly attempt: number;
  /** How long it waits before it dials, in milliseconds. */
  readonly delayMs: number;
}

/** A reader of `messages()` is too slow. Told once until it has caught up; `dropped` of its loop counts on. */
export interface OverflowEvent extends SubscriptionNames {
  /** How many messages wait for it at most. */
  readonly limit: number;
  /** How many have been thrown away so far. */
  readonly dropped: number;
}

/** Everything that a subscriber tells, by event name. */
export interface SubscriberEvents {
  message: [channel: string, message: string];
  pmessage: [pattern: string, channel: string, message: string];
  smessage: [channel: string, message: string];
  messageBuffer: [channel: Buffer, message: Buffer];
  pmessageBuffer: [pattern: string, channel: Buffer, message: Buffer];
  smessageBuffer: [channel: Buffer, message: Buffer];
  /** Messages may have been missed. Comes before the first message that follows. */
  gap: [gap: Gap];
  reconnecting: [event: ReconnectingEvent];
  /** A connection is up, and everything that is wanted is subscribed on it. */
  ready: [];
  overflow: [event: OverflowEvent];
  /** A failed dial, or a subscription that the server refuses now. Without a listener it does not throw. */
  error: [error: Error];
  /** Closed, or given up: nothing comes any more. */
  closed: [why: HygieneError];
}

/** Tells of a message, as text only where somebody listens for text. */
export function publishMessage(events: Emitter<SubscriberEvents>, incoming: IncomingMessage): void {
  const { kind, name, channel, message } = incoming;
  if (kind === 'pattern') {
    publish(events, 'pmessageBuffer', name, channel, message);
    if (events.listenerCount('pmessage') === 0) return;
    return publish(events, 'pmessage', name, channel.toString(), message.toString());
  }
  const [text, bytes] =
    kind === 'channel' ? (['message', 'messageBuffer'] as const) : (['smessage', 'smessageBuffer'] as const);
  publish(events, bytes, channel, message);
  if (events.listenerCount(text) > 0) publish(events, text, name, message.toString());
}
