import type { Redis } from 'ioredis';

/**
 * Calls back in the moment in which ioredis' constructor gives a client its connector: after its options are there, and
 * before it dials. The property is a plain one from then on.
 */
export function whenConnectorIsMade(client: Redis, made: () => void): void {
  Object.defineProperty(client, 'connector', {
    configurable: true,
    enumerable: true,
    set(connector: unknown) {
      Object.defineProperty(client, 'connector', {
        value: connector,
        configurable: true,
        enumerable: true,
        writable: true,
      });
      made();
    },
  });
}
