import type { Cluster, Redis } from 'ioredis';
import Module, { createRequire } from 'node:module';

/** Class of the clients of ioredis, and of packages that began as a copy of it. */
export interface IoredisClass {
  readonly prototype: { parseOptions: (this: Redis, ...args: unknown[]) => void };
  readonly Cluster?: { readonly prototype: { connect: (this: Cluster, ...args: unknown[]) => unknown } };
}

/** Class of the clients of node-redis. */
export interface NodeRedisClass {
  create: (this: unknown, options?: object, ...rest: unknown[]) => unknown;
  factory?: (this: unknown, options?: object) => (options?: object) => unknown;
}

/** Class of the clients of Valkey GLIDE. */
export interface GlideClass {
  createClient: (this: unknown, options: object) => unknown;
}

/** A client class that the preload knows. */
export type RecognizedClient =
  | { readonly kind: 'ioredis'; readonly Class: IoredisClass }
  | { readonly kind: 'node-redis'; readonly Class: NodeRedisClass }
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
  const glide = ['GlideClient', 'GlideClusterClient']
    .map((name) => readExport(exports, name))
    .filter((value) => hasMethods(value, 'createClient'));
  return glide.length > 0 ? { kind: 'glide', Classes: glide as unknown as GlideClass[] } : undefined;
}

function isIoredis(value: ObjectLike): boolean {
  return hasMethods(value['prototype'], 'parseOptions', 'connect', 'sendCommand');
}

function isNodeRedis(value: ObjectLike): boolean {
  return hasMethods(value, 'create') && hasMethods(value['prototype'], 'sendCommand', 'duplicate', 'connect');
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
