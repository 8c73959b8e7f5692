import type { RedisOptions } from 'ioredis';
import { intern } from '../../core/process-wide.js';
import { describeTarget } from '../../options/resolve-options.js';

/** The server that a dial connects to. */
export interface DialTarget {
  /** Identifies the server: dials with the same key share a limiter. */
  readonly key: string;
  /** URL without credentials. */
  readonly url: string;
  /** Path of a unix socket. Kept because such a socket has no remote address. */
  readonly path?: string | null | undefined;
}

/**
 * Target of a client without sentinels. With and without TLS are two: a port closes the connections of one of them without a
 * reply, and those of the other one must not wait for that.
 */
export function dialTargetOf(options: RedisOptions): DialTarget {
  const { path, host, port, tls } = options;
  const url = intern(describeTarget(options));
  const key = intern(`${tls ? 'tls ' : ''}${path || `${host ?? 'localhost'}:${port ?? 6379}`}`);
  return path ? { key, url, path } : { key, url };
}

/** Target that a sentinel has named. */
export function dialTargetAt(
  { host, port }: { readonly host: string; readonly port: number },
  tls: RedisOptions['tls'],
): DialTarget {
  return dialTargetOf(tls ? { host, port, tls } : { host, port });
}

/** Numbers of the application's own connectors. Each gets a limiter of its own, as it may connect anywhere. */
const connectorNumbers = new WeakMap<object, number>();
let lastConnectorNumber = 0;

/** Target of a connector of the application's own, as far as it can be known. */
export function dialTargetBehind(Connector: object, options: RedisOptions): DialTarget {
  const number = connectorNumbers.get(Connector) ?? ++lastConnectorNumber;
  connectorNumbers.set(Connector, number);
  const { key, url } = dialTargetOf(options);
  return { key: `connector ${number}, ${key}`, url };
}
