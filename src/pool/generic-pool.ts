import type * as genericPool from 'generic-pool';
import { createRequire } from 'node:module';

/** An idle resource, as generic-pool passes it to its evictor. */
interface PooledResource<Resource> {
  readonly obj: Resource;
}

type EvictorClass<Resource> = new () => {
  evict(config: unknown, pooledResource: PooledResource<Resource>, availableCount: number): boolean;
};

/** The four exports from which generic-pool's own `createPool()` builds a pool. Its types leave them out. */
interface GenericPoolParts {
  readonly DefaultEvictor: EvictorClass<unknown>;
  readonly Deque: unknown;
  readonly PriorityQueue: unknown;
  readonly Pool: new <Resource>(
    Evictor: EvictorClass<Resource>,
    Deque: unknown,
    PriorityQueue: unknown,
    factory: genericPool.Factory<Resource>,
    options: genericPool.Options,
  ) => genericPool.Pool<Resource>;
}

const require = createRequire(import.meta.url);

/** Loads generic-pool with the first pool: its files take as long to load as all of redis-hygiene. */
function loadParts(): GenericPoolParts {
  return require('generic-pool') as GenericPoolParts;
}

/**
 * Builds a generic-pool that also evicts the idle resources for which `isUnusable` is true.
 *
 * `createPool()` of generic-pool is not used, because it always takes `DefaultEvictor`, which looks at idle times only,
 * and has no option for another evictor. Idle connections must also go when they broke, reached their lifetime, or belong
 * to a server that has moved. So the pool is built as `createPool()` does it (generic-pool 3.9, index.js), with a subclass
 * of `DefaultEvictor`. The types of generic-pool do not cover this constructor, so test/unit/pool/generic-pool.test.ts
 * fails when a release drops or renames a part that is used here.
 */
export function createGenericPool<Resource>(
  factory: genericPool.Factory<Resource>,
  options: genericPool.Options,
  isUnusable: (resource: Resource) => boolean,
): genericPool.Pool<Resource> {
  const { DefaultEvictor, Deque, PriorityQueue, Pool } = loadParts();
  class Evictor extends DefaultEvictor {
    override evict(
      config: unknown,
      pooledResource: PooledResource<Resource>,
      availableCount: number,
    ): boolean {
      return isUnusable(pooledResource.obj) || super.evict(config, pooledResource, availableCount);
    }
  }
  return new Pool(Evictor, Deque, PriorityQueue, factory, options);
}
