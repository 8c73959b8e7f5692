import type { RedisOptions } from 'ioredis';
import type { GlideClass, NodeRedisClass } from './detect-clients.js';
import { nameFor } from './preload-identity.js';
import { attempt } from './warnings.js';

/** Below this Node hands TCP keepalive to the OS, which notices a dead peer after 2 h 11 m. */
const LEAST_KEEP_ALIVE_MS = 1_000;
const KEEP_ALIVE_MS = 15_000;

/** Names a client of an ioredis that is not enforced, and has the kernel watch its socket. */
export function nameOptions(options: RedisOptions, client: string): void {
  options.connectionName = nameFor(options.connectionName, client);
  if ((options.keepAlive ?? 0) < LEAST_KEEP_ALIVE_MS) options.keepAlive = KEEP_ALIVE_MS;
}

/** The caller's options with a name in them; the caller's own where that fails. */
function withName(
  options: object | undefined,
  key: 'name' | 'clientName',
  client: string,
): object | undefined {
  const given = options as Readonly<Record<string, unknown>> | undefined;
  const name = attempt('The name of a client', () => nameFor(given?.[key], client));
  return name === undefined ? options : { ...options, [key]: name };
}

/** Names what node-redis makes: clients, and those of its pools, Clusters and Sentinels. */
export function nameNodeRedis(Class: NodeRedisClass): void {
  const { create, factory } = Class;
  Class.create = function (options, ...rest) {
    return create.call(this, withName(options, 'name', 'node-redis'), ...rest);
  };
  if (!factory) return; // node-redis 4
  Class.factory = function (config) {
    const make = factory.call(this, config);
    return (options) => make(withName(options, 'name', 'node-redis'));
  };
}

/** Names what Valkey GLIDE makes. */
export function nameGlide(Classes: readonly GlideClass[]): void {
  for (const Class of Classes) {
    const { createClient } = Class;
    Class.createClient = function (options) {
      return createClient.call(this, withName(options, 'clientName', 'glide') ?? options);
    };
  }
}
