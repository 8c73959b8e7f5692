import { Redis, type RedisOptions } from 'ioredis';
import { afterEach } from 'vitest';
import type { TestRedis } from './use-redis.js';

/** Raw clients that do not reconnect. They are closed after each test. */
export interface RawClients {
  /** Opens clients and waits until they are ready. */
  open(count: number, options?: RedisOptions): Promise<Redis[]>;
}

export function useRaw(redis: Pick<TestRedis, 'server'>): RawClients {
  let opened: Redis[] = [];

  afterEach(() => {
    opened.forEach((client) => client.disconnect());
    opened = [];
  });

  return {
    async open(count, options = {}) {
      const { host, port } = redis.server;
      const own = { host, port, disableClientInfo: true, retryStrategy: () => null, ...options };
      const clients = Array.from({ length: count }, () => new Redis(own));
      clients.forEach((client) => client.on('error', () => undefined));
      opened.push(...clients);
      await Promise.all(clients.map((client) => client.ping()));
      return clients;
    },
  };
}
