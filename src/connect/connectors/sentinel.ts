import type { Redis, RedisOptions } from 'ioredis';
import type { Connector, ConnectorClass, Ioredis } from '../ioredis.js';

/** The method of ioredis' SentinelConnector that opens a socket to a sentinel; private in its types. */
interface SentinelDialler extends Connector {
  connectToSentinel(endpoint: unknown, options?: RedisOptions): Redis;
}

/** What the sockets to sentinels get from the factory. */
export interface SentinelPorts {
  readonly options: () => RedisOptions;
  readonly watch: (client: Redis) => void;
}

/**
 * The connector of ioredis for Sentinel, whose own sockets get our options too: ioredis passes neither a name
 * nor keepalive to them.
 */
export function sentinelConnector(ioredis: Ioredis, { options, watch }: SentinelPorts): ConnectorClass {
  const Base = ioredis.SentinelConnector as unknown as new (options: unknown) => SentinelDialler;

  return class SentinelConnector extends Base {
    override connectToSentinel(endpoint: unknown, given?: RedisOptions): Redis {
      const { connectionName, keepAlive, Connector } = options();
      const client = super.connectToSentinel(endpoint, { connectionName, keepAlive, Connector, ...given });
      watch(client);
      return client;
    }
  };
}
