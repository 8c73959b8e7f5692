import { describe, expect, test, vi } from 'vitest';
import {
  createRetryOptionsResolver,
  createRetryStrategyResolver,
  hasDefaultDelay,
  markCredentialsRefused,
  markCredentialsAccepted,
  type RetryPorts,
  type RetryStrategy,
} from '../../../../src/connect/client/retry-strategies.js';

function createPorts(given: Partial<RetryPorts> = {}): RetryPorts {
  return {
    bounds: { baseMs: 100, capMs: 1_000 },
    random: () => 0.5,
    isOpen: () => true,
    onFailure: () => undefined,
    ...given,
  };
}

function resolveStrategy(given: RetryStrategy | null | undefined, ports: RetryPorts): RetryStrategy {
  return createRetryStrategyResolver(ports)(given);
}

describe('the retry strategy of a client', () => {
  test('is full jitter when the caller gives none', () => {
    const strategy = resolveStrategy(undefined, createPorts());
    expect([1, 2, 3, 50].map((times) => strategy(times))).toEqual([50, 100, 200, 500]);
  });

  test('uses a new random number for each attempt', () => {
    const random = vi.fn().mockReturnValueOnce(0).mockReturnValueOnce(0.9);
    const strategy = resolveStrategy(undefined, createPorts({ random }));
    expect([strategy(1), strategy(1)]).toEqual([0, 90]);
  });

  test('is the one of the caller, called with the attempt', () => {
    const given = vi.fn((times: number) => times * 7);
    expect(resolveStrategy(given, createPorts())(3)).toBe(21);
    expect(given).toHaveBeenCalledExactlyOnceWith(3);
  });

  test.each([null, undefined])('may end the reconnects by returning %s', (stop) => {
    expect(resolveStrategy(() => stop, createPorts())(1)).toBe(stop);
  });

  test('never dials again when the caller gives null', () => {
    const strategy = resolveStrategy(null, createPorts());
    expect([1, 2, 100].map((times) => strategy(times))).toEqual([null, null, null]);
  });

  test.each([undefined, () => 5])('ends the reconnects once shutdown() has begun', (given) => {
    let isOpen = true;
    const strategy = resolveStrategy(given, createPorts({ isOpen: () => isOpen }));
    expect(strategy(1)).toBeGreaterThan(0);
    isOpen = false;
    expect(strategy(1)).toBeNull();
  });

  test('does not call the caller’s function once shutdown() has begun', () => {
    const given = vi.fn(() => 5);
    resolveStrategy(given, createPorts({ isOpen: () => false }))(1);
    expect(given).not.toHaveBeenCalled();
  });

  test('is one function for all clients without a strategy and for their duplicates', () => {
    const resolve = createRetryStrategyResolver(createPorts());
    expect(resolve(undefined)).toBe(resolve(undefined));
    expect(resolve(resolve(undefined))).toBe(resolve(undefined));
  });

  test('that comes back through duplicate() calls the caller’s function once for each attempt', () => {
    const given = vi.fn(() => 5);
    const first = resolveStrategy(given, createPorts());
    expect(resolveStrategy(first, createPorts())(1)).toBe(5);
    expect(given).toHaveBeenCalledOnce();
  });

  test('that comes back through duplicate() depends on the shutdown of the duplicate’s factory alone', () => {
    const shut = resolveStrategy(() => 5, createPorts({ isOpen: () => false }));
    expect(resolveStrategy(shut, createPorts())(1)).toBe(5);
    expect(
      resolveStrategy(resolveStrategy(shut, createPorts()), createPorts({ isOpen: () => false }))(1),
    ).toBeNull();
  });

  test('that comes back through duplicate() never dials again when it was null', () => {
    expect(resolveStrategy(resolveStrategy(null, createPorts()), createPorts())(1)).toBeNull();
  });
});

describe('after refused credentials', () => {
  test('the delay is a second plus full jitter, 30 s at most, until credentials are accepted', () => {
    const options = { retryStrategy: resolveStrategy(undefined, createPorts({ random: () => 0.999_99 })) };
    markCredentialsRefused(options);
    const delays = [1, 2, 3, 4, 5, 6, 7].map((times) => options.retryStrategy(times));
    expect(delays).toEqual([2_000, 3_000, 5_000, 9_000, 17_000, 30_000, 30_000]);
    markCredentialsAccepted(options);
    expect(options.retryStrategy(1)).toBe(100);
  });

  test('other clients of the factory are not slowed down', () => {
    const strategy = resolveStrategy(undefined, createPorts());
    markCredentialsRefused({ retryStrategy: strategy });
    expect({ retryStrategy: strategy }.retryStrategy(1)).toBe(50);
  });

  test('the caller’s own strategy is used, with its options as `this`', () => {
    const given = vi.fn(() => 7);
    const options = { retryStrategy: resolveStrategy(given, createPorts()) };
    markCredentialsRefused(options);
    expect(options.retryStrategy(1)).toBe(7);
    expect(given.mock.contexts).toEqual([options]);
  });
});

describe('the delay of a client that waits to dial again', () => {
  const isDefault = (given: RetryStrategy | undefined, ports: Partial<RetryPorts> = {}) =>
    hasDefaultDelay(createRetryOptionsResolver(createPorts(ports))({ retryStrategy: given }));

  test('is a default one without a strategy of the caller, also for a duplicate', () => {
    const resolve = createRetryOptionsResolver(createPorts());
    expect([isDefault(undefined), hasDefaultDelay(resolve(resolve({})))]).toEqual([true, true]);
  });

  test('is not a default one with a strategy of the caller, or with that of ioredis in observe mode', () => {
    expect(isDefault(() => 1)).toBe(false);
    expect(isDefault(undefined, { defaults: { retryStrategy: () => 1 } })).toBe(false);
  });

  test('is not a default one after refused credentials', () => {
    const options = createRetryOptionsResolver(createPorts())({});
    markCredentialsRefused(options);
    expect(hasDefaultDelay(options)).toBe(false);
  });
});

describe('reconnectOnError of a client with sentinels', () => {
  const resolveOptions = createRetryOptionsResolver(createPorts());
  const sentinels = [{ host: 'a', port: 1 }];
  const decide = (given: object, message: string) =>
    resolveOptions({ sentinels, ...given }).reconnectOnError?.(new Error(message));

  test('reconnects when the server has become a replica', () => {
    expect(decide({}, "READONLY You can't write against a read only replica.")).toBe(true);
    expect(decide({}, 'ERR READONLY')).toBe(false);
  });

  test('is the caller’s own function if given, and ours again for a duplicate', () => {
    expect(decide({ reconnectOnError: () => 2 }, 'READONLY')).toBe(2);
    const original = resolveOptions({ sentinels });
    expect(decide({ reconnectOnError: original.reconnectOnError }, 'READONLY')).toBe(true);
  });

  test('is not set for a client of replicas, nor without sentinels', () => {
    expect(decide({ role: 'slave' }, 'READONLY')).toBeUndefined();
    const original = resolveOptions({ sentinels });
    expect(
      decide({ role: 'slave', reconnectOnError: original.reconnectOnError }, 'READONLY'),
    ).toBeUndefined();
    expect(resolveOptions({})).not.toHaveProperty('reconnectOnError');
  });
});
