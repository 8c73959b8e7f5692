import type { RedisOptions } from 'ioredis';
import { fullJitter, type BackoffBounds } from '../core/backoff.js';

/** The delay before attempt `times`, or nothing: do not dial again. */
export type RetryStrategy = NonNullable<RedisOptions['retryStrategy']>;

/** Ours, so that a strategy which comes back through `duplicate()` is not wrapped again. */
const wrapped = new WeakSet<RetryStrategy>();

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
  if (given && wrapped.has(given)) return given;
  const decide = given ?? ((times: number) => fullJitter(times, bounds, random()));
  const strategy: RetryStrategy = (times) => (isOpen() ? decide(times) : null);
  wrapped.add(strategy);
  return strategy;
}
