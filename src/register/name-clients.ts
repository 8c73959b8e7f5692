import type { RedisOptions } from 'ioredis';
import type { GlideClass, NodeRedisClass } from './detect-clients.js';
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

/** Names all clients of node-redis, including those of its pools, Clusters and Sentinels. */
export function nameNodeRedis(Class: NodeRedisClass): void {
  const { create, factory } = Class;
  Class.create = function (options, ...rest) {
    return create.call(this, withName(options, 'name', 'node-redis'), ...rest);
  };
  if (!factory) return; // node-redis 4
  Class.factory = function (config) {
    const createClient = factory.call(this, config);
    return (options) => createClient(withName(options, 'name', 'node-redis'));
  };
}

/** Names all clients of Valkey GLIDE. */
export function nameGlide(Classes: readonly GlideClass[]): void {
  for (const Class of Classes) {
    const { createClient } = Class;
    Class.createClient = function (options) {
      return createClient.call(this, withName(options, 'clientName', 'glide') ?? options);
    };
  }
}

/** Adds the name to a caller's options. If that fails, the caller's options are returned as they are. */
function withName(
  options: object | undefined,
  key: 'name' | 'clientName',
  client: string,
): object | undefined {
  const given = options as Readonly<Record<string, unknown>> | undefined;
  const name = tryOrWarn('name a client', () => connectionNameFor(given?.[key], client));
  return name === undefined ? options : { ...options, [key]: name };
}
