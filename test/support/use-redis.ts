import { Redis, type RedisOptions } from 'ioredis';
import { afterAll, beforeAll } from 'vitest';
import { readRow, type ClientRow } from './client-row.js';
import { startRedis, type RedisServer, type StartOptions } from './redis/index.js';

/** A server for one test file, and an unnamed admin connection to it. */
export interface TestRedis {
  readonly server: RedisServer;
  readonly admin: Redis;
  /** Rows of CLIENT LIST without the admin's. */
  rows(): Promise<ClientRow[]>;
  /** Names in CLIENT LIST without the admin's, sorted. */
  names(): Promise<string[]>;
}

/** Starts a server before the tests of this file and stops it afterwards, also when they fail. */
export function useRedis(options: StartOptions = {}, adminOptions: RedisOptions = {}): TestRedis {
  let server: RedisServer | undefined;
  let admin: Redis | undefined;

  beforeAll(async () => {
    server = await startRedis(options);
    admin = new Redis(server.port, server.host, { ...adminOptions, disableClientInfo: true });
    await admin.ping();
  });
  afterAll(async () => {
    admin?.disconnect();
    await server?.stop();
  });

  const test: TestRedis = {
    get server() {
      if (!server) throw new Error('The server has not been started yet.');
      return server;
    },
    get admin() {
      if (!admin) throw new Error('The server has not been started yet.');
      return admin;
    },
    async rows() {
      const [own, list] = await Promise.all([test.admin.client('ID'), test.admin.client('LIST')]);
      const rows = (list as string).trim().split('\n').map(readRow);
      return rows.filter((row) => row.id !== own);
    },
    names: async () => (await test.rows()).map((row) => row.name).sort(),
  };
  return test;
}
