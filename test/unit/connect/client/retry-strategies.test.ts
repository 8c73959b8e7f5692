import { describe, expect, test, vi } from 'vitest';
import {
  createRetries,
  createRetry,
  credentialsRefused,
  credentialsTaken,
  type RetryPorts,
  type RetryStrategy,
} from '../../../../src/connect/client/retry-strategies.js';

function ports(given: Partial<RetryPorts> = {}): RetryPorts {
  return { bounds: { baseMs: 100, capMs: 1_000 }, random: () => 0.5, isOpen: () => true, ...given };
}

function retryStrategy(given: RetryStrategy | null | undefined, lent: RetryPorts): RetryStrategy {
  return createRetry(lent)(given);
}

describe('the strategy of a client', () => {
  test('is full jitter where the caller gave none', () => {
    const strategy = retryStrategy(undefined, ports());
    expect([1, 2, 3, 50].map((times) => strategy(times))).toEqual([50, 100, 200, 500]);
  });

  test('takes a new random number for each attempt', () => {
    const random = vi.fn().mockReturnValueOnce(0).mockReturnValueOnce(0.9);
    const strategy = retryStrategy(undefined, ports({ random }));
    expect([strategy(1), strategy(1)]).toEqual([0, 90]);
  });

  test('is that of the caller, which is told the attempt', () => {
    const given = vi.fn((times: number) => times * 7);
    expect(retryStrategy(given, ports())(3)).toBe(21);
    expect(given).toHaveBeenCalledExactlyOnceWith(3);
  });

  test.each([null, undefined])('of the caller may stop the reconnects with %s', (stop) => {
    expect(retryStrategy(() => stop, ports())(1)).toBe(stop);
  });

  test('never dials again where the caller gave null', () => {
    const strategy = retryStrategy(null, ports());
    expect([1, 2, 100].map((times) => strategy(times))).toEqual([null, null, null]);
  });

  test.each([undefined, () => 5])('stops once the shutdown has begun', (given) => {
    let open = true;
    const strategy = retryStrategy(given, ports({ isOpen: () => open }));
    expect(strategy(1)).toBeGreaterThan(0);
    open = false;
    expect(strategy(1)).toBeNull();
  });

  test('does not ask the caller any more once the shutdown has begun', () => {
    const given = vi.fn(() => 5);
    retryStrategy(given, ports({ isOpen: () => false }))(1);
    expect(given).not.toHaveBeenCalled();
  });

  test('is one function for all clients of a factory that gave none, and for their duplicates', () => {
    const retry = createRetry(ports());
    expect(retry(undefined)).toBe(retry(undefined));
    expect(retry(retry(undefined))).toBe(retry(undefined));
  });

  test('that comes back through duplicate() is asked once for each attempt', () => {
    const given = vi.fn(() => 5);
    const first = retryStrategy(given, ports());
    expect(retryStrategy(first, ports())(1)).toBe(5);
    expect(given).toHaveBeenCalledOnce();
  });

  test('that comes back through duplicate() obeys the shutdown of the copy’s factory alone', () => {
    const shut = retryStrategy(() => 5, ports({ isOpen: () => false }));
    expect(retryStrategy(shut, ports())(1)).toBe(5);
    expect(retryStrategy(retryStrategy(shut, ports()), ports({ isOpen: () => false }))(1)).toBeNull();
  });

  test('that comes back through duplicate() is never dialled again where it was null', () => {
    expect(retryStrategy(retryStrategy(null, ports()), ports())(1)).toBeNull();
  });
});

describe('after refused credentials', () => {
  test('a second and full jitter, 30 s at most, until they are taken', () => {
    const options = { retryStrategy: retryStrategy(undefined, ports({ random: () => 0.999_99 })) };
    credentialsRefused(options);
    const delays = [1, 2, 3, 4, 5, 6, 7].map((times) => options.retryStrategy(times));
    expect(delays).toEqual([2_000, 3_000, 5_000, 9_000, 17_000, 30_000, 30_000]);
    credentialsTaken(options);
    expect(options.retryStrategy(1)).toBe(100);
  });

  test('another client of the factory is none the wiser', () => {
    const strategy = retryStrategy(undefined, ports());
    credentialsRefused({ retryStrategy: strategy });
    expect({ retryStrategy: strategy }.retryStrategy(1)).toBe(50);
  });

  test('the caller’s own strategy goes before, and knows its options as `this`', () => {
    const given = vi.fn(() => 7);
    const options = { retryStrategy: retryStrategy(given, ports()) };
    credentialsRefused(options);
    expect(options.retryStrategy(1)).toBe(7);
    expect(given.mock.contexts).toEqual([options]);
  });
});

describe('a client that has its master from sentinels', () => {
  const retries = createRetries(ports());
  const sentinels = [{ host: 'a', port: 1 }];
  const decide = (given: object, message: string) =>
    retries({ sentinels, ...given }).reconnectOnError?.(new Error(message));

  test('asks for it anew when its server has become a replica', () => {
    expect(decide({}, "READONLY You can't write against a read only replica.")).toBe(true);
    expect(decide({}, 'ERR READONLY')).toBe(false);
  });

  test('keeps the caller’s own decision, and that of its copies', () => {
    expect(decide({ reconnectOnError: () => 2 }, 'READONLY')).toBe(2);
    const copy = retries({ sentinels });
    expect(decide({ reconnectOnError: copy.reconnectOnError }, 'READONLY')).toBe(true);
  });

  test('does not where it wants a replica; and without sentinels there is nobody to ask', () => {
    expect(decide({ role: 'slave' }, 'READONLY')).toBeUndefined();
    const copy = retries({ sentinels });
    expect(decide({ role: 'slave', reconnectOnError: copy.reconnectOnError }, 'READONLY')).toBeUndefined();
    expect(retries({})).not.toHaveProperty('reconnectOnError');
  });
});
