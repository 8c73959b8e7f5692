import type { Redis, RedisOptions } from 'ioredis';
import { ClientHandle } from './handle.js';
import type { EnforcedOptions, Opener } from './open.js';

/**
 * Calls back in the moment in which ioredis' constructor gives a client its connector: after its options are there, and
 * before it dials. The property is a plain one from then on.
 */
function whenConnectorIsMade(client: Redis, made: () => void): void {
  const property = { configurable: true, enumerable: true };
  Object.defineProperty(client, 'connector', {
    ...property,
    set(connector: unknown) {
      Object.defineProperty(client, 'connector', { ...property, writable: true, value: connector });
      made();
    },
  });
}

/**
 * Enforces a client that somebody else constructs, while its constructor looks at its options: gives those to go on with,
 * and watches the client from the moment in which it has its connector.
 */
export function adoptClient(
  opener: Opener,
  client: Redis,
  given: RedisOptions,
  role: string | undefined,
): EnforcedOptions {
  const options = opener.options(given, role);
  whenConnectorIsMade(client, () => opener.watch(client, new ClientHandle(client)));
  return options;
}
