import type { Cluster, ClusterNode, ClusterOptions, Redis, RedisOptions } from 'ioredis';
import { type Clock, createDeadline } from '../../core/clock.js';
import { type ClientArguments, plainArguments, readClientArguments } from '../../options/client-arguments.js';
import {
  type ConstructClient,
  type ConstructCluster,
  constructRedis,
  constructCluster,
  type Ioredis,
} from '../ioredis/load-ioredis.js';

interface PlainClientsPorts {
  readonly copy: Ioredis;
  readonly clock: Clock;
  /** The `connection` option of the factory. */
  readonly connection: string | RedisOptions | undefined;
  /** Throws `HYG_SHUT_DOWN` once shutdown() has begun. */
  readonly assertOpen: () => void;
}

/** Clients and Clusters as ioredis makes them, while `REDIS_HYGIENE=off` is set. They are only closed at shutdown. */
export interface PlainClients {
  client(args: ClientArguments, construct?: ConstructClient): Redis;
  cluster(nodes: ClusterNode[], options: ClusterOptions, construct?: ConstructCluster): Cluster;
  /** The options of the factory's connection. */
  options(): RedisOptions;
  /** Closes all of them: with QUIT if they are ready, and else at once. Resolves within the time. */
  close(timeoutMs: number): Promise<void>;
}

export function createPlainClients({ copy, clock, connection, assertOpen }: PlainClientsPorts): PlainClients {
  const open = new Set<Redis | Cluster>();

  function keep<Client extends Redis | Cluster>(client: Client): Client {
    open.add(client);
    client.once('end', () => open.delete(client));
    return client;
  }

  async function close(client: Redis | Cluster, timeoutMs: number): Promise<void> {
    if (client.status === 'ready') await createDeadline(clock, timeoutMs).race(client.quit());
    client.disconnect();
  }

  return {
    client(args, construct = constructRedis(copy)) {
      assertOpen();
      const own = connection === undefined ? plainArguments(args) : [readClientArguments(connection, args)];
      return keep(construct(...own));
    },
    cluster(nodes, options, construct = constructCluster(copy)) {
      assertOpen();
      return keep(construct(nodes, options));
    },
    options: () => readClientArguments(connection, []),
    async close(timeoutMs) {
      await Promise.all([...open].map((client) => close(client, timeoutMs)));
    },
  };
}
