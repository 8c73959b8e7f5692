import type { IncomingMessage } from '../connect/client/subscription-connection.js';
import { type Emitter, emitEvent } from '../core/emitter.js';
import type { HygieneError } from '../core/errors.js';
import type { SubscriptionNames } from './desired-subscriptions.js';
import type { Gap } from './gap-tracker.js';

/** The next dial of a subscriber that has lost its connection. */
export interface ReconnectingEvent {
  /** Number of dials since a connection was ready: 1, 2, … */
  readonly attempt: number;
  /** Delay before the dial, in milliseconds. */
  readonly delayMs: number;
}

/**
 * A loop over `messages()` reads too slowly, so messages are dropped. Emitted once until the loop has caught up; the
 * `dropped` property of the loop keeps counting.
 */
export interface OverflowEvent extends SubscriptionNames {
  /** Maximum number of messages that are buffered for this loop. */
  readonly limit: number;
  /** Number of messages dropped so far. */
  readonly dropped: number;
}

/** Events of a subscriber, by name. */
export interface SubscriberEvents {
  message: [channel: string, message: string];
  pmessage: [pattern: string, channel: string, message: string];
  smessage: [channel: string, message: string];
  messageBuffer: [channel: Buffer, message: Buffer];
  pmessageBuffer: [pattern: string, channel: Buffer, message: Buffer];
  smessageBuffer: [channel: Buffer, message: Buffer];
  /** Messages may have been missed. Emitted before the first message that follows the gap. */
  gap: [gap: Gap];
  reconnecting: [event: ReconnectingEvent];
  /** A connection is ready, and every desired subscription on it has been answered. */
  ready: [];
  overflow: [event: OverflowEvent];
  /** A dial failed, or the server refuses a subscription that it had confirmed. Does not throw without a listener. */
  error: [error: Error];
  /** The subscriber is closed or has given up reconnecting. No other event follows. */
  closed: [why: HygieneError];
}

/** Emits the events of a message. Bytes are decoded only when the text event has a listener. */
export function emitMessage(events: Emitter<SubscriberEvents>, incoming: IncomingMessage): void {
  const { kind, name, channel, message } = incoming;
  if (kind === 'pattern') {
    emitEvent(events, 'pmessageBuffer', name, channel, message);
    if (events.listenerCount('pmessage') === 0) return;
    return emitEvent(events, 'pmessage', name, channel.toString(), message.toString());
  }
  const [textEvent, bytesEvent] =
    kind === 'channel' ? (['message', 'messageBuffer'] as const) : (['smessage', 'smessageBuffer'] as const);
  emitEvent(events, bytesEvent, channel, message);
  if (events.listenerCount(textEvent) > 0)
    emitEvent(events, textEvent, channel.toString(), message.toString());
}
