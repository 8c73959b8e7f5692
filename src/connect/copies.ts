import type { Cluster, Redis, RedisOptions } from 'ioredis';
import type { Ioredis } from './ioredis.js';

/**
 * The copies of ioredis whose clients are enforced: the service's own, and with the preload also those that libraries
 * bring along. What we use beside a client, its `Command` and its class's own methods, must be of the client's copy.
 */
const copies = new Set<Ioredis>();

export function knowCopy(copy: Ioredis): void {
  copies.add(copy);
}

/** The copy that a client or a Cluster was made with. */
export function copyOf(made: Redis | Cluster): Ioredis {
  for (const copy of copies) if (made instanceof copy.Redis || made instanceof copy.Cluster) return copy;
  throw new TypeError('A client of a copy of ioredis that is not known.');
}

/** Makes a client from its final options; a subclass of Redis brings its own. */
export type Construct = (options: RedisOptions) => Redis;

/** Makes clients of the base class. */
export function plainClients({ Redis: Raw }: Ioredis): Construct {
  const Plain = Raw as unknown as new (options: RedisOptions) => Redis;
  return (options) => new Plain(options);
}
