import { channel, type Channel } from 'node:diagnostics_channel';
import { callObserver } from '../core/warnings.js';
import type { Identity } from '../identity/detect-identity.js';
import type { HygieneEvents } from './events.js';

/** The channels of `node:diagnostics_channel` on which factories and the preload publish, and the events on each. */
export const channelTable = {
  connection: {
    events: ['connecting', 'connected', 'ready', 'reconnecting', 'closed'],
    meaning: 'A connection has changed its state.',
  },
  liveness: {
    events: ['stale', 'stalled', 'recovered'],
    meaning:
      'A health check has found a dead peer, a server that does not answer, or one that answers again.',
  },
  orphan: {
    events: ['orphan'],
    meaning: 'The server’s half of a lost connection was reaped, is gone, or is left.',
  },
  failover: {
    events: ['failover'],
    meaning: 'Sentinels have moved the master, and the clients have followed.',
  },
  saturated: {
    events: ['saturated'],
    meaning: 'A server has reached its `maxclients`, and dials to it wait.',
  },
  gap: { events: ['gap'], meaning: 'A subscriber may have missed messages.' },
  suspect: { events: ['suspect'], meaning: 'A line of code has too many clients open.' },
  lease: {
    events: ['lease-overdue', 'lease-returned'],
    meaning: 'A lease of a pool is overdue, or an overdue one has been released.',
  },
  policy: { events: ['policy'], meaning: 'An option of the caller was replaced by another value.' },
  error: { events: ['error'], meaning: 'A failure with a code and a remedy.' },
  shutdown: { events: ['shutdown'], meaning: 'A factory has closed all of its connections.' },
} as const satisfies Record<
  string,
  { readonly events: readonly (keyof HygieneEvents)[]; readonly meaning: string }
>;

/** The name of a channel is `redis-hygiene:` and a word of the table. */
export type ChannelName = `redis-hygiene:${keyof typeof channelTable}`;

/** A message on a channel: an event, and the factory that has emitted it. */
export type ChannelMessage<Name extends keyof HygieneEvents = keyof HygieneEvents> = {
  readonly [Each in Name]: {
    readonly event: Each;
    /** Service and host of the factory, as in the names of its connections. */
    readonly service: string;
    readonly host: string;
    /** What listeners of the event get: `factory.on(event, (data) => …)`. */
    readonly data: HygieneEvents[Each][0];
  };
}[Name];

const channels = new Map<string, Channel>(
  Object.entries(channelTable).flatMap(([word, { events }]) => {
    const shared = channel(`redis-hygiene:${word}`);
    return events.map((event) => [event, shared] as const);
  }),
);

/**
 * Publishes an event on its channel. Without a subscriber, this is one look into a map.
 *
 * Subscribers are called here and not by `publish()`, which makes an exception of one of them an uncaught exception that
 * ends the process. An observer must not be able to do that, so its exception becomes a warning.
 */
export function publishEvent<Name extends keyof HygieneEvents>(
  { service, host }: Identity,
  event: Name,
  data: HygieneEvents[Name][0],
): void {
  const target = channels.get(event);
  if (target?.hasSubscribers) publishSafely(target, { event, service, host, data } as ChannelMessage);
}

/** A channel with subscribers. Node has no public way to read them, so `publish()` is used where this field is missing. */
interface ActiveChannel extends Channel {
  readonly _subscribers?: readonly Subscriber[];
}

type Subscriber = (message: unknown, name: string | symbol) => unknown;

function publishSafely(target: ActiveChannel, message: ChannelMessage): void {
  const { _subscribers: subscribers, name } = target;
  if (!subscribers) return target.publish(message);
  for (const subscriber of [...subscribers]) {
    callObserver(`A subscriber of the channel ${String(name)}`, () => subscriber(message, name));
  }
}
