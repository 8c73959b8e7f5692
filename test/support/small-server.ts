import { Redis } from 'ioredis';
import { startRedis, type RedisServer } from './redis/index.js';

export const MAXCLIENTS = 20;

/** A server with maxclients 20, and a connection that observes it. */
export async function startSmallServer(): Promise<{ server: RedisServer; admin: Redis }> {
  const server = await startRedis({ args: ['--maxclients', String(MAXCLIENTS)] });
  const admin = new Redis(server.port, server.host, { disableClientInfo: true });
  await admin.ping();
  return { server, admin };
}
