import type { IncomingMessage } from '../connect/client/subscription-connection.js';
import type { Clock } from '../core/clock.js';
import type { SubscriptionNames } from './desired-subscriptions.js';

/**
 * A time in which messages may have been missed: one for each connection that was ready and is lost. What was
 * published on these channels outside of it has been delivered, or never was.
 */
export interface Gap extends SubscriptionNames {
  /** One second before the server was heard last: what it published then may have been lost on the way. */
  readonly from: number;
  /** When all channels were subscribed again, in milliseconds since the epoch. */
  readonly to: number;
}

/** How long a message may have been under way from its publisher when its connection broke. */
export const UNDER_WAY_MS = 1_000;

/** Whether everything that is wanted is subscribed now. */
type State =
  | { readonly kind: 'covered'; readonly since: number }
  | { readonly kind: 'uncovered'; readonly lost: Lost | undefined; readonly held: IncomingMessage[] };

/** What was covered before, and until when. */
interface Lost {
  readonly names: SubscriptionNames;
  readonly from: number;
}

export interface GapTrackerPorts {
  readonly clock: Clock;
  readonly onGap: (gap: Gap) => void;
  readonly deliver: (message: IncomingMessage) => void;
}

/**
 * Tells gaps, and holds the messages that come before everything is subscribed again, so that a gap is told before
 * the first message that follows it.
 */
export interface GapTracker {
  /** Everything that is wanted is subscribed. */
  restored(): void;
  /** The connection is gone, with all that had been subscribed; the server was heard last at `heardAt`. */
  broken(heardAt: number, names: SubscriptionNames): void;
  message(message: IncomingMessage): void;
}

function isEmpty({ channels, patterns, shardChannels }: SubscriptionNames): boolean {
  return channels.length + patterns.length + shardChannels.length === 0;
}

export function createGapTracker({ clock, onGap, deliver }: GapTrackerPorts): GapTracker {
  let state: State = { kind: 'uncovered', lost: undefined, held: [] };

  /** Tells the gap and what came after it. */
  function resume(): void {
    if (state.kind === 'covered') return;
    const { lost, held } = state;
    const to = clock.now();
    state = { kind: 'covered', since: to };
    if (lost && !isEmpty(lost.names)) onGap({ ...lost.names, from: lost.from, to });
    held.forEach(deliver);
  }

  /** Since when something may be missing, now that the connection is gone. */
  function missingSince(heardAt: number): number {
    const from = heardAt - UNDER_WAY_MS;
    if (state.kind === 'covered') return Math.max(state.since, from);
    return state.lost?.from ?? from;
  }

  /** One connection was lost after the other: the first one's gap ends here, and the next one's begins. */
  function endGap(names: SubscriptionNames, from: number): number {
    if (state.kind === 'covered') return from;
    const isGap = state.lost !== undefined;
    if (isGap) state = { ...state, lost: { names, from } };
    resume();
    return isGap ? clock.now() : from;
  }

  return {
    restored: resume,
    broken(heardAt, names) {
      const from = endGap(names, missingSince(heardAt));
      state = { kind: 'uncovered', lost: isEmpty(names) ? undefined : { names, from }, held: [] };
    },
    message(message) {
      if (state.kind === 'covered') deliver(message);
      else state.held.push(message);
    },
  };
}
