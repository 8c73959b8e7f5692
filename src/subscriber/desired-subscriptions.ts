import type { SubscriptionKind } from '../connect/client/subscription-connection.js';

/** One channel, pattern or shard channel that somebody wants to hear. */
export interface DesiredSubscription {
  readonly kind: SubscriptionKind;
  readonly name: string;
  /** How many have asked for it and not yet given it back. */
  count: number;
  /** Whether the server has confirmed it on the present connection. */
  isConfirmed: boolean;
  /** Whether it has ever. */
  wasConfirmed: boolean;
  /** How often in a row the server has refused it since, and from when on messages are missing. */
  refusals: number;
  refusedAt: number | undefined;
  readonly waiters: Waiter[];
}

interface Waiter {
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
}

/** What is wanted, by kind. */
export interface SubscriptionNames {
  readonly channels: readonly string[];
  readonly patterns: readonly string[];
  readonly shardChannels: readonly string[];
}

/** Everything that is wanted, as data: it outlives every connection. */
export interface DesiredSubscriptions {
  /** Counts one more for each. Gives those that nobody wanted before. */
  add(kind: SubscriptionKind, names: readonly string[]): DesiredSubscription[];
  /** Counts one less for each. Gives those that nobody wants any more. */
  remove(kind: SubscriptionKind, names: readonly string[]): DesiredSubscription[];
  get(kind: SubscriptionKind, name: string): DesiredSubscription | undefined;
  /** Whether it is wanted still: one of the same name may have taken its place. */
  has(want: DesiredSubscription): boolean;
  all(): DesiredSubscription[];
}

/** The names of wants, for people. */
export function namesOf(wants: readonly Pick<DesiredSubscription, 'kind' | 'name'>[]): SubscriptionNames {
  const of = (kind: SubscriptionKind) => wants.filter((want) => want.kind === kind).map(({ name }) => name);
  return { channels: of('channel'), patterns: of('pattern'), shardChannels: of('shard') };
}

/** Resolves when the server has confirmed it, or when nobody wants it any more. */
export function whenConfirmed({ isConfirmed, waiters }: DesiredSubscription): Promise<void> {
  if (isConfirmed) return Promise.resolve();
  return new Promise((resolve, reject) => void waiters.push({ resolve, reject }));
}

export function confirm(want: DesiredSubscription): void {
  want.isConfirmed = want.wasConfirmed = true;
  want.refusals = 0;
  want.refusedAt = undefined;
  settle(want);
}

export function fail({ waiters }: DesiredSubscription, error: Error): void {
  waiters.splice(0).forEach(({ reject }) => reject(error));
}

function settle({ waiters }: DesiredSubscription): void {
  waiters.splice(0).forEach(({ resolve }) => resolve());
}

export function createDesiredSubscriptions(): DesiredSubscriptions {
  const wants: Readonly<Record<SubscriptionKind, Map<string, DesiredSubscription>>> = {
    channel: new Map(),
    pattern: new Map(),
    shard: new Map(),
  };

  function make(kind: SubscriptionKind, name: string): DesiredSubscription {
    const unasked = { isConfirmed: false, wasConfirmed: false, refusals: 0, refusedAt: undefined };
    const want: DesiredSubscription = { kind, name, count: 0, waiters: [], ...unasked };
    wants[kind].set(name, want);
    return want;
  }

  return {
    add: (kind, names) =>
      names
        .map((name) => wants[kind].get(name) ?? make(kind, name))
        .filter((want) => (want.count += 1) === 1),
    remove(kind, names) {
      const given = names.flatMap((name) => wants[kind].get(name) ?? []);
      const left = given.filter((want) => (want.count -= 1) === 0);
      left.forEach(({ name }) => wants[kind].delete(name));
      left.forEach(settle);
      return left;
    },
    get: (kind, name) => wants[kind].get(name),
    has: (want) => wants[want.kind].get(want.name) === want,
    all: () => Object.values(wants).flatMap((ofKind) => [...ofKind.values()]),
  };
}
