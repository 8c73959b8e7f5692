import type { RedisOptions } from 'ioredis';
import { connectionNameFor } from './preload-identity.js';
import { tryOrWarn } from './warnings.js';

/** Below one second Node leaves TCP keepalive to the OS, which notices a dead peer after 2 h 11 min. */
const MIN_KEEP_ALIVE_MS = 1_000;
const DEFAULT_KEEP_ALIVE_MS = 15_000;

/** Names a client of an ioredis that is not enforced, and enables TCP keepalive on its socket. */
export function nameIoredisOptions(options: RedisOptions, client: string): void {
  options.connectionName = connectionNameFor(options.connectionName, client);
  if ((options.keepAlive ?? 0) < MIN_KEEP_ALIVE_MS) options.keepAlive = DEFAULT_KEEP_ALIVE_MS;
}

/** Adds the name to a caller's options. If that fails, the caller's options are returned as they are. */
export function withName(
  options: object | undefined,
  key: 'name' | 'clientName',
  client: string,
): object | undefined {
  const given = options as Readonly<Record<string, unknown>> | undefined;
  const name = tryOrWarn('name a client', () => connectionNameFor(given?.[key], client));
  return name === undefined ? options : { ...options, [key]: name };
}
