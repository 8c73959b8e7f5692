import * as genericPool from 'generic-pool';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { createGenericPool } from '../../../src/pool/generic-pool.js';

interface Resource {
  readonly id: number;
  isValid: boolean;
}

/** Pools of numbered resources, and the ids of those that were destroyed. */
function createNumberedPool(
  options: genericPool.Options,
  isUnusable: (resource: Resource) => boolean = () => false,
) {
  let created = 0;
  const destroyed: number[] = [];
  const factory: genericPool.Factory<Resource> = {
    create: () => Promise.resolve({ id: (created += 1), isValid: true }),
    validate: ({ isValid }) => Promise.resolve(isValid),
    destroy: ({ id }) => Promise.resolve(void destroyed.push(id)),
  };
  const pool = createGenericPool(factory, { fifo: false, testOnBorrow: true, ...options }, isUnusable);
  const acquire = (count: number) => Promise.all(Array.from({ length: count }, () => pool.acquire()));
  return { pool, acquire, destroyed };
}

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

describe('the exports of generic-pool that its types leave out', () => {
  const parts = genericPool as unknown as Readonly<Record<string, unknown>>;

  test.for(['Pool', 'DefaultEvictor', 'Deque', 'PriorityQueue'])('%s is there', (name) => {
    expect(parts[name]).toBeTypeOf('function');
  });

  test('Pool takes Evictor, Deque, PriorityQueue, factory and options', () => {
    expect(parts.Pool).toHaveLength(5);
  });

  test('createPool() takes no evictor, which is why it is not used', () => {
    expect(genericPool.createPool).toHaveLength(2);
  });

  test('DefaultEvictor evicts what was idle for softIdleTimeoutMillis, above min', () => {
    const DefaultEvictor = parts.DefaultEvictor as new () => {
      evict(config: object, pooledResource: object, availableCount: number): boolean;
    };
    const config = { softIdleTimeoutMillis: 100, idleTimeoutMillis: Number.MAX_SAFE_INTEGER, min: 1 };
    const evict = (idleMs: number, availableCount: number) =>
      new DefaultEvictor().evict(config, { lastIdleTime: Date.now() - idleMs }, availableCount);
    expect([evict(101, 2), evict(100, 2), evict(101, 1)]).toEqual([true, false, false]);
  });
});

describe('a pool made of these parts', () => {
  test('asks isUnusable about each idle resource, and evicts those for which it is true, also below min', async () => {
    const unusable = new Set<number>();
    const options = { max: 3, min: 2, evictionRunIntervalMillis: 50, numTestsPerEvictionRun: 3 };
    const { pool, acquire, destroyed } = createNumberedPool(options, ({ id }) => unusable.has(id));
    const resources = await acquire(3);
    await vi.advanceTimersByTimeAsync(200);
    expect(destroyed).toEqual([]);
    resources.forEach((resource) => void pool.release(resource));
    unusable.add(2).add(3);
    await vi.advanceTimersByTimeAsync(200);
    expect(destroyed.sort()).toEqual([2, 3]);
    expect(pool.size).toBe(2); // `min` is filled up again
  });

  test('evicts by idle time too, and keeps min', async () => {
    const { pool, acquire, destroyed } = createNumberedPool({
      ...{ max: 4, min: 1, evictionRunIntervalMillis: 50, numTestsPerEvictionRun: 4 },
      ...{ softIdleTimeoutMillis: 100, idleTimeoutMillis: Number.MAX_SAFE_INTEGER },
    });
    (await acquire(4)).forEach((resource) => void pool.release(resource));
    await vi.advanceTimersByTimeAsync(90);
    expect(destroyed).toEqual([]);
    await vi.advanceTimersByTimeAsync(10_000);
    expect(destroyed).toHaveLength(3);
    expect(pool.size).toBe(1);
  });

  test('creates min resources at once, and never more than max', async () => {
    const { pool, acquire } = createNumberedPool({ max: 2, min: 1 });
    await vi.advanceTimersByTimeAsync(0);
    expect(pool.size).toBe(1);
    void acquire(5);
    await vi.advanceTimersByTimeAsync(1_000);
    expect(pool.size).toBe(2);
  });

  test('hands out the resource that was released last, and validates it first', async () => {
    const { pool, acquire, destroyed } = createNumberedPool({ max: 2 });
    const [first, second] = await acquire(2);
    if (!first || !second) throw new Error('Two resources were expected.');
    await pool.release(first);
    await pool.release(second);
    expect(await pool.acquire()).toBe(second);
    await pool.release(second);
    second.isValid = false;
    expect(await pool.acquire()).toBe(first);
    expect(destroyed).toEqual([second.id]);
  });

  test('destroy() frees the place of a taken resource', async () => {
    const { pool, acquire, destroyed } = createNumberedPool({ max: 1 });
    const [resource] = await acquire(1);
    if (!resource) throw new Error('A resource was expected.');
    const next = pool.acquire();
    await pool.destroy(resource);
    expect([(await next).id, destroyed]).toEqual([2, [1]]);
  });

  test('drain() waits for taken resources, and clear() destroys all', async () => {
    const { pool, acquire, destroyed } = createNumberedPool({ max: 2 });
    const [first, second] = await acquire(2);
    if (!first || !second) throw new Error('Two resources were expected.');
    await pool.release(first);
    const drained = vi.fn<() => void>();
    const closing = pool.drain().then(drained);
    await vi.advanceTimersByTimeAsync(100);
    expect(drained).not.toHaveBeenCalled();
    await pool.release(second);
    await vi.advanceTimersByTimeAsync(1_000);
    await closing;
    const clearing = pool.clear();
    await vi.advanceTimersByTimeAsync(1_000);
    await clearing;
    expect(destroyed.sort()).toEqual([1, 2]);
  });
});
