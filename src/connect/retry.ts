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

/** The caller's strategy, or full jitter, until shutdown. `null` asks for no reconnect at all. */
export function retryStrategy(
  given: RetryStrategy | null | undefined,
  { bounds, random, isOpen }: RetryPorts,
): RetryStrategy {
  if (given === null) return () => null;
  const own = given && (deciders.get(given) ?? given);
  const decide = own ?? ((times: number) => fullJitter(times, bounds, random()));
  const strategy: RetryStrategy = (times) => (isOpen() ? decide(times) : null);
  deciders.set(strategy, decide);
  return strategy;
}
