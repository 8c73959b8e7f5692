import type { RedisOptions } from 'ioredis';
import { interned } from '../../core/process-wide.js';
import { describeTarget } from '../../options/resolve-options.js';

/** The server that is dialled. */
export interface DialTarget {
  /** Tells servers apart. */
  readonly key: string;
  /** URL without credentials. */
  readonly target: string;
  /** Of a unix socket, which has no remote address. */
  readonly path?: string | null | undefined;
}

/** Where the options of a client without sentinels lead. */
export function dialTargetOf(options: RedisOptions): DialTarget {
  const { path, host, port } = options;
  const target = interned(describeTarget(options));
  return path
    ? { key: path, target, path }
    : { key: interned(`${host ?? 'localhost'}:${port ?? 6379}`), target };
}

/** A server that a sentinel named. */
export function dialTargetAt(
  { host, port }: { readonly host: string; readonly port: number },
  tls: RedisOptions['tls'],
): DialTarget {
  return dialTargetOf(tls ? { host, port, tls } : { host, port });
}

/** Each of the callers' own connectors by a number: where it leads is its own business. */
const numbers = new WeakMap<object, number>();
let lastNumber = 0;

/** Where a connector of the caller's own leads, as far as it can be known. */
export function dialTargetBehind(Connector: object, options: RedisOptions): DialTarget {
  const number = numbers.get(Connector) ?? ++lastNumber;
  numbers.set(Connector, number);
  const { key, target } = dialTargetOf(options);
  return { key: `connector ${number}, ${key}`, target };
}
