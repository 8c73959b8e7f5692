import { createPool as createGenericPool } from 'generic-pool';
import { Pool as LightningPool } from 'lightning-pool';
import { createClientPool } from 'redis';
import { Pool as TarnPool } from 'tarn';
import type { FactoryOptions, RedisFactory } from '../src/index.js';
import type { Library } from './build.js';
import { close, contestants, type Address } from './contestants.js';

/** What is done within a lease. */
export type Work = (client: { get(key: string): Promise<unknown> }) => unknown;

/** One pool of ten connections: how it lends one, for some work, and how it is closed. */
export interface Contestant {
  lend(work: Work): Promise<unknown>;
  close(): Promise<unknown>;
}

/** As many connections as every pool has, all of them open before it is measured. */
const CONNECTIONS = 10;

/** Ours by way of `use` and `acquire`, and those that it is measured against, each as its documentation says. */
export const poolNames = [
  'generic-pool',
  'ours, use',
  'ours, acquire',
  'tarn',
  'lightning-pool',
  'node-redis',
] as const;

export type PoolName = (typeof poolNames)[number];

export interface Arena {
  readonly library: Library;
  readonly server: Address;
}

/** The raw connections of the pools that know nothing of Redis. */
function rawFactory({ library, server }: Arena) {
  const open = contestants(library, server);
  return { create: () => open('raw'), destroy: close };
}

async function genericPool(arena: Arena): Promise<Contestant> {
  const pool = createGenericPool(rawFactory(arena), { max: CONNECTIONS, min: CONNECTIONS });
  await pool.ready();
  return {
    async lend(work) {
      const client = await pool.acquire();
      try {
        return await work(client);
      } finally {
        await pool.release(client);
      }
    },
    close: () => pool.drain().then(() => pool.clear()),
  };
}

type OurPool = ReturnType<RedisFactory['pool']>;

async function ours({ library, server }: Arena, lend: (pool: OurPool, work: Work) => Promise<unknown>) {
  const options: FactoryOptions = { service: 'bench', host: 'bench', connection: { ...server } };
  const factory = library.createRedisFactory(options);
  const pool = factory.pool({ max: CONNECTIONS, min: CONNECTIONS });
  await Promise.all(Array.from({ length: CONNECTIONS }, () => pool.use((client) => client.ping())));
  return { lend: (work: Work) => lend(pool, work), close: () => factory.shutdown() };
}

async function acquired(pool: OurPool, work: Work): Promise<unknown> {
  const lease = await pool.acquire();
  try {
    return await work(lease.client);
  } finally {
    await lease.release();
  }
}

async function tarn(arena: Arena): Promise<Contestant> {
  const pool = new TarnPool({ ...rawFactory(arena), min: CONNECTIONS, max: CONNECTIONS });
  const warm = Array.from({ length: CONNECTIONS }, () => pool.acquire());
  (await Promise.all(warm.map(({ promise }) => promise))).forEach((client) => pool.release(client));
  return {
    async lend(work) {
      const client = await pool.acquire().promise;
      try {
        return await work(client);
      } finally {
        pool.release(client);
      }
    },
    close: () => pool.destroy(),
  };
}

async function lightningPool(arena: Arena): Promise<Contestant> {
  const pool = new LightningPool(rawFactory(arena), { max: CONNECTIONS, min: CONNECTIONS });
  pool.start();
  const warm = await Promise.all(Array.from({ length: CONNECTIONS }, () => pool.acquire()));
  await Promise.all(warm.map((client) => pool.releaseAsync(client)));
  return {
    async lend(work) {
      const client = await pool.acquire();
      try {
        return await work(client);
      } finally {
        pool.release(client);
      }
    },
    close: () => Promise.resolve(pool.close(1_000)),
  };
}

async function nodeRedis({ server: { host, port } }: Arena): Promise<Contestant> {
  const pool = createClientPool(
    { url: `redis://${host}:${port}` },
    { minimum: CONNECTIONS, maximum: CONNECTIONS },
  );
  await pool.connect();
  return {
    lend: (work) => pool.execute((client) => Promise.resolve(work(client))),
    close: () => pool.close(),
  };
}

/** Opens each of the pools, warm. */
export const openPool: Readonly<Record<PoolName, (arena: Arena) => Promise<Contestant>>> = {
  'generic-pool': genericPool,
  'ours, use': (arena) => ours(arena, (pool, work) => pool.use(work)),
  'ours, acquire': (arena) => ours(arena, acquired),
  tarn,
  'lightning-pool': lightningPool,
  'node-redis': nodeRedis,
};
