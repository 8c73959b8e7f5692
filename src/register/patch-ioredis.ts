import type { Cluster, Redis } from 'ioredis';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import type { Ioredis } from '../connect/ioredis/load-ioredis.js';
import { isSupported } from '../connect/ioredis/supported-version.js';
import type { ClientArguments } from '../options/client-arguments.js';
import type { IoredisClass } from './detect-clients.js';
import { loadRuntime } from './lazy-runtime.js';
import { warn } from '../core/warnings.js';
import { tryOrWarn } from './warnings.js';

/**
 * Patches a copy of ioredis so that its clients are enforced. Clients of a version that redis-hygiene does not support
 * are only named.
 */
export function patchCopy(Class: IoredisClass, file: string): void {
  const { name = 'unknown', version = '0' } = findPackage(file) ?? {};
  if (name !== 'ioredis' || !isSupported(version)) {
    nameAfterParseOptions(Class, name);
    if (name === 'ioredis') {
      warn(
        'HYG_PRELOAD_VERSION',
        `Found ioredis ${version} in ${dirname(file)}, expected ^5.11 or ^6: its connections are named, but not enforced. ` +
          'Update it, or the package that brings it.',
      );
    }
    return;
  }
  tryOrWarn('load the runtime of the preload', loadRuntime);
  enforceBeforeParseOptions(Class, (client, args) =>
    loadRuntime().enforceClient(loadWholeCopy(Class, file), client, args),
  );
  enforceBeforeClusterConnect(Class, (cluster) =>
    loadRuntime().enforceCluster(loadWholeCopy(Class, file), cluster),
  );
}

type EnforceClient = (client: Redis, args: ClientArguments) => ClientArguments | undefined;

/** Patches `parseOptions`, with which the constructor of a client reads its arguments. */
function enforceBeforeParseOptions({ prototype }: IoredisClass, enforce: EnforceClient): void {
  const { parseOptions: parse } = prototype;
  prototype.parseOptions = function parseOptions(this: Redis, ...args: unknown[]) {
    const given = args as ClientArguments;
    const enforced = tryOrWarn('enforce a client of ioredis', () => enforce(this, given));
    return parse.apply(this, [...(enforced ?? given)]);
  };
}

function enforceBeforeClusterConnect(Class: IoredisClass, enforce: (cluster: Cluster) => void): void {
  const prototype = Class.Cluster?.prototype;
  if (!prototype) return;
  const { connect: dial } = prototype;
  prototype.connect = function connect(this: Cluster, ...args: unknown[]) {
    tryOrWarn('enforce a Cluster of ioredis', () => enforce(this));
    return dial.apply(this, args);
  };
}

/** Replaces the name among the parsed options, for an older ioredis or a package that began as a copy of it. */
function nameAfterParseOptions({ prototype }: IoredisClass, client: string): void {
  const { parseOptions: parse } = prototype;
  prototype.parseOptions = function parseOptions(this: Redis, ...args: unknown[]) {
    parse.apply(this, args);
    tryOrWarn('name a client', () => loadRuntime().nameIoredisOptions(this.options, client));
  };
}

/** The class as the whole module: once all of the package is loaded, its exports are statics of the class. */
function loadWholeCopy(Class: IoredisClass, file: string): Ioredis {
  const isWhole = 'AbstractConnector' in Class;
  if (!isWhole) createRequire(file)(join(dirname(file), 'index.js')); // only built/Redis was required
  return Class as unknown as Ioredis;
}

/** Name and version in a package.json. */
interface PackageFacts {
  readonly name: string;
  readonly version: string;
}

/** Finds the package of a file: the nearest package.json that has a name and a version. */
function findPackage(file: string): PackageFacts | undefined {
  const folder = dirname(file);
  const manifest = join(folder, 'package.json');
  const { name, version } = readManifest(manifest);
  if (name && version) return { name, version };
  return folder === dirname(folder) ? undefined : findPackage(folder);
}

/** Reads a package.json. One that is missing, not readable or not JSON has no facts. */
function readManifest(file: string): Partial<PackageFacts> {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as Partial<PackageFacts>;
  } catch {
    return {};
  }
}
