import type { Cluster, Redis } from 'ioredis';
import Module, { createRequire } from 'node:module';

/** Class of the clients of ioredis, and of packages that began as a copy of it. */
export interface IoredisClass {
  readonly prototype: { parseOptions: (this: Redis, ...args: unknown[]) => void };
  readonly Cluster?: { readonly prototype: { connect: (this: Cluster, ...args: unknown[]) => unknown } };
}

/** A client of node-redis, as far as versions 4 to 6 agree. */
export interface NodeRedisClient {
  readonly _self?: NodeRedisClient;
  readonly options?: object | undefined;
  readonly isOpen: boolean;
  readonly isReady: boolean;
  connect: (this: NodeRedisClient, ...args: unknown[]) => unknown;
  duplicate: (this: NodeRedisClient, overrides?: object, ...rest: unknown[]) => NodeRedisClient;
  emit: (this: NodeRedisClient, event: unknown, ...args: unknown[]) => boolean;
  readonly close?: (this: NodeRedisClient) => unknown;
  readonly destroy?: (this: NodeRedisClient) => unknown;
  /** `close` of node-redis 4. Its `quit` is a property of each client, which the legacy mode replaces. */
  readonly QUIT?: (this: NodeRedisClient) => unknown;
  /** `destroy` of node-redis 4. */
  readonly disconnect?: (this: NodeRedisClient) => unknown;
}

/** Class of the clients of node-redis. */
export interface NodeRedisClass {
  readonly prototype: NodeRedisClient;
  create: (this: unknown, options?: object, ...rest: unknown[]) => unknown;
  factory?: (this: unknown, options?: object) => (options?: object) => unknown;
}

/** A pool, Cluster or Sentinel of node-redis, which has several clients. */
export interface NodeRedisGroup {
  readonly _self?: NodeRedisGroup;
  duplicate?: (this: NodeRedisGroup, ...args: unknown[]) => NodeRedisGroup;
  readonly close?: (this: NodeRedisGroup) => unknown;
  /** `close` of node-redis 4. */
  readonly quit?: (this: NodeRedisGroup) => unknown;
}

/** Class of the pools, Clusters or Sentinels of node-redis. */
export interface NodeRedisGroupClass {
  readonly prototype: NodeRedisGroup;
  create: (this: unknown, options?: object, ...rest: unknown[]) => NodeRedisGroup;
}

export type NodeRedisTopology = 'pool' | 'cluster' | 'sentinel';

/** The options of a client of Valkey GLIDE that the ledger needs. */
export interface GlideOptions {
  readonly addresses?: readonly { readonly host: string; readonly port?: number }[];
  readonly useTLS?: boolean;
  readonly clientName?: unknown;
}

/** A client of Valkey GLIDE. */
export interface GlideClient {
  ping(): Promise<unknown>;
  close(...args: unknown[]): unknown;
  /** Figures of all clients of the process, as texts. */
  getStatistics(): object;
}

/** Class of the clients of Valkey GLIDE. */
export interface GlideClass {
  readonly name: string;
  createClient: (this: unknown, options: GlideOptions) => unknown;
}

/** A client class that the preload knows. */
export type RecognizedClient =
  | { readonly kind: 'ioredis'; readonly Class: IoredisClass }
  | { readonly kind: 'node-redis'; readonly Class: NodeRedisClass }
  | {
      readonly kind: 'node-redis-group';
      readonly topology: NodeRedisTopology;
      readonly Class: NodeRedisGroupClass;
    }
  | { readonly kind: 'glide'; readonly Classes: readonly GlideClass[] };

/** The module that requires another one. */
interface ParentModule {
  readonly filename?: string | null;
}

type Load = (this: unknown, request: string, parent: ParentModule | undefined, isMain: boolean) => unknown;

/** The internals of Node's CommonJS loader that tracing libraries patch too. */
const loader = Module as unknown as {
  _load: Load;
  _resolveFilename(request: string, parent: ParentModule | undefined, isMain: boolean): string;
  readonly _cache: Readonly<Record<string, { readonly exports: unknown } | undefined>>;
};

/** Matches the name or path of every package with a Redis client. Other modules are skipped. */
const CLIENT_PACKAGE = /redis|valkey/i;

/**
 * Calls the listener for each module that may export a Redis client: at once for those that are loaded already, and
 * for all others when they are loaded. `import` is covered too, as CommonJS modules pass through this loader in all
 * versions of Node, also with loaders such as tsx. A test runner that loads modules by itself passes this loader by, so that
 * ioredis is loaded at once, before the tests.
 */
export function onModuleLoaded(listener: (exports: unknown, file: () => string) => void): void {
  const load = loader._load;
  loader._load = function _load(request, parent, isMain) {
    const exports = load.call(this, request, parent, isMain);
    if (CLIENT_PACKAGE.test(request) || CLIENT_PACKAGE.test(parent?.filename ?? '')) {
      listener(exports, () => loader._resolveFilename(request, parent, isMain));
    }
    return exports;
  };
  for (const [file, module] of loadedClientModules()) listener(module.exports, () => file);
  if (!isLoaderUsed()) loadIoredis(listener);
}

/** Whether `require()` passes through Node's loader. It does not in Jest, and in vitest in its VM pools. */
function isLoaderUsed(): boolean {
  const load = loader._load;
  let isUsed = false;
  loader._load = function _load(...args) {
    isUsed = true;
    return load.apply(this, args);
  };
  createRequire(process.execPath)('node:path');
  loader._load = load;
  return isUsed;
}

// The build makes this the plain `require()` of the file, which test runners replace.
const require = createRequire(import.meta.url);

/** Loads ioredis, if it is installed. */
function loadIoredis(listener: (exports: unknown, file: () => string) => void): void {
  let file: string;
  try {
    file = require.resolve('ioredis');
  } catch {
    return; // the program does not use it
  }
  listener(require(file), () => file);
}

/** Matches the files of ioredis itself. */
const IOREDIS_FILE = /[\\/]ioredis[^\\/]*[\\/]built[\\/]/;

/** Modules that are loaded already. Those of ioredis come before others that may export its class, such as the drop-in. */
function loadedClientModules() {
  const modules = Object.entries(loader._cache).flatMap(([file, module]) =>
    module && CLIENT_PACKAGE.test(file) ? [[file, module] as const] : [],
  );
  const rank = (file: string) => (IOREDIS_FILE.test(file) ? 0 : 1);
  return modules.sort(([one], [other]) => rank(one) - rank(other));
}

/**
 * Recognises a client class in a module's exports by its methods, because packages may be installed under another name.
 * Exports that throw on access, as some mocks do, are not recognised.
 */
export function recognizeClient(exports: unknown): RecognizedClient | undefined {
  try {
    return isObjectLike(exports) ? recognizeExports(exports) : undefined;
  } catch {
    return undefined;
  }
}

type ObjectLike = Readonly<Record<string, unknown>>;

function recognizeExports(exports: ObjectLike): RecognizedClient | undefined {
  const Class = readExport(exports, 'default') ?? exports;
  if (typeof Class === 'function' && isIoredis(Class as unknown as ObjectLike)) {
    return { kind: 'ioredis', Class: Class as unknown as IoredisClass };
  }
  if (typeof Class === 'function' && isNodeRedis(Class as unknown as ObjectLike)) {
    return { kind: 'node-redis', Class: Class as unknown as NodeRedisClass };
  }
  const topology = topologyOf(Class);
  if (topology) return { kind: 'node-redis-group', topology, Class: Class as NodeRedisGroupClass };
  const Pool = readExport(exports, 'RedisClientPool');
  // The entry point of the package exports the pool too, but has taken its functions from the module of the pool before.
  if (topologyOf(Pool) === 'pool' && !Object.hasOwn(exports, 'RedisClient')) {
    return { kind: 'node-redis-group', topology: 'pool', Class: Pool as NodeRedisGroupClass };
  }
  const glide = ['GlideClient', 'GlideClusterClient']
    .map((name) => readExport(exports, name))
    .filter((value) => hasMethods(value, 'createClient'));
  return glide.length > 0 ? { kind: 'glide', Classes: glide as unknown as GlideClass[] } : undefined;
}

function isIoredis(value: ObjectLike): boolean {
  return hasMethods(value['prototype'], 'parseOptions', 'connect', 'sendCommand');
}

function isNodeRedis(value: ObjectLike): boolean {
  const methods = ['sendCommand', 'duplicate', 'connect', 'emit', 'unref'];
  return hasMethods(value, 'create') && hasMethods(value['prototype'], ...methods);
}

/** What a class of node-redis is that makes clients by itself. */
function topologyOf(value: unknown): NodeRedisTopology | undefined {
  if (typeof value !== 'function' || !hasMethods(value, 'create')) return undefined;
  const prototype = value.prototype as unknown;
  if (hasMethods(prototype, 'connect', 'nodeClient')) return 'cluster';
  if (hasMethods(prototype, 'connect', 'getSentinelNode')) return 'sentinel';
  return hasMethods(prototype, 'connect', 'execute', 'sendCommand') ? 'pool' : undefined;
}

/** Reads an export that exists. Node warns if a missing one is read from a module that is still being loaded in a circle. */
function readExport(module: ObjectLike, name: string): unknown {
  return typeof module === 'function' || Object.hasOwn(module, name) ? module[name] : undefined;
}

function hasMethods(value: unknown, ...names: readonly string[]): boolean {
  return isObjectLike(value) && names.every((name) => typeof value[name] === 'function');
}

function isObjectLike(value: unknown): value is ObjectLike {
  return (typeof value === 'object' && value !== null) || typeof value === 'function';
}
