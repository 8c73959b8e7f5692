import type * as Ioredis from 'ioredis';
import type { Redis as RedisClient, RedisOptions } from 'ioredis';
import { once } from 'node:events';
import { createRequire } from 'node:module';
import type { FactoryOptions, RedisFactory } from '../src/index.js';
import type { Library } from './build.js';

// The same copy of ioredis that src loads. It may be of either major.
const require = createRequire(import.meta.url);
const { Redis } = require('ioredis') as typeof Ioredis;
export const { version: ioredisVersion } = require('ioredis/package.json') as { readonly version: string };

/** The two clients that are compared: plain ioredis, and a client of our factory. */
export const sides = ['raw', 'ours'] as const;
export type Side = (typeof sides)[number];

/** Options that affect a connection after it is open. Both sides have the same values. */
const SHARED_OPTIONS = ['connectionName', 'keepAlive', 'noDelay', 'connectTimeout', 'clientInfoTag'] as const;

function pickShared(enforced: RedisOptions): Pick<RedisOptions, (typeof SHARED_OPTIONS)[number]> {
  return Object.fromEntries(SHARED_OPTIONS.map((option) => [option, enforced[option]]));
}

export type OpenClient = (side: Side) => Promise<RedisClient>;

/** The address of the server. */
export interface Address {
  readonly host: string;
  readonly port: number;
}

/**
 * Returns a function that opens a client of one side and waits until it is ready. Raw ioredis gets the option values
 * that our policy chooses, so that the sides differ in our code only.
 *
 * @throws Error if our client is made by another copy of ioredis
 */
export function createClientOpener(
  library: Library,
  { host, port }: Address,
  factoryOptions: FactoryOptions = {},
): OpenClient {
  return clientOpenerOf(createBenchFactory(library, factoryOptions), { host, port });
}

export function createBenchFactory(library: Library, factoryOptions: FactoryOptions = {}): RedisFactory {
  return library.createRedisFactory({ service: 'bench', host: 'bench', ...factoryOptions });
}

/** The same as `createClientOpener`, for a factory that exists. */
export function clientOpenerOf(factory: RedisFactory, address: Address): OpenClient {
  const rawOptions = { ...address, ...pickShared(factory.options()) };
  const make = { raw: () => new Redis(rawOptions), ours: () => factory.client(address) };
  return async (side) => {
    const client = make[side]();
    if (!(client instanceof Redis))
      throw new Error('The factory uses another ioredis, expected the same copy.');
    await once(client, 'ready');
    await client.ping(); // also waits for the replies to commands that follow the handshake
    return client;
  };
}

/** Closes a client and waits until its socket is closed. */
export async function close(client: RedisClient): Promise<void> {
  const ended = once(client, 'end');
  client.disconnect();
  await ended;
}
