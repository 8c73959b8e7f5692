import type { Cluster as PlainCluster, ClusterNode, ClusterOptions, Redis as PlainRedis } from 'ioredis';
import { exportedClasses, loadIoredis } from '../connect/ioredis/load-ioredis.js';
import { addExports, isMock } from '../connect/ioredis/mocked-ioredis.js';
import { openedByCaller } from '../ledger/call-site.js';
import type { ClientArguments } from '../options/client-arguments.js';
import { configure, defaultAssembly, defaultFactory } from './default-factory.js';

type Instantiable = new (...args: never[]) => object;

/**
 * Wraps a class of ioredis so that `construct` replaces its constructor. The prototype stays the same, so
 * `class X extends Redis` and `instanceof` keep working. The class of a mock stays as it is.
 */
function wrapClass<Class extends Instantiable>(
  Class: Class,
  construct: (args: unknown[], newTarget: Instantiable) => object,
): Class {
  if (isMock(plain)) return Class;
  return new Proxy(copyStatics(Class), {
    construct: openedByCaller((_target, args: unknown[], newTarget) =>
      construct(args, newTarget as Instantiable),
    ),
    apply: (_target, self, args) => Reflect.apply<unknown, unknown[], unknown>(Class as never, self, args),
  });
}

/**
 * A function with the prototype and the static properties of a class. Unlike those of the class, they can all be replaced:
 * ioredis has fixed getters that return the unwrapped classes, and compilers copy getters of a module as they are.
 */
function copyStatics<Class extends Instantiable>(Class: Class): Class {
  const copy = function () {} as unknown as Class;
  for (const [name, descriptor] of Object.entries<PropertyDescriptor>(
    Object.getOwnPropertyDescriptors(Class),
  )) {
    const isReplaced = descriptor.writable && name !== 'prototype'; // such as `defaultOptions`
    const own = isReplaced ? forwardTo(Class, name, descriptor) : descriptor;
    Object.defineProperty(copy, name, { ...own, configurable: name !== 'prototype' });
  }
  return Object.setPrototypeOf(copy, Class) as Class;
}

/** A property of the class itself: ioredis reads it there, also after the application has replaced it. */
function forwardTo(Class: object, name: string, { enumerable }: PropertyDescriptor): PropertyDescriptor {
  return {
    enumerable: enumerable ?? true,
    get: () => Reflect.get(Class, name) as unknown,
    set: (value) => void Reflect.set(Class, name, value),
  };
}

const plain = loadIoredis();

const enforcedClasses = new Map<typeof plain.Redis, typeof plain.Redis>();

/** Wraps a class of clients, once: the exports of ioredis are one class, unless a tracing library has replaced some. */
function enforceRedis(Class: typeof plain.Redis): typeof plain.Redis {
  const enforced =
    enforcedClasses.get(Class) ??
    wrapClass(Class, (args, newTarget) =>
      defaultAssembly().client(args as unknown as ClientArguments, {
        construct: (...given) => Reflect.construct(Class, given, newTarget) as PlainRedis,
      }),
    );
  enforcedClasses.set(Class, enforced);
  return enforced;
}

/** The class Redis of ioredis. `new Redis(…)` creates an enforced client. */
export const Redis = enforceRedis(plain.Redis);

/** The class Cluster of ioredis. `new Cluster(…)` creates an enforced Cluster. */
export const Cluster: typeof plain.Cluster = wrapClass(plain.Cluster, ([nodes, options], newTarget) =>
  defaultAssembly().cluster(
    nodes as ClusterNode[],
    options as ClusterOptions | undefined,
    (...args) => Reflect.construct(plain.Cluster, args, newTarget) as PlainCluster,
  ),
);

/** What the drop-in exports besides ioredis. */
const ownExports = { configure, defaultFactory };

/** What the drop-in exports in place of ioredis, for `require()` as properties of the module. */
const enforcedExports = () => ({
  Redis,
  Cluster,
  default: enforceRedis(exportedClasses(plain).default),
  createClient: openedByCaller((...args: unknown[]) =>
    defaultAssembly().client(args as unknown as ClientArguments),
  ),
  ...ownExports,
});

/**
 * The module, for `require()`: the class Redis itself, as in ioredis, an object if a tracing library has made it one, or
 * the mock that a test has put in its place.
 */
export const dropIn = isMock(plain) ? addExports(plain, ownExports) : replaceExports(enforcedExports());

function replaceExports(exports: Readonly<Record<string, unknown>>): object {
  const { module: Class } = exportedClasses(plain);
  const module = Class ? enforceRedis(Class) : { ...plain };
  for (const [name, value] of Object.entries(exports)) {
    const { enumerable = true } = Object.getOwnPropertyDescriptor(module, name) ?? {};
    Object.defineProperty(module, name, { value, enumerable, configurable: true, writable: true });
  }
  return module;
}
