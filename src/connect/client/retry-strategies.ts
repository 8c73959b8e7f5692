import type { RedisOptions } from 'ioredis';
import { type BackoffBounds, fullJitter, refusalDelayMs } from '../../core/backoff.js';
import type { HygieneError } from '../../core/errors.js';
import { guardOption } from '../ioredis/option-functions.js';

/** Returns the delay before attempt number `times`, in milliseconds. Any other value ends the reconnects. */
export type RetryStrategy = NonNullable<RedisOptions['retryStrategy']>;

export interface RetryPorts {
  readonly bounds: BackoffBounds;
  readonly random: () => number;
  /** Returns false once shutdown() has begun. No lost connection is dialled again then. */
  readonly isOpen: () => boolean;
  /** Called when a function of the caller has thrown. */
  readonly onFailure: (error: HygieneError) => void;
  /** Strategies of clients that have none of their own, in place of full jitter: those of ioredis. */
  readonly defaults?: RedisOptions | undefined;
}

/** Bounds of the pause between two rounds through all sentinels. ioredis waits 10 ms × round, up to 1 s, without jitter. */
const SENTINEL_BOUNDS: BackoffBounds = { baseMs: 50, capMs: 1_000 };

type StrategyName = 'retryStrategy' | 'sentinelRetryStrategy' | 'sentinelReconnectStrategy';

/** Returns the function that resolves a client's retry options: its strategies and `reconnectOnError`. */
export function createRetryOptionsResolver(ports: RetryPorts) {
  const { defaults } = ports;
  const resolverFor = (name: StrategyName, bounds = ports.bounds) =>
    createRetryStrategyResolver({ ...ports, bounds, own: defaults?.[name] ?? undefined }, name);
  const resolveRedial = resolverFor('retryStrategy');
  const resolveSentinelRound = resolverFor('sentinelRetryStrategy', SENTINEL_BOUNDS);
  const resolveSentinelRedial = resolverFor('sentinelReconnectStrategy');
  const resolveReconnect = createReconnectResolver(ports);
  return ({ retryStrategy, sentinels, ...given }: RedisOptions) => ({
    retryStrategy: resolveRedial(retryStrategy),
    ...(given.reconnectOnError || (sentinels && !defaults)
      ? { reconnectOnError: resolveReconnect({ sentinels, ...given }) }
      : {}),
    ...(sentinels
      ? {
          sentinelRetryStrategy: resolveSentinelRound(given.sentinelRetryStrategy),
          sentinelReconnectStrategy: resolveSentinelRedial(given.sentinelReconnectStrategy),
        }
      : {}),
  });
}

/** Strategy that each of our wrappers calls. A strategy that comes back through `duplicate()` is unwrapped first. */
const wrappedStrategies = new WeakMap<RetryStrategy, RetryStrategy>();

/**
 * Returns the function that resolves a client's strategy: the caller's own or full jitter, both until shutdown. As in
 * ioredis, `null` and any other value that is not a function mean that no connection is dialled again.
 */
export function createRetryStrategyResolver(
  {
    bounds,
    random,
    isOpen,
    onFailure,
    own,
  }: Omit<RetryPorts, 'defaults'> & {
    /** The strategy of clients that have none, in place of full jitter. */
    readonly own?: RetryStrategy | undefined;
  },
  option = 'retryStrategy',
) {
  function untilShutdown(decide: RetryStrategy): RetryStrategy {
    function strategy(this: unknown, times: number): ReturnType<RetryStrategy> {
      return isOpen() ? decide.call(this, times) : null;
    }
    wrappedStrategies.set(strategy, decide);
    return strategy;
  }
  const jitter: RetryStrategy = function (this: unknown, times) {
    return areCredentialsRefused(this)
      ? refusalDelayMs(times, random())
      : fullJitter(times, bounds, random());
  };
  const defaultStrategy = untilShutdown(own ?? jitter);
  if (!own) markDefaultStrategy(defaultStrategy);

  return (given: unknown): RetryStrategy => {
    if (given === undefined || given === defaultStrategy) return defaultStrategy;
    if (typeof given !== 'function') return () => null;
    const strategy = wrappedStrategies.get(given as RetryStrategy) ?? (given as RetryStrategy);
    return untilShutdown(guardOption(option, strategy, defaultStrategy, onFailure));
  };
}

/**
 * Returns the function that resolves `reconnectOnError`: the caller's own, else ours for a client with sentinels, unless
 * replicas are asked for. Ours may come back by `duplicate()`.
 */
function createReconnectResolver({ onFailure }: RetryPorts) {
  return ({ sentinels, role, reconnectOnError: given }: RedisOptions): RedisOptions['reconnectOnError'] => {
    const own = sentinels && role !== 'slave' ? isReadOnlyReply : null;
    if (!given || given === isReadOnlyReply) return own;
    return guardOption('reconnectOnError', given, own ?? (() => false), onFailure);
  };
}

/** A master that has become a replica answers writes with READONLY. The sentinels know the new master. */
function isReadOnlyReply(error: Error): boolean {
  return error.message.startsWith('READONLY');
}

/** Strategies that are not the caller's. Their delays serve to spread dials to a server that may still be down. */
const defaultStrategies = new WeakSet();

/** Lets the delays of a strategy be skipped as soon as the server has answered another client. */
export function markDefaultStrategy(strategy: unknown): void {
  if (typeof strategy === 'function') defaultStrategies.add(strategy);
}

/** Whether the delay of a client that waits to dial again is only to spread dials. */
export function hasDefaultDelay(options: RedisOptions): boolean {
  const isDefault =
    typeof options.retryStrategy === 'function' && defaultStrategies.has(options.retryStrategy);
  return isDefault && !areCredentialsRefused(options);
}

/** Options of clients whose credentials were refused. ioredis calls a strategy as a method of these options. */
const optionsWithRefusedCredentials = new WeakSet();

export function areCredentialsRefused(options: unknown): boolean {
  return typeof options === 'object' && options !== null && optionsWithRefusedCredentials.has(options);
}

/** Slows down the redials of a client, because each is a failed login in the server's ACL LOG. */
export function markCredentialsRefused(options: RedisOptions): void {
  optionsWithRefusedCredentials.add(options);
}

export function markCredentialsAccepted(options: RedisOptions): void {
  optionsWithRefusedCredentials.delete(options);
}
