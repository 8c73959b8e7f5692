import type { Cluster as PlainCluster, ClusterNode, ClusterOptions, Redis as PlainRedis } from 'ioredis';
import { ioredis } from '../connect/ioredis/load-ioredis.js';
import type { ClientArguments } from '../options/client-arguments.js';
import { configure, defaultAssembly, defaultFactory } from './default-factory.js';

type Instantiable = new (...args: never[]) => object;

/**
 * The class behind a construct trap: same prototype, same statics, so `class X extends Redis` and `instanceof`
 * keep working. Statics that would lead to a raw client lead back here.
 */
function trap<Class extends Instantiable>(
  Class: Class,
  construct: (args: unknown[], Target: Instantiable) => object,
  statics: () => Readonly<Record<string, unknown>>,
): Class {
  return new Proxy(Class, {
    construct: (_target, args, Target) => construct(args, Target as Instantiable),
    get(target, key, receiver) {
      const replaced = statics();
      if (typeof key === 'string' && Object.hasOwn(replaced, key)) return replaced[key];
      return Reflect.get(target, key, receiver) as unknown;
    },
  });
}

const Raw = ioredis();

/** `new Redis(…)` of ioredis, enforced. */
export const Redis: typeof Raw.Redis = trap(
  Raw.Redis,
  (args, Target) =>
    defaultAssembly().client(args as unknown as ClientArguments, {
      construct: (options) => Reflect.construct(Raw.Redis, [options], Target) as PlainRedis,
    }),
  () => statics,
);

/** `new Cluster(…)` of ioredis, enforced. */
export const Cluster: typeof Raw.Cluster = trap(
  Raw.Cluster,
  ([nodes, options], Target) =>
    defaultAssembly().cluster(
      nodes as ClusterNode[],
      options as ClusterOptions | undefined,
      (...args) => Reflect.construct(Raw.Cluster, args, Target) as PlainCluster,
    ),
  () => ({}),
);

/** `require('ioredis')` gives the class, with the module's exports as its statics. */
const statics: Readonly<Record<string, unknown>> = {
  Redis,
  Cluster,
  default: Redis,
  createClient: (...args: ConstructorParameters<typeof Redis>) => new Redis(...args),
  configure,
  defaultFactory,
};
