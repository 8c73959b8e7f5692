import type { SubscriptionKind } from '../connect/client/subscription-connection.js';

/** Who has asked for subscriptions: a call of subscribe(), or a loop over messages. */
export interface SubscribeCall {
  /** Whether the server has yet to answer. If it refuses one of the names, the whole call is taken back. */
  isPending: boolean;
  /** Whether it is a loop, which ends its subscriptions by itself: unsubscribe() leaves them alone. */
  readonly isLoop: boolean;
}

/** A channel, pattern or shard channel that the application wants to receive. */
export interface DesiredSubscription {
  readonly kind: SubscriptionKind;
  readonly name: string;
  /** The calls for this name that have not been undone. A call that contains the name twice is listed twice. */
  readonly calls: SubscribeCall[];
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
  /** Adds the call to each name. Returns the subscriptions to request: those that are new or were given up. */
  add(kind: SubscriptionKind, names: readonly string[], call: SubscribeCall): DesiredSubscription[];
  /**
   * Undoes this call, or one call for each name: one that is pending if there is any, so that its refusal does not undo
   * another one. Returns the subscriptions that are no longer desired.
   */
  remove(kind: SubscriptionKind, names: readonly string[], call?: SubscribeCall): DesiredSubscription[];
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
      isGivenUp: false,
      revocations: 0,
      calls: [],
      waiters: [],
      ...unconfirmed,
    };
    byKind[kind].set(name, subscription);
    return subscription;
  }

  return {
    add: (kind, names, call) =>
      names
        .map((name) => byKind[kind].get(name) ?? create(kind, name))
        .filter((subscription) => {
          const isRequested = subscription.calls.length > 0 && !subscription.isGivenUp;
          subscription.calls.push(call);
          subscription.isGivenUp = false;
          return !isRequested;
        }),
    remove(kind, names, call) {
      const known = names.flatMap((name) => byKind[kind].get(name) ?? []);
      const removed = known.filter(({ calls }) => undo(calls, call) && calls.length === 0);
      removed.forEach(({ name }) => byKind[kind].delete(name));
      removed.forEach(resolveWaiters);
      return removed;
    },
    get: (kind, name) => byKind[kind].get(name),
    has: (subscription) => byKind[subscription.kind].get(subscription.name) === subscription,
    all: () => Object.values(byKind).flatMap((ofKind) => [...ofKind.values()]),
  };
}

/** Removes this call once, or one of subscribe(). Returns whether there was one. */
function undo(calls: SubscribeCall[], call = chooseCall(calls)): boolean {
  const index = call ? calls.indexOf(call) : -1;
  return index >= 0 && calls.splice(index, 1).length > 0;
}

function chooseCall(calls: readonly SubscribeCall[]): SubscribeCall | undefined {
  const candidates = calls.filter(({ isLoop }) => !isLoop);
  return candidates.find(({ isPending }) => isPending) ?? candidates[0];
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
