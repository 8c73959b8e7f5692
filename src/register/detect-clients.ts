import type { Cluster, Redis } from 'ioredis';
import Module from 'node:module';

/** A module that asks for another one. */
interface Asking {
  readonly filename?: string | null;
}

type Load = (this: unknown, request: string, parent: Asking | undefined, isMain: boolean) => unknown;

/** The part of Node's CommonJS loader that tracing libraries stand in front of too. */
const loader = Module as unknown as {
  _load: Load;
  _resolveFilename(request: string, parent: Asking | undefined, isMain: boolean): string;
  readonly _cache: Readonly<Record<string, { readonly exports: unknown } | undefined>>;
};

/** Clients of Redis have one of these in their name or path; nothing else is looked at. */
const MENTIONS = /redis|valkey/i;

/** Hears of a module that may be a client of Redis. */
type Heard = (exports: unknown, file: () => string) => void;

/**
 * Hears of each module that may be a client of Redis as it is loaded, also through `import`: CommonJS modules come this
 * way in all versions of Node, and with loaders such as tsx in between. What is loaded already comes at once.
 */
export function hearModules(heard: Heard): void {
  const load = loader._load;
  loader._load = function _load(request, parent, isMain) {
    const exports = load.call(this, request, parent, isMain);
    if (MENTIONS.test(request) || MENTIONS.test(parent?.filename ?? '')) {
      heard(exports, () => loader._resolveFilename(request, parent, isMain));
    }
    return exports;
  };
  for (const [file, module] of Object.entries(loader._cache)) {
    if (module && MENTIONS.test(file)) heard(module.exports, () => file);
  }
}

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
export type RecognisedClient =
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

function recogniseModule(exports: Some): RecognisedClient | undefined {
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
export function recogniseClient(exports: unknown): RecognisedClient | undefined {
  try {
    return isThing(exports) ? recogniseModule(exports) : undefined;
  } catch {
    return undefined;
  }
}
