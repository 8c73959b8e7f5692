import type * as IoredisModule from 'ioredis';
import type { Cluster, Redis, RedisOptions } from 'ioredis';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { HygieneError } from '../../core/errors.js';
import { isSupported } from './supported-version.js';

/** The module `ioredis`, of whichever major is installed. */
export type Ioredis = typeof IoredisModule;

// createRequire, so that tracing libraries which hook require() see the load.
const require = createRequire(import.meta.url);

interface LoadedIoredis {
  readonly module: Ioredis;
  readonly file: string;
}

function isMissing(error: unknown): boolean {
  return (error as NodeJS.ErrnoException).code === 'MODULE_NOT_FOUND';
}

function locate(): string {
  try {
    return require.resolve('ioredis');
  } catch (error) {
    if (!isMissing(error)) throw error;
    throw new HygieneError('HYG_IOREDIS_MISSING', 'The package ioredis was not found.', { cause: error });
  }
}

function load(): LoadedIoredis {
  const file = locate();
  const { version } = require('ioredis/package.json') as { version: string };
  if (!isSupported(version)) {
    throw new HygieneError('HYG_IOREDIS_VERSION', `Found ioredis ${version}, expected ^5.11 or ^6.`, {
      details: { version, file },
    });
  }
  return { module: require('ioredis') as Ioredis, file };
}

let loaded: LoadedIoredis | undefined;

function ours(): LoadedIoredis {
  if (!loaded) registerCopy((loaded = load()).module);
  return loaded;
}

/**
 * The installed ioredis, loaded once.
 *
 * @throws HygieneError `HYG_IOREDIS_MISSING`, `HYG_IOREDIS_VERSION`
 */
export function ioredis(): Ioredis {
  return ours().module;
}

function resolveFrom(directory: string): string | undefined {
  try {
    return createRequire(join(directory, 'package.json')).resolve('ioredis');
  } catch {
    return undefined; // nothing of that name there: no other copy
  }
}

const ENTRY_FILE = /[\\/]ioredis[\\/]built[\\/]index\.js$/;

/**
 * Looks for copies of ioredis besides ours: the one that the application itself would load, and those that are
 * loaded already. A client of one copy is no `instanceof` of the other, which libraries take for "no client".
 */
export function findOtherCopies(applicationDirectory: string): HygieneError | undefined {
  const { file: own } = ours();
  const application = resolveFrom(applicationDirectory);
  const found = new Set([
    ...Object.keys(require.cache).filter((file) => ENTRY_FILE.test(file)),
    ...(application ? [application] : []),
  ]);
  found.delete(own);
  if (found.size === 0) return undefined;
  const copies = [own, ...found];
  return new HygieneError(
    'HYG_IOREDIS_COPIES',
    `Found ${copies.length} copies of ioredis, expected one: ${copies.join(', ')}.`,
    {
      details: { copies },
    },
  );
}

/**
 * The copies of ioredis whose clients are enforced: the service's own, and with the preload also those that libraries
 * bring along. What we use beside a client, its `Command` and its class's own methods, must be of the client's copy.
 */
const copies = new Set<Ioredis>();

export function registerCopy(copy: Ioredis): void {
  copies.add(copy);
}

/** The copy that a client or a Cluster was made with. */
export function copyOf(made: Redis | Cluster): Ioredis {
  for (const copy of copies) if (made instanceof copy.Redis || made instanceof copy.Cluster) return copy;
  throw new TypeError('A client of a copy of ioredis that is not known.');
}

/** Makes a client from its final options; a subclass of Redis brings its own. */
export type Construct = (options: RedisOptions) => Redis;

/** Makes clients of the base class. */
export function plainClients({ Redis: Raw }: Ioredis): Construct {
  const Plain = Raw as unknown as new (options: RedisOptions) => Redis;
  return (options) => new Plain(options);
}
