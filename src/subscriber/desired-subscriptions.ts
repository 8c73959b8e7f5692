import type { SubscriptionKind } from '../connect/client/subscription-connection.js';

/** A channel, pattern or shard channel that the application wants to receive. */
export interface DesiredSubscription {
  readonly kind: SubscriptionKind;
  readonly name: string;
  /** Number of subscribe() calls for this name that have not been undone by an unsubscribe(). */
  count: number;
  /** Whether the server has confirmed the subscription on the current connection. */
  isConfirmed: boolean;
  /** Whether the server has confirmed the subscription on any connection so far. */
  wasConfirmed: boolean;
  /** Number of refusals in a row since the last confirmation. */
  refusals: number;
  /** Whether the server has refused the subscription and it is not requested again, unless another call asks for it. */
  isGivenUp: boolean;
  /** How often the server has ended the subscription. Answers to requests that were sent before confirm nothing. */
  revocations: number;
  /** Since when messages may be missing because the server ended or refused the subscription, in ms since the epoch. */
  missingSince: number | undefined;
  readonly waiters: Waiter[];
}

interface Waiter {
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
}

/** Names of subscriptions, by kind. */
export interface SubscriptionNames {
  readonly channels: readonly string[];
  readonly patterns: readonly string[];
  readonly shardChannels: readonly string[];
}

/** All desired subscriptions of a subscriber, as data that outlives every connection. */
export interface DesiredSubscriptions {
  /** Adds one to the count of each name. Returns the subscriptions to request: those that are new or were given up. */
  add(kind: SubscriptionKind, names: readonly string[]): DesiredSubscription[];
  /** Subtracts one from the count of each name. Returns the subscriptions that are no longer desired. */
  remove(kind: SubscriptionKind, names: readonly string[]): DesiredSubscription[];
  get(kind: SubscriptionKind, name: string): DesiredSubscription | undefined;
  /** Whether this very subscription is still desired; a later one of the same name does not count. */
  has(subscription: DesiredSubscription): boolean;
  all(): DesiredSubscription[];
}

export function createDesiredSubscriptions(): DesiredSubscriptions {
  const byKind: Readonly<Record<SubscriptionKind, Map<string, DesiredSubscription>>> = {
    channel: new Map(),
    pattern: new Map(),
    shard: new Map(),
  };

  function create(kind: SubscriptionKind, name: string): DesiredSubscription {
    const unconfirmed = { isConfirmed: false, wasConfirmed: false, refusals: 0, missingSince: undefined };
    const subscription = {
      kind,
      name,
      count: 0,
      isGivenUp: false,
      revocations: 0,
      waiters: [],
      ...unconfirmed,
    };
    byKind[kind].set(name, subscription);
    return subscription;
  }

  return {
    add: (kind, names) =>
      names
        .map((name) => byKind[kind].get(name) ?? create(kind, name))
        .filter((subscription) => {
          const isRequested = subscription.count > 0 && !subscription.isGivenUp;
          subscription.count += 1;
          subscription.isGivenUp = false;
          return !isRequested;
        }),
    remove(kind, names) {
      const known = names.flatMap((name) => byKind[kind].get(name) ?? []);
      const removed = known.filter((subscription) => (subscription.count -= 1) === 0);
      removed.forEach(({ name }) => byKind[kind].delete(name));
      removed.forEach(resolveWaiters);
      return removed;
    },
    get: (kind, name) => byKind[kind].get(name),
    has: (subscription) => byKind[subscription.kind].get(subscription.name) === subscription,
    all: () => Object.values(byKind).flatMap((ofKind) => [...ofKind.values()]),
  };
}

/** Names of the given subscriptions, by kind. */
export function namesOf(
  subscriptions: readonly Pick<DesiredSubscription, 'kind' | 'name'>[],
): SubscriptionNames {
  const namesOfKind = (kind: SubscriptionKind) =>
    subscriptions.filter((subscription) => subscription.kind === kind).map(({ name }) => name);
  return {
    channels: namesOfKind('channel'),
    patterns: namesOfKind('pattern'),
    shardChannels: namesOfKind('shard'),
  };
}

/** Resolves when the server has confirmed the subscription, or when the subscription is no longer desired. */
export function whenConfirmed({ isConfirmed, waiters }: DesiredSubscription): Promise<void> {
  if (isConfirmed) return Promise.resolve();
  return new Promise((resolve, reject) => void waiters.push({ resolve, reject }));
}

export function markConfirmed(subscription: DesiredSubscription): void {
  subscription.isConfirmed = subscription.wasConfirmed = true;
  subscription.refusals = 0;
  subscription.missingSince = undefined;
  resolveWaiters(subscription);
}

/** A subscription that the server has never confirmed is given up. */
export function markRefused(subscription: DesiredSubscription, error: Error): void {
  subscription.isConfirmed = false;
  subscription.isGivenUp = !subscription.wasConfirmed;
  rejectWaiters(subscription, error);
}

export function rejectWaiters({ waiters }: DesiredSubscription, error: Error): void {
  waiters.splice(0).forEach(({ reject }) => reject(error));
}

function resolveWaiters({ waiters }: DesiredSubscription): void {
  waiters.splice(0).forEach(({ resolve }) => resolve());
}
