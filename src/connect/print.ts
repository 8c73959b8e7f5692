import { inspect } from 'node:util';

/**
 * Makes console.log() of a client show who it is, in one line. The properties of an ioredis client hold the
 * password several times: in its options, in its connector's, and in the handshake's condition.
 */
export function printAs(client: object, describe: () => string): void {
  Object.defineProperty(client, inspect.custom, { value: describe, configurable: true });
}
