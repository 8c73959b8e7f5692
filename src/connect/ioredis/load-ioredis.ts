import type * as IoredisModule from 'ioredis';
import type { Cluster, Redis, RedisOptions } from 'ioredis';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { HygieneError } from '../../core/errors.js';
import { completeMock, isMock } from './mocked-ioredis.js';
import { isSupported } from './supported-version.js';

/** The module `ioredis`, of whichever major is installed. */
export type Ioredis = typeof IoredisModule;

/**
 * The installed ioredis, loaded once.
 *
 * @throws HygieneError `HYG_IOREDIS_MISSING`, `HYG_IOREDIS_VERSION`
 */
export function loadIoredis(): Ioredis {
  return loadOnce().module;
}

interface LoadedIoredis {
  readonly module: Ioredis;
  readonly file: string;
}

let loaded: LoadedIoredis | undefined;

function loadOnce(): LoadedIoredis {
  if (loaded) return loaded;
  loaded = load();
  if (!isMock(loaded.module)) registerCopy(loaded.module);
  return loaded;
}

// createRequire, so that tracing libraries which hook require(), and mocks, see the load.
const require = createRequire(import.meta.url);

function load(): LoadedIoredis {
  const file = resolveIoredis();
  const { version } = require('ioredis/package.json') as { version: string };
  if (!isSupported(version)) {
    throw new HygieneError('HYG_IOREDIS_VERSION', `Found ioredis ${version}, expected ^5.11 or ^6.`, {
      details: { version, file },
    });
  }
  const module = require('ioredis') as Ioredis;
  return { module: isMock(module) ? completeMock(module) : module, file };
}

function resolveIoredis(): string {
  try {
    return require.resolve('ioredis');
  } catch (error) {
    if (!isModuleNotFound(error)) throw error;
    throw new HygieneError('HYG_IOREDIS_MISSING', 'The package ioredis was not found.', { cause: error });
  }
}

function isModuleNotFound(error: unknown): boolean {
  return (error as NodeJS.ErrnoException).code === 'MODULE_NOT_FOUND';
}

const ENTRY_FILE = /[\\/]ioredis[\\/]built[\\/]index\.js$/;

/**
 * Looks for copies of ioredis besides ours: the copy that the application itself would load, and the copies that are
 * loaded already. A client of one copy is not an `instanceof` the other copy's class, so libraries do not recognise it as
 * a client.
 */
export function findOtherCopies(applicationDirectory: string): HygieneError | undefined {
  const { module, file: ownFile } = loadOnce();
  if (isMock(module)) return undefined;
  const applicationFile = resolveFrom(applicationDirectory);
  const otherFiles = new Set([
    ...Object.keys(require.cache).filter((file) => ENTRY_FILE.test(file)),
    ...(applicationFile ? [applicationFile] : []),
  ]);
  otherFiles.delete(ownFile);
  if (otherFiles.size === 0) return undefined;
  const copies = [ownFile, ...otherFiles];
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

/** The copy of ioredis with which a client or a Cluster was made. */
export function copyOf(client: Redis | Cluster): Ioredis {
  for (const copy of registeredCopies) {
    if (client instanceof copy.Redis || client instanceof copy.Cluster) return copy;
  }
  throw new TypeError('This client was made by a copy of ioredis that is not registered.');
}

/** Makes a client from its final options. A subclass of Redis brings a function of its own. */
export type ConstructClient = (options: RedisOptions) => Redis;

/** Makes clients of the class `Redis` itself. */
export function constructRedis({ Redis: RedisClass }: Ioredis): ConstructClient {
  const Constructor = RedisClass as unknown as new (options: RedisOptions) => Redis;
  return (options) => new Constructor(options);
}
