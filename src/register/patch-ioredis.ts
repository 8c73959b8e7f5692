import type { Cluster, Redis } from 'ioredis';
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import type { Ioredis } from '../connect/ioredis/load-ioredis.js';
import { isSupported } from '../connect/ioredis/supported-version.js';
import type { ClientArguments } from '../options/client-arguments.js';
import type { IoredisClass } from './detect-clients.js';
import { loadRuntime } from './lazy-runtime.js';
import { attempt, warn } from './warnings.js';

/** The module is the class itself, with its exports as statics, once all of the package has been loaded. */
function wholeCopy(Class: IoredisClass, file: string): Ioredis {
  const isWhole = 'AbstractConnector' in Class;
  if (!isWhole) createRequire(file)(join(dirname(file), 'index.js')); // somebody asked for built/Redis alone
  return Class as unknown as Ioredis;
}

type Enforce = (client: Redis, args: ClientArguments) => ClientArguments | undefined;

/** Stands before the method with which the constructor reads its arguments. */
function standBeforeOptions({ prototype }: IoredisClass, enforce: Enforce): void {
  const { parseOptions: parse } = prototype;
  prototype.parseOptions = function parseOptions(this: Redis, ...args: unknown[]) {
    const given = args as ClientArguments;
    const instead = attempt('A client of ioredis', () => enforce(this, given));
    return parse.apply(this, [...(instead ?? given)]);
  };
}

function standBeforeConnect(Class: IoredisClass, enforce: (cluster: Cluster) => void): void {
  const prototype = Class.Cluster?.prototype;
  if (!prototype) return;
  const { connect: dial } = prototype;
  prototype.connect = function connect(this: Cluster, ...args: unknown[]) {
    attempt('A Cluster of ioredis', () => enforce(this));
    return dial.apply(this, args);
  };
}

/** An older one, or one of its kind: its options are parsed, and then the name among them is replaced. */
function nameAfterOptions({ prototype }: IoredisClass, client: string): void {
  const { parseOptions: parse } = prototype;
  prototype.parseOptions = function parseOptions(this: Redis, ...args: unknown[]) {
    parse.apply(this, args);
    attempt('The name of a client', () => loadRuntime().nameOptions(this.options, client));
  };
}

/** Has the clients of a copy of ioredis enforced, or named where redis-hygiene does not know that version. */
export function enforceCopy(Class: IoredisClass, file: string): void {
  const { name = 'unknown', version = '0' } = packageOf(file) ?? {};
  if (name !== 'ioredis' || !isSupported(version)) {
    nameAfterOptions(Class, name);
    if (name === 'ioredis') {
      warn(
        'HYG_PRELOAD_VERSION',
        `Found ioredis ${version}, expected ^5.11 or ^6: its connections are named, and nothing more.`,
      );
    }
    return;
  }
  attempt('ioredis', loadRuntime);
  standBeforeOptions(Class, (client, args) =>
    loadRuntime().enforceClient(wholeCopy(Class, file), client, args),
  );
  standBeforeConnect(Class, (cluster) => loadRuntime().enforceCluster(wholeCopy(Class, file), cluster));
}

/** What a package says of itself. */
interface PackageFacts {
  readonly name: string;
  readonly version: string;
}

/** The package to which a file belongs: the nearest package.json that has a version. */
function packageOf(file: string): PackageFacts | undefined {
  const folder = dirname(file);
  const manifest = join(folder, 'package.json');
  if (existsSync(manifest)) {
    const { name, version } = JSON.parse(readFileSync(manifest, 'utf8')) as Partial<PackageFacts>;
    if (name && version) return { name, version };
  }
  return folder === dirname(folder) ? undefined : packageOf(folder);
}
