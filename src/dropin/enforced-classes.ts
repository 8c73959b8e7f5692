import type { Cluster as PlainCluster, ClusterNode, ClusterOptions, Redis as PlainRedis } from 'ioredis';
import { loadIoredis } from '../connect/ioredis/load-ioredis.js';
import { isMock } from '../connect/ioredis/mocked-ioredis.js';
import { overlayTraps } from '../core/overlay.js';
import { openedByCaller } from '../ledger/call-site.js';
import type { ClientArguments } from '../options/client-arguments.js';
import { configure, defaultAssembly, defaultFactory } from './default-factory.js';

type Instantiable = new (...args: never[]) => object;

/**
 * Wraps a class of ioredis so that `construct` replaces its constructor. The prototype stays the same, so
 * `class X extends Redis` and `instanceof` keep working. `statics` replace static properties that would otherwise
 * return the unwrapped class. The class of a mock stays as it is.
 */
function wrapClass<Class extends Instantiable>(
  Class: Class,
  construct: (args: unknown[], newTarget: Instantiable) => object,
  statics: () => Readonly<Record<string, unknown>>,
): Class {
  if (isMock(plain)) return Class;
  return new Proxy(Class, {
    construct: openedByCaller((_target, args: unknown[], newTarget) =>
      construct(args, newTarget as Instantiable),
    ),
    ...overlayTraps<Class>(statics),
  });
}

const plain = loadIoredis();

/** The class Redis of ioredis. `new Redis(…)` creates an enforced client. */
export const Redis: typeof plain.Redis = wrapClass(
  plain.Redis,
  (args, newTarget) =>
    defaultAssembly().client(args as unknown as ClientArguments, {
      construct: (options) => Reflect.construct(plain.Redis, [options], newTarget) as PlainRedis,
    }),
  () => redisStatics,
);

/** The class Cluster of ioredis. `new Cluster(…)` creates an enforced Cluster. */
export const Cluster: typeof plain.Cluster = wrapClass(
  plain.Cluster,
  ([nodes, options], newTarget) =>
    defaultAssembly().cluster(
      nodes as ClusterNode[],
      options as ClusterOptions | undefined,
      (...args) => Reflect.construct(plain.Cluster, args, newTarget) as PlainCluster,
    ),
  () => ({}),
);

/** What the drop-in exports besides ioredis. */
const ownExports = {
  configure,
  defaultFactory,
  // Without this mark, Babel and SWC copy the getters of ioredis, which return the unwrapped classes.
  __esModule: true,
};

/** Static properties of Redis: for `require()`, they are the exports of the module. */
const redisStatics: Readonly<Record<string, unknown>> = {
  Redis,
  Cluster,
  default: Redis,
  createClient: openedByCaller((...args: ConstructorParameters<typeof Redis>) => new Redis(...args)),
  ...ownExports,
};

/** The module, for `require()`: the class Redis itself, as in ioredis, or the mock that a test has put in its place. */
export const dropIn = isMock(plain)
  ? new Proxy(
      plain,
      overlayTraps(() => ownExports),
    )
  : Redis;
