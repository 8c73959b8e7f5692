import type * as Ioredis from 'ioredis';
import type { Redis as RedisClient, RedisOptions } from 'ioredis';
import { once } from 'node:events';
import { createRequire } from 'node:module';
import type { FactoryOptions } from '../src/index.js';
import type { Library } from './build.js';

// As src does: the very same copy of ioredis, of whichever major the process was told to use.
const require = createRequire(import.meta.url);
const { Redis } = require('ioredis') as typeof Ioredis;
export const { version: ioredisVersion } = require('ioredis/package.json') as { readonly version: string };

/** The two that are compared: ioredis as it is, and a client of our factory. */
export const sides = ['raw', 'ours'] as const;
export type Side = (typeof sides)[number];

/** What bears on a connection's work after the dial, and is the same on both sides. */
const SHARED = ['connectionName', 'keepAlive', 'noDelay', 'connectTimeout', 'clientInfoTag'] as const;

function shared(enforced: RedisOptions): Pick<RedisOptions, (typeof SHARED)[number]> {
  return Object.fromEntries(SHARED.map((option) => [option, enforced[option]]));
}

export type Open = (side: Side) => Promise<RedisClient>;

/** Where the server listens. */
export interface Address {
  readonly host: string;
  readonly port: number;
}

/**
 * Gives the function that opens one connection of either side, ready for commands. Raw ioredis gets the values
 * that our policy would choose, so that only our code makes a difference.
 *
 * @throws Error when our client is of another copy of ioredis
 */
export function contestants(library: Library, { host, port }: Address, own: FactoryOptions = {}): Open {
  const address = { host, port };
  const factory = library.createRedisFactory({ service: 'bench', host: 'bench', ...own });
  const raw = { ...address, ...shared(factory.options()) };
  const make = { raw: () => new Redis(raw), ours: () => factory.client(address) };
  return async (side) => {
    const client = make[side]();
    if (!(client instanceof Redis))
      throw new Error('The factory uses another ioredis, expected the same copy.');
    await once(client, 'ready');
    await client.ping(); // whatever follows the handshake has been answered
    return client;
  };
}

/** Closes, and waits until the socket is gone. */
export async function close(client: RedisClient): Promise<void> {
  const ended = once(client, 'end');
  client.disconnect();
  await ended;
}
