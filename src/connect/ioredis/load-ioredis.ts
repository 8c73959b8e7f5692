import type * as IoredisModule from 'ioredis';
import type { Cluster, ClusterNode, ClusterOptions, Redis, RedisOptions } from 'ioredis';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { HygieneError } from '../../core/errors.js';
import type { ClientArguments } from '../../options/client-arguments.js';
import { completeMock, isMock, isMockClass } from './mocked-ioredis.js';
import { isSupported } from './supported-version.js';

/** The module `ioredis`, of whichever major is installed. */
export type Ioredis = typeof IoredisModule;

let loaded: Ioredis | undefined;

/**
 * The installed ioredis, loaded once.
 *
 * @throws HygieneError `HYG_IOREDIS_MISSING`, `HYG_IOREDIS_VERSION`
 */
export function loadIoredis(): Ioredis {
  if (loaded) return loaded;
  loaded = load();
  if (!isMock(loaded)) registerCopy(loaded);
  return loaded;
}

// The build makes this the plain `require()` of the file, which tracing libraries hook and test runners replace.
const require = createRequire(import.meta.url);

function load(): Ioredis {
  const version = installedVersion();
  const copy = (require('ioredis') as Ioredis | null | undefined) ?? ({} as Ioredis); // a mock may be nothing at all
  if (!isSupported(version)) {
    throw new HygieneError('HYG_IOREDIS_VERSION', `Found ioredis ${version}, expected ^5.11 or ^6.`, {
      details: { version, file: fileOf(copy) },
    });
  }
  return isMock(copy) ? completeMock(copy) : copy;
}

function installedVersion(): string {
  try {
    return readVersion();
  } catch (error) {
    if (!isModuleNotFound(error)) throw error;
    throw new HygieneError('HYG_IOREDIS_MISSING', 'The package ioredis was not found.', { cause: error });
  }
}

/** A function of its own, because Rollup does not bundle what `require()` loads inside of a `try`. */
function readVersion(): string {
  return (require('ioredis/package.json') as { version: string }).version;
}

function isModuleNotFound(error: unknown): boolean {
  return (error as NodeJS.ErrnoException).code === 'MODULE_NOT_FOUND';
}

/**
 * The modules that this process has loaded, by file. Node is asked for them through another file's `require`, because
 * bundlers replace the one of this file.
 */
function loadedModules(): NodeJS.Dict<NodeJS.Module> {
  return createRequire(process.execPath).cache;
}

/** The file of a copy of ioredis. `undefined` if a bundler has put that copy into a file of the application. */
function fileOf(copy: Ioredis): string | undefined {
  return Object.entries(loadedModules()).find(([, module]) => module?.exports === copy)?.[0];
}

const ENTRY_FILE = /[\\/]ioredis[\\/]built[\\/]index\.js$/;

/**
 * Looks for copies of ioredis besides ours: the copy that the application itself would load, and the copies that are
 * loaded already. A client of one copy is not an `instanceof` the other copy's class, so libraries do not recognise it as
 * a client. If our copy is part of a bundle, so is the application, which then loads no copy by itself.
 */
export function findOtherCopies(applicationDirectory: string): HygieneError | undefined {
  const copy = loadIoredis();
  if (isMock(copy)) return undefined;
  const ownFile = fileOf(copy);
  const applicationFile = ownFile && resolveFrom(applicationDirectory);
  const otherFiles = new Set([
    ...Object.keys(loadedModules()).filter((file) => ENTRY_FILE.test(file)),
    ...(applicationFile ? [applicationFile] : []),
  ]);
  if (ownFile) otherFiles.delete(ownFile);
  if (otherFiles.size === 0) return undefined;
  const copies = [ownFile ?? 'the one in the bundle', ...otherFiles];
  return new HygieneError(
    'HYG_IOREDIS_COPIES',
    `Found ${copies.length} copies of ioredis, expected one: ${copies.join(', ')}.`,
    { details: { copies } },
  );
}

function resolveFrom(directory: string): string | undefined {
  try {
    return createRequire(join(directory, 'package.json')).resolve('ioredis');
  } catch {
    return undefined; // not installed there: no other copy
  }
}

/**
 * Copies of ioredis whose clients are enforced: the service's own and, with the preload, the copies that libraries bring
 * along. A client's `Command` class and the methods of its class must be taken from the client's own copy.
 */
const registeredCopies = new Set<Ioredis>();

export function registerCopy(copy: Ioredis): void {
  registeredCopies.add(copy);
}

/**
 * The copy of ioredis with which a client or a Cluster was made.
 *
 * @throws HygieneError `HYG_IOREDIS_MOCK`
 */
export function copyOf(client: Redis | Cluster): Ioredis {
  for (const copy of registeredCopies) {
    if (client instanceof copy.Redis || client instanceof copy.Cluster) return copy;
  }
  throw new HygieneError(
    'HYG_IOREDIS_MOCK',
    'A client was not made by ioredis, but by what a test has put in its place.',
  );
}

/** The options of clients that have none of their own. */
export function defaultOptionsOf(copy: Ioredis): RedisOptions {
  return (copy.Redis as unknown as { readonly defaultOptions: RedisOptions }).defaultOptions;
}

/** Makes a client from its final options. A subclass of Redis brings a function of its own. */
export type ConstructClient = (...args: ClientArguments) => Redis;

/** Makes clients of the class that `require('ioredis')` gives. */
export function constructRedis(copy: Ioredis): ConstructClient {
  const Constructor = mainClassOf(copy) as unknown as new (...args: ClientArguments) => Redis;
  return (...args) => new Constructor(...args);
}

/** Constructs a Cluster from its final options; a subclass of Cluster may be used. */
export type ConstructCluster = (nodes: ClusterNode[], options: ClusterOptions) => Cluster;

/** Makes Clusters of the class that ioredis exports. */
export function constructCluster(copy: Ioredis): ConstructCluster {
  const PlainCluster = copy.Cluster as unknown as new (
    nodes: ClusterNode[],
    options: ClusterOptions,
  ) => Cluster;
  return (nodes, options) => new PlainCluster(nodes, options);
}

type RedisClass = Ioredis['Redis'];

/** The exports by which a copy gives the class Redis. A test or a tracing library may have replaced some of them. */
interface ExportedClasses {
  /** Undefined if the module is no class, but an object. */
  readonly module: RedisClass | undefined;
  readonly default: RedisClass;
  readonly Redis: RedisClass;
}

/** The class Redis by each of its exports. They are one class, unless some have been replaced. */
export function exportedClasses(copy: Ioredis): ExportedClasses {
  const { default: given, Redis } = copy as unknown as Partial<ExportedClasses> & Pick<Ioredis, 'Redis'>;
  const module = typeof copy === 'function' ? (copy as unknown as RedisClass) : undefined;
  return { module, default: given ?? module ?? Redis, Redis };
}

/** The class that is meant: the one that a test has replaced by a mock, else the module itself. */
function mainClassOf(copy: Ioredis): RedisClass {
  const { module, default: defaultExport, Redis } = exportedClasses(copy);
  const replaced = [defaultExport, Redis].find((Class) => typeof Class === 'function' && isMockClass(Class));
  return replaced ?? module ?? defaultExport;
}
