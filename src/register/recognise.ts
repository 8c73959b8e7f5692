import type { Cluster, Redis } from 'ioredis';

/** ioredis, and what began as a copy of it: the class of its clients. */
export interface IoredisClass {
  readonly prototype: { parseOptions: (this: Redis, ...args: unknown[]) => void };
  readonly Cluster?: { readonly prototype: { connect: (this: Cluster, ...args: unknown[]) => unknown } };
}

/** node-redis: the class of its clients. */
export interface NodeRedisClass {
  create: (this: unknown, options?: object, ...rest: unknown[]) => unknown;
  factory?: (this: unknown, options?: object) => (options?: object) => unknown;
}

/** Valkey GLIDE: a class of its clients. */
export interface GlideClass {
  createClient: (this: unknown, options: object) => unknown;
}

/** A kind of client that the preload knows. */
export type Recognised =
  | { readonly kind: 'ioredis'; readonly Class: IoredisClass }
  | { readonly kind: 'node-redis'; readonly Class: NodeRedisClass }
  | { readonly kind: 'glide'; readonly Classes: readonly GlideClass[] };

type Some = Readonly<Record<string, unknown>>;

function isThing(value: unknown): value is Some {
  return (typeof value === 'object' && value !== null) || typeof value === 'function';
}

/** A module that is still being loaded, in a circle, has Node warn of what is asked of it and not there yet. */
function exported(module: Some, name: string): unknown {
  return typeof module === 'function' || Object.hasOwn(module, name) ? module[name] : undefined;
}

function hasMethods(value: unknown, ...names: readonly string[]): boolean {
  return isThing(value) && names.every((name) => typeof value[name] === 'function');
}

function isIoredis(value: Some): boolean {
  return hasMethods(value['prototype'], 'parseOptions', 'connect', 'sendCommand');
}

function isNodeRedis(value: Some): boolean {
  return hasMethods(value, 'create') && hasMethods(value['prototype'], 'sendCommand', 'duplicate', 'connect');
}

function recogniseModule(exports: Some): Recognised | undefined {
  const Class = exported(exports, 'default') ?? exports;
  if (typeof Class === 'function' && isIoredis(Class as unknown as Some)) {
    return { kind: 'ioredis', Class: Class as unknown as IoredisClass };
  }
  if (typeof Class === 'function' && isNodeRedis(Class as unknown as Some)) {
    return { kind: 'node-redis', Class: Class as unknown as NodeRedisClass };
  }
  const glide = ['GlideClient', 'GlideClusterClient']
    .map((name) => exported(exports, name))
    .filter((one) => hasMethods(one, 'createClient'));
  return glide.length > 0 ? { kind: 'glide', Classes: glide as unknown as GlideClass[] } : undefined;
}

/**
 * Recognises a module by what its class looks like: names of packages may be aliases. A module of the application that
 * throws when it is looked at, as mocks do, is none.
 */
export function recognise(exports: unknown): Recognised | undefined {
  try {
    return isThing(exports) ? recogniseModule(exports) : undefined;
  } catch {
    return undefined;
  }
}
