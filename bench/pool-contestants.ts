import { createPool as createGenericPool } from 'generic-pool';
import { Pool as LightningPool } from 'lightning-pool';
import { createClientPool } from 'redis';
import { Pool as TarnPool } from 'tarn';
import type { FactoryOptions, RedisFactory } from '../src/index.js';
import type { Library } from './build.js';
import { close, createClientOpener, type Address } from './contestants.js';

/** The work of one lease. */
export type Work = (client: { get(key: string): Promise<unknown> }) => unknown;

/** A pool of ten connections that is measured. */
export interface MeasuredPool {
  /** Acquires a connection, does the work and releases the connection. */
  use(work: Work): Promise<unknown>;
  close(): Promise<unknown>;
}

/** The number of connections of every pool. All are open before the pool is measured. */
const CONNECTIONS = 10;

/** Our pool by `use()` and by `acquire()`, and the pools that it is compared with, each used as its documentation says. */
export const poolNames = [
  'generic-pool',
  'ours, use',
  'ours, acquire',
  'tarn',
  'lightning-pool',
  'node-redis',
] as const;

export type PoolName = (typeof poolNames)[number];

/** The compiled library and the server that the pools connect to. */
export interface PoolSetup {
  readonly library: Library;
  readonly server: Address;
}

/** Creates and closes raw connections, for pools that are not made for Redis. */
function rawFactory({ library, server }: PoolSetup) {
  const open = createClientOpener(library, server);
  return { create: () => open('raw'), destroy: close };
}

async function openGenericPool(setup: PoolSetup): Promise<MeasuredPool> {
  const pool = createGenericPool(rawFactory(setup), { max: CONNECTIONS, min: CONNECTIONS });
  await pool.ready();
  return {
    async use(work) {
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

async function openOurs(
  { library, server }: PoolSetup,
  use: (pool: OurPool, work: Work) => Promise<unknown>,
): Promise<MeasuredPool> {
  const options: FactoryOptions = { service: 'bench', host: 'bench', connection: { ...server } };
  const factory = library.createRedisFactory(options);
  const pool = factory.pool({ max: CONNECTIONS, min: CONNECTIONS });
  await Promise.all(Array.from({ length: CONNECTIONS }, () => pool.use((client) => client.ping())));
  return { use: (work) => use(pool, work), close: () => factory.shutdown() };
}

async function useByAcquire(pool: OurPool, work: Work): Promise<unknown> {
  const lease = await pool.acquire();
  try {
    return await work(lease.client);
  } finally {
    await lease.release();
  }
}

async function openTarn(setup: PoolSetup): Promise<MeasuredPool> {
  const pool = new TarnPool({ ...rawFactory(setup), min: CONNECTIONS, max: CONNECTIONS });
  const opened = Array.from({ length: CONNECTIONS }, () => pool.acquire());
  (await Promise.all(opened.map(({ promise }) => promise))).forEach((client) => pool.release(client));
  return {
    async use(work) {
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

async function openLightningPool(setup: PoolSetup): Promise<MeasuredPool> {
  const pool = new LightningPool(rawFactory(setup), { max: CONNECTIONS, min: CONNECTIONS });
  pool.start();
  const opened = await Promise.all(Array.from({ length: CONNECTIONS }, () => pool.acquire()));
  await Promise.all(opened.map((client) => pool.releaseAsync(client)));
  return {
    async use(work) {
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

async function openNodeRedis({ server: { host, port } }: PoolSetup): Promise<MeasuredPool> {
  const pool = createClientPool(
    { url: `redis://${host}:${port}` },
    { minimum: CONNECTIONS, maximum: CONNECTIONS },
  );
  await pool.connect();
  return {
    use: (work) => pool.execute((client) => Promise.resolve(work(client))),
    close: () => pool.close(),
  };
}

/** Functions that open each of the pools with all its connections. */
export const openPool: Readonly<Record<PoolName, (setup: PoolSetup) => Promise<MeasuredPool>>> = {
  'generic-pool': openGenericPool,
  'ours, use': (setup) => openOurs(setup, (pool, work) => pool.use(work)),
  'ours, acquire': (setup) => openOurs(setup, useByAcquire),
  tarn: openTarn,
  'lightning-pool': openLightningPool,
  'node-redis': openNodeRedis,
};
