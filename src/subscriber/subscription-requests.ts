import type { SubscriptionConnection, SubscriptionKind } from '../connect/client/subscription-connection.js';
import { type BackoffBounds, fullJitter } from '../core/backoff.js';
import type { Clock } from '../core/clock.js';
import { HygieneError, isReplyError } from '../core/errors.js';
import { confirm, fail, type DesiredSubscription } from './desired-subscriptions.js';
import { UNDER_WAY_MS } from './gap-tracker.js';

export interface SubscriptionRequestPorts {
  readonly clock: Clock;
  /** How long to wait before a refused subscription is asked for again. */
  readonly bounds: BackoffBounds;
  readonly line: () => Pick<SubscriptionConnection, 'begin' | 'end'>;
  /** Whether it is still wanted. */
  readonly isWanted: (want: DesiredSubscription) => boolean;
  /** The server has refused, at this time, one that it had confirmed before. */
  readonly onRefused: (error: HygieneError) => void;
  /** It has confirmed it, after all perhaps. */
  readonly onGranted: (want: DesiredSubscription) => void;
}

/** Asks the server to begin and end subscriptions. */
export interface SubscriptionRequests {
  /**
   * Gives whether the server has answered for each, before the connection broke. A late answer, to an earlier
   * connection, changes nothing.
   */
  begin(wants: readonly DesiredSubscription[], isPresent: () => boolean): Promise<boolean>;
  /** The server has ended this one by itself. Whoever wants it still has a gap until it is granted again. */
  askAgain(want: DesiredSubscription | undefined, isPresent: () => boolean): void;
  /** Resolves also where the connection breaks: the subscription goes with it. */
  end(wants: readonly DesiredSubscription[]): Promise<void>;
}

/** So many names go into one command at most. */
const CHUNK = 10_000;

/** Wants of one kind each, not too many of them. */
function batches(wants: readonly DesiredSubscription[]): DesiredSubscription[][] {
  return (['channel', 'pattern', 'shard'] as const).flatMap((kind) => {
    const own = wants.filter((want) => want.kind === kind);
    return Array.from({ length: Math.ceil(own.length / CHUNK) }, (_, index) =>
      own.slice(index * CHUNK, (index + 1) * CHUNK),
    );
  });
}

/** What goes into the command for a batch, which is never empty. */
function contentOf(batch: readonly DesiredSubscription[]): [kind: SubscriptionKind, names: string[]] {
  return [(batch[0] as DesiredSubscription).kind, batch.map(({ name }) => name)];
}

/** What is refused, for people. */
const words = { channel: 'channel', pattern: 'pattern', shard: 'shard channel' } as const;

function refusal({ kind, name }: DesiredSubscription, { message }: Error): HygieneError {
  return new HygieneError(
    'HYG_SUBSCRIBE_REFUSED',
    `The server refused to subscribe the ${words[kind]} "${name}": ${message}.`,
    { details: { kind, name, reply: message } },
  );
}

export function createSubscriptionRequests(ports: SubscriptionRequestPorts): SubscriptionRequests {
  const { clock, bounds, line, isWanted, onRefused, onGranted } = ports;

  /** One batch in one command: the server answers for all of it at once. */
  async function request(batch: readonly DesiredSubscription[], isPresent: () => boolean): Promise<boolean> {
    try {
      await line().begin(...contentOf(batch));
      if (isPresent()) batch.forEach(grant);
    } catch (error) {
      if (!isPresent() || !isReplyError(error)) return false; // a connection that breaks is told elsewhere
      const each = batch.map((want) => [want]);
      if (batch.length > 1) return requestAll(each, isPresent);
      batch.forEach((want) => refuse(want, error, isPresent));
    }
    return true;
  }

  async function requestAll(
    batches: readonly DesiredSubscription[][],
    isPresent: () => boolean,
  ): Promise<boolean> {
    const answered = await Promise.all(batches.map((batch) => request(batch, isPresent)));
    return answered.every(Boolean);
  }

  function grant(want: DesiredSubscription): void {
    onGranted(want);
    confirm(want);
  }

  /** One that was subscribed before stays wanted: the right may be given back. */
  function refuse(want: DesiredSubscription, reply: Error, isPresent: () => boolean): void {
    const error = refusal(want, reply);
    want.isConfirmed = false;
    fail(want, error);
    if (!want.wasConfirmed || !isWanted(want)) return;
    if (want.refusals === 0) onRefused(error);
    want.refusedAt ??= clock.now();
    want.refusals += 1;
    clock.after(fullJitter(want.refusals, bounds, clock.random()), () => {
      if (isPresent() && isWanted(want)) void request([want], isPresent);
    });
  }

  return {
    begin: (wants, isPresent) => requestAll(batches(wants), isPresent),
    askAgain(want, isPresent) {
      if (!want) return;
      want.isConfirmed = false;
      if (want.wasConfirmed) want.refusedAt ??= clock.now() - UNDER_WAY_MS;
      void request([want], isPresent);
    },
    async end(wants) {
      await Promise.allSettled(batches(wants).map((batch) => line().end(...contentOf(batch))));
    },
  };
}
