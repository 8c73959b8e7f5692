import * as ioredis from 'ioredis';
import { describe, expect, test, vi } from 'vitest';
import { completeMock, isMock } from '../../../../src/connect/ioredis/mocked-ioredis.js';

class FakeCluster {
  readonly isCluster = true;
}
class FakeRedis {
  static readonly Cluster = FakeCluster;
  readonly isCluster = false;
}

describe('isMock', () => {
  test('ioredis itself, and classes that extend its own, are none', () => {
    class Redis extends ioredis.Redis {
      override get = vi.fn();
    }
    expect(isMock(ioredis)).toBe(false);
    expect(isMock({ ...ioredis, Redis })).toBe(false);
  });

  test.for([
    ['a class', FakeRedis],
    ['a mock function', vi.fn()],
    ['an object with a class', { Redis: FakeRedis }],
    ['nothing at all', {}],
    ['ioredis with another class', { ...ioredis, Redis: FakeRedis }],
    ['ioredis with another default export', { ...ioredis, default: vi.fn() }],
    ['ioredis with another Cluster', { ...ioredis, Cluster: FakeCluster }],
    ['ioredis with a mock of its class', { ...ioredis, Redis: vi.fn(class extends ioredis.Redis {}) }],
  ] as const)('%s is one', ([, module]) => {
    expect(isMock(module)).toBe(true);
  });
});

describe('completeMock', () => {
  type Exports = { readonly [Name in 'default' | 'Redis' | 'Cluster' | 'other']?: unknown };

  test.for<[string, Exports]>([
    ['a class', FakeRedis],
    ['a named export', { Redis: FakeRedis }],
    ['a default export', { default: FakeRedis }],
  ])('%s has all names', ([, module]) => {
    const { default: defaultExport, Redis, Cluster } = completeMock(module);
    expect([defaultExport, Redis]).toEqual([completeMock(module).Redis, defaultExport]);
    expect(new (Redis as typeof FakeRedis)()).toBeInstanceOf(FakeRedis);
    expect(Cluster).toBe(FakeCluster);
  });

  test('exports of the mock stay as they are', () => {
    const [one, other] = [vi.fn(), vi.fn()];
    expect(completeMock<Exports>({ default: one, Redis: other, other: 1 })).toMatchObject({
      default: one,
      Redis: other,
      other: 1,
    });
  });

  test('a mock is the same object, which the test may go on changing', () => {
    const mock: Record<string, unknown> = { Redis: FakeRedis };
    const complete = completeMock(mock);
    mock['Redis'] = complete['default'] = FakeCluster;
    expect(complete).toMatchObject({ Redis: FakeCluster, default: FakeCluster });
  });

  test.for<[string, Exports]>([
    ['an object', Object.freeze({ Redis: FakeRedis })],
    ['a class', Object.freeze(class extends FakeRedis {})],
  ])('%s that is frozen has what can be added', ([, module]) => {
    expect(Object.keys(completeMock(module))).toEqual(
      typeof module === 'function' ? [] : ['Redis', 'Cluster', 'default'],
    );
  });

  test('a mock without a class has none', () => {
    expect(completeMock<Exports>({}).Redis).toBeUndefined();
  });
});
