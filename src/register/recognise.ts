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

function hasMethods(value: unknown, ...names: readonly string[]): boolean {
  return isThing(value) && names.every((name) => typeof value[name] === 'function');
}

function isIoredis(value: Some): boolean {
  return hasMethods(value['prototype'], 'parseOptions', 'connect', 'sendCommand');
}

function isNodeRedis(value: Some): boolean {
  return hasMethods(value, 'create') && hasMethods(value['prototype'], 'sendCommand', 'duplicate', 'connect');
}

/** Recognises a module by what its class looks like: names of packages may be aliases. */
export function recognise(exports: unknown): Recognised | undefined {
  if (!isThing(exports)) return undefined;
  const Class = exports['default'] ?? exports;
  if (isThing(Class) && isIoredis(Class)) return { kind: 'ioredis', Class: Class as unknown as IoredisClass };
  if (isThing(Class) && isNodeRedis(Class)) {
    return { kind: 'node-redis', Class: Class as unknown as NodeRedisClass };
  }
  const glide = [exports['GlideClient'], exports['GlideClusterClient']].filter((one) =>
    hasMethods(one, 'createClient'),
  );
  return glide.length > 0 ? { kind: 'glide', Classes: glide as unknown as GlideClass[] } : undefined;
}
