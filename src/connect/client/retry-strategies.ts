import type { RedisOptions } from 'ioredis';
import { afterRefusal, type BackoffBounds, fullJitter } from '../../core/backoff.js';

/** The delay before attempt `times`, or nothing: do not dial again. */
export type RetryStrategy = NonNullable<RedisOptions['retryStrategy']>;

/** What each of our strategies asks in the end, so that one which comes back through `duplicate()` is wrapped anew. */
const deciders = new WeakMap<RetryStrategy, RetryStrategy>();

/** Options of clients whose credentials were refused: ioredis calls a strategy as a method of them. */
const refused = new WeakSet();

/** Whether the server would say no again. */
export function isRefused(options: unknown): boolean {
  return typeof options === 'object' && options !== null && refused.has(options);
}

/** Each further try is a failed login in the server's ACL LOG: from now on the client tries less often. */
export function credentialsRefused(options: RedisOptions): void {
  refused.add(options);
}

/** They are right now. */
export function credentialsTaken(options: RedisOptions): void {
  refused.delete(options);
}

export interface RetryPorts {
  readonly bounds: BackoffBounds;
  readonly random: () => number;
  /** False once shutdown() has begun: a lost connection stays lost. */
  readonly isOpen: () => boolean;
}

/**
 * Gives each client its strategy: the caller's, or full jitter, until shutdown. `null`, and whatever
 * is no function, asks for no reconnect at all, as in ioredis.
 */
export function createRetry({ bounds, random, isOpen }: RetryPorts) {
  function untilShutdown(decide: RetryStrategy): RetryStrategy {
    function strategy(this: unknown, times: number): ReturnType<RetryStrategy> {
      return isOpen() ? decide.call(this, times) : null;
    }
    deciders.set(strategy, decide);
    return strategy;
  }
  const usual = untilShutdown(function (this: unknown, times) {
    return isRefused(this) ? afterRefusal(times, random()) : fullJitter(times, bounds, random());
  });

  return (given: unknown): RetryStrategy => {
    if (given === undefined || given === usual) return usual;
    if (typeof given !== 'function') return () => null;
    const strategy = given as RetryStrategy;
    return untilShutdown(deciders.get(strategy) ?? strategy);
  };
}

/** Between two rounds through all sentinels. ioredis waits 10 ms × round, up to 1 s, without jitter. */
const SENTINEL_BOUNDS: BackoffBounds = { baseMs: 50, capMs: 1_000 };

/** A master that has become a replica says so to whoever writes: the sentinels know the new one. */
function isDemoted(error: Error): boolean {
  return error.message.startsWith('READONLY');
}

/** The caller's own, or ours, which may have come back through `duplicate()`; none where replicas are wanted. */
function onDemotion({ role, reconnectOnError: given }: RedisOptions): RedisOptions['reconnectOnError'] {
  if (given && given !== isDemoted) return given;
  return role === 'slave' ? null : isDemoted;
}

/** The strategies for a client's options: its own, and that for finding a sentinel, where it has sentinels. */
export function createRetries(ports: RetryPorts) {
  const redial = createRetry(ports);
  const askSentinels = createRetry({ ...ports, bounds: SENTINEL_BOUNDS });
  return ({ retryStrategy, sentinels, ...given }: RedisOptions) => ({
    retryStrategy: redial(retryStrategy),
    ...(sentinels
      ? {
          sentinelRetryStrategy: askSentinels(given.sentinelRetryStrategy),
          sentinelReconnectStrategy: redial(given.sentinelReconnectStrategy),
          reconnectOnError: onDemotion(given),
        }
      : {}),
  });
}
