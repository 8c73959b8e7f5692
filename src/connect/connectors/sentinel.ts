import type { Redis, RedisOptions } from 'ioredis';
import type { Connector, ConnectorClass, Ioredis } from '../ioredis.js';

/** The method of ioredis' SentinelConnector that opens a socket to a sentinel; private in its types. */
interface SentinelDialler extends Connector {
  connectToSentinel(endpoint: unknown, options?: RedisOptions): Redis;
}

/**
 * The connector of ioredis for Sentinel, whose own sockets get our options too: ioredis passes neither a name
 * nor keepalive to them.
 */
export function sentinelConnector(ioredis: Ioredis, sentinelOptions: () => RedisOptions): ConnectorClass {
  const Base = ioredis.SentinelConnector as unknown as new (options: unknown) => SentinelDialler;

  return class SentinelConnector extends Base {
    override connectToSentinel(endpoint: unknown, options?: RedisOptions): Redis {
      const { connectionName, keepAlive, Connector } = sentinelOptions();
      return super.connectToSentinel(endpoint, { connectionName, keepAlive, Connector, ...options });
    }
  };
}
