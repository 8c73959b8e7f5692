import type { SubscriptionConnection, SubscriptionKind } from '../connect/client/subscription-connection.js';
import { type BackoffBounds, fullJitter } from '../core/backoff.js';
import type { Clock } from '../core/clock.js';
import { HygieneError, isReplyError } from '../core/errors.js';
import { type DesiredSubscription, markConfirmed, markRefused } from './desired-subscriptions.js';
import { MAX_TRANSIT_MS } from './gap-tracker.js';

export interface SubscriptionRequestPorts {
  readonly clock: Clock;
  /** Bounds of the backoff before a refused subscription is requested again. */
  readonly bounds: BackoffBounds;
  readonly connection: () => Pick<SubscriptionConnection, 'subscribe' | 'unsubscribe'>;
  readonly isDesired: (subscription: DesiredSubscription) => boolean;
  /** Called when the server refuses a subscription that it had confirmed before. */
  readonly onRefused: (error: HygieneError) => void;
  /** Called just before a subscription is marked as confirmed. */
  readonly onConfirmed: (subscription: DesiredSubscription) => void;
}

/**
 * Sends SUBSCRIBE and UNSUBSCRIBE commands. The `isCurrent` callbacks tell whether the generation in which a command was
 * sent still lasts: an answer to an earlier connection changes nothing.
 */
export interface SubscriptionRequests {
  /** Resolves to `true` when the server has answered for every subscription, `false` when the connection broke before. */
  subscribe(subscriptions: readonly DesiredSubscription[], isCurrent: () => boolean): Promise<boolean>;
  /**
   * Requests a subscription again that the server has ended. Its messages are missing until it is confirmed again.
   *
   * @param endedAt When the server's message came at the earliest, in milliseconds since the epoch.
   */
  resubscribe(subscription: DesiredSubscription | undefined, endedAt: number, isCurrent: () => boolean): void;
  /** Resolves also when the connection breaks, because its subscriptions end with it. */
  unsubscribe(subscriptions: readonly DesiredSubscription[]): Promise<void>;
}

/** Subscriptions of one kind that go into one command. */
type Batch = readonly DesiredSubscription[];

export function createSubscriptionRequests(ports: SubscriptionRequestPorts): SubscriptionRequests {
  const { clock, bounds, connection, isDesired, onRefused, onConfirmed } = ports;

  /** Sends a batch as one command. The server answers for all its names together. */
  async function request(batch: Batch, isCurrent: () => boolean): Promise<boolean> {
    const withoutRevoked = captureRevocations(batch);
    try {
      await connection().subscribe(...argumentsOf(batch));
      if (isCurrent()) withoutRevoked().forEach(confirm);
    } catch (error) {
      if (!isCurrent() || !isReplyError(error)) return false; // a broken connection is reported elsewhere
      // What was unsubscribed meanwhile must not be subscribed again: its UNSUBSCRIBE is on its way already.
      if (batch.length > 1) return requestAll(eachOf(batch.filter(isDesired)), isCurrent);
      batch.forEach((subscription) => refuse(subscription, error, isCurrent));
    }
    return true;
  }

  async function requestAll(batches: readonly Batch[], isCurrent: () => boolean): Promise<boolean> {
    const answered = await Promise.all(batches.map((batch) => request(batch, isCurrent)));
    return answered.every(Boolean);
  }

  function confirm(subscription: DesiredSubscription): void {
    onConfirmed(subscription);
    markConfirmed(subscription);
  }

  /** A subscription that was confirmed before stays desired, because the permission may be granted again. */
  function refuse(subscription: DesiredSubscription, reply: Error, isCurrent: () => boolean): void {
    const error = refusedError(subscription, reply);
    markRefused(subscription, error);
    if (subscription.isGivenUp || !isDesired(subscription)) return;
    if (subscription.refusals === 0) onRefused(error);
    subscription.missingSince ??= clock.now();
    subscription.refusals += 1;
    clock.after(fullJitter(subscription.refusals, bounds, clock.random()), () => {
      if (isCurrent() && isDesired(subscription)) void request([subscription], isCurrent);
    });
  }

  return {
    subscribe: (subscriptions, isCurrent) => requestAll(batchesOf(subscriptions), isCurrent),
    resubscribe(subscription, endedAt, isCurrent) {
      if (!subscription) return;
      subscription.isConfirmed = false;
      subscription.revocations += 1;
      if (subscription.wasConfirmed) subscription.missingSince ??= endedAt - MAX_TRANSIT_MS;
      void request([subscription], isCurrent);
    },
    async unsubscribe(subscriptions) {
      await Promise.allSettled(
        batchesOf(subscriptions).map((batch) => connection().unsubscribe(...argumentsOf(batch))),
      );
    },
  };
}

/**
 * Captures how often each subscription was revoked. The function returned gives those that were not revoked since then:
 * the server may end a subscription in the very packet that confirms it.
 */
function captureRevocations(batch: Batch): () => Batch {
  const before = batch.map(({ revocations }) => revocations);
  return () => batch.filter(({ revocations }, index) => revocations === before[index]);
}

function eachOf(batch: Batch): Batch[] {
  return batch.map((subscription) => [subscription]);
}

/** Maximum number of names in one command. */
const MAX_BATCH_NAMES = 10_000;

/** Splits subscriptions into batches of one kind and at most `MAX_BATCH_NAMES` names. */
function batchesOf(subscriptions: readonly DesiredSubscription[]): Batch[] {
  return (['channel', 'pattern', 'shard'] as const).flatMap((kind) => {
    const ofKind = subscriptions.filter((subscription) => subscription.kind === kind);
    return Array.from({ length: Math.ceil(ofKind.length / MAX_BATCH_NAMES) }, (_, index) =>
      ofKind.slice(index * MAX_BATCH_NAMES, (index + 1) * MAX_BATCH_NAMES),
    );
  });
}

/** Arguments of the command for a batch, which is never empty. */
function argumentsOf(batch: Batch): [kind: SubscriptionKind, names: string[]] {
  return [(batch[0] as DesiredSubscription).kind, batch.map(({ name }) => name)];
}

/** Words for the kinds in error messages. */
const KIND_WORDS = { channel: 'channel', pattern: 'pattern', shard: 'shard channel' } as const;

function refusedError({ kind, name }: DesiredSubscription, { message }: Error): HygieneError {
  return new HygieneError(
    'HYG_SUBSCRIBE_REFUSED',
    `The server refused a subscription to the ${KIND_WORDS[kind]} "${name}": ${message}.`,
    { details: { kind, name, reply: message } },
  );
}
