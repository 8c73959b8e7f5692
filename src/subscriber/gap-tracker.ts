import type { IncomingMessage } from '../connect/client/subscription-connection.js';
import type { Clock } from '../core/clock.js';
import type { SubscriptionNames } from './desired-subscriptions.js';

/**
 * A period in which messages may have been missed. Each connection that was ready and then lost causes one gap. Outside
 * of the gaps, every message on these channels has been delivered.
 */
export interface Gap extends SubscriptionNames {
  /**
   * A second before the last bytes came from the server, in milliseconds since the epoch: what the server published in
   * that second may have been lost in transit. Where the process cannot know when these bytes came, because it read them
   * late, the earliest time at which they can have come counts.
   */
  readonly from: number;
  /** When all channels were subscribed again, in milliseconds since the epoch. */
  readonly to: number;
}

/** How long a message may have been in transit when its connection broke, in milliseconds. */
export const MAX_TRANSIT_MS = 1_000;

/** Whether every desired subscription is confirmed on the current connection. */
type State =
  | { readonly kind: 'complete'; readonly since: number }
  | { readonly kind: 'incomplete'; readonly loss: Loss | undefined; readonly held: IncomingMessage[] };

/** Subscriptions that were lost with a connection, and since when their messages may be missing. */
interface Loss {
  readonly names: SubscriptionNames;
  readonly from: number;
}

export interface GapTrackerPorts {
  readonly clock: Clock;
  readonly onGap: (gap: Gap) => void;
  readonly deliver: (message: IncomingMessage) => void;
}

/**
 * Reports gaps. Messages that arrive before everything is subscribed again are held, so that a gap is reported before
 * the first message that follows it.
 */
export interface GapTracker {
  /** Records that every desired subscription is confirmed. */
  markRestored(): void;
  /**
   * Records that the connection is lost, with all its subscriptions.
   *
   * @param lastReadAt When the last bytes came from the server at the earliest, in milliseconds since the epoch.
   * @param names Subscriptions that the server had confirmed.
   */
  markLost(lastReadAt: number, names: SubscriptionNames): void;
  receive(message: IncomingMessage): void;
}

export function createGapTracker({ clock, onGap, deliver }: GapTrackerPorts): GapTracker {
  let state: State = { kind: 'incomplete', loss: undefined, held: [] };

  /** Reports the gap, then delivers the messages that were held. */
  function resume(): void {
    if (state.kind === 'complete') return;
    const { loss, held } = state;
    const to = clock.now();
    state = { kind: 'complete', since: to };
    if (loss && !isEmpty(loss.names)) onGap({ ...loss.names, from: loss.from, to });
    held.forEach(deliver);
  }

  function missingSince(lastReadAt: number): number {
    const from = lastReadAt - MAX_TRANSIT_MS;
    if (state.kind === 'complete') return Math.max(state.since, from);
    // A connection that was renewed may turn out to have been silent since before that.
    return Math.min(state.loss?.from ?? from, from);
  }

  /** Ends the gap of the previous connection, if any. Returns where the gap of the connection lost now begins. */
  function endPreviousGap(names: SubscriptionNames, from: number): number {
    if (state.kind === 'complete') return from;
    const hasGap = state.loss !== undefined;
    if (hasGap) state = { ...state, loss: { names, from } };
    resume();
    return hasGap ? clock.now() : from;
  }

  return {
    markRestored: resume,
    markLost(lastReadAt, names) {
      const from = endPreviousGap(names, missingSince(lastReadAt));
      state = { kind: 'incomplete', loss: isEmpty(names) ? undefined : { names, from }, held: [] };
    },
    receive(message) {
      if (state.kind === 'complete') deliver(message);
      else state.held.push(message);
    },
  };
}

function isEmpty({ channels, patterns, shardChannels }: SubscriptionNames): boolean {
  return channels.length + patterns.length + shardChannels.length === 0;
}
