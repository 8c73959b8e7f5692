import type { RedisOptions } from 'ioredis';
import { fullJitter, type BackoffBounds } from '../core/backoff.js';

/** The delay before attempt `times`, or nothing: do not dial again. */
export type RetryStrategy = NonNullable<RedisOptions['retryStrategy']>;

/** What each of our strategies asks in the end, so that one which comes back through `duplicate()` is wrapped anew. */
const deciders = new WeakMap<RetryStrategy, RetryStrategy>();

export interface RetryPorts {
  readonly bounds: BackoffBounds;
  readonly random: () => number;
  /** False once shutdown() has begun: a lost connection stays lost. */
  readonly isOpen: () => boolean;
}

/** Gives each client its strategy: the caller's, or full jitter, until shutdown. `null` asks for no reconnect at all. */
export function createRetry({ bounds, random, isOpen }: RetryPorts) {
  function untilShutdown(decide: RetryStrategy): RetryStrategy {
    const strategy: RetryStrategy = (times) => (isOpen() ? decide(times) : null);
    deciders.set(strategy, decide);
    return strategy;
  }
  const usual = untilShutdown((times) => fullJitter(times, bounds, random()));

  return (given: RetryStrategy | null | undefined): RetryStrategy => {
    if (given === null) return () => null;
    if (given === undefined || given === usual) return usual;
    return untilShutdown(deciders.get(given) ?? given);
  };
}
