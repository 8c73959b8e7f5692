import { casesOf, type Case } from '../case.js';

const factory = `import { createRedisFactory } from 'redis-hygiene';
const redis = createRedisFactory();
const pool = redis.pool({ max: 4 });
`;

const unreleased = {
  'nobody takes the lease': `${factory}async function f() { await /*unreleased*/pool.acquire(); }`,
  'not even awaited': `${factory}/*unreleased*/pool.acquire(); void /*unreleased*/pool.acquire();`,
  'only its client is used': `${factory}async function f() { return (await /*unreleased*/pool.acquire()).client.get('a'); }`,
  'only its client is taken': `${factory}async function f() { const { client } = await /*unreleased*/pool.acquire(); return client.get('a'); }`,
  'never released': `${factory}async function f() { const lease = await /*unreleased*/pool.acquire(); return lease.client.get('a'); }`,
  'its client is given back, the lease is not': `${factory}async function f() { const { client } = await /*unreleased*/pool.acquire(); return client; }`,
  'in a variable from before': `${factory}async function f() { let lease; lease = await /*unreleased*/pool.acquire(); await lease.client.ping(); }`,
  'then() forgets it': `${factory}export const get = () => /*unreleased*/pool.acquire().then((lease) => { lease.client.get('a'); });`,
  'then() takes no lease': `${factory}/*unreleased*/pool.acquire().then(() => log('ready'));`,
  'then() takes the client': `${factory}/*unreleased*/pool.acquire().then(({ client }) => client.ping());`,
  'a blocking pool': `${factory}const queue = redis.blocking(2); async function f() { const l = await /*unreleased*/queue.acquire(); await l.client.blpop('q', 0); }`,
  'a pool of the default factory': `import { defaultFactory } from 'redis-hygiene/ioredis';
    async function f() { const l = await /*unreleased*/defaultFactory().pool().acquire(); await l.client.ping(); }`,
  'a pool in a field': `${factory}class A { pool = redis.pool(); async f() { const l = await /*unreleased*/this.pool.acquire(); await l.client.ping(); } }`,
  'a pool that a constructor puts there': `${factory}class A { constructor() { this.leases = redis.pool(); } async f() { await (await /*unreleased*/this.leases.acquire()).client.ping(); } }`,
  'ts: with types': `${factory}class A { private readonly p: Pool = redis.pool(); async f() { const l: Lease = await /*unreleased*/this.p!.acquire(); return (l as Lease).client.get('a'); } }`,
  'commonjs: require': `const { createRedisFactory } = require('redis-hygiene'); const pool = createRedisFactory().pool();
    exports.f = async () => { const lease = await /*unreleased*/pool.acquire(); await lease.client.ping(); };`,
  'at the top of a module': `${factory}const lease = await /*unreleased*/pool.acquire(); await lease.client.ping();`,
  'two leases, one released': `${factory}async function f() { const a = await /*unreleased*/pool.acquire(); await using b = await pool.acquire(); await a.client.ping(); }`,
};

const unguarded = {
  'released if all goes well': `${factory}async function f() { const lease = await /*unguarded*/pool.acquire(); await lease.client.get('a'); await lease.release(); }`,
  'released by the pool, if all goes well': `${factory}async function f() { const lease = await /*unguarded*/pool.acquire(); await lease.client.get('a'); await pool.release(lease); }`,
  'by its client that was taken out, if all goes well': `${factory}async function f() { const { client } = await /*unguarded*/pool.acquire(); await client.ping(); await pool.release(client); }`,
  'within try': `${factory}async function f() { const lease = await /*unguarded*/pool.acquire(); try { await lease.client.get('a'); await lease.release(); } catch (error) { log(error); } }`,
  'only where it failed': `${factory}async function f() { const lease = await /*unguarded*/pool.acquire(); try { return await lease.client.get('a'); } catch (error) { await lease.release(); throw error; } }`,
  'handed to a function that may throw': `${factory}async function f() { const lease = await /*unguarded*/pool.acquire(); await work(lease); await lease.release(); }`,
  'then()': `${factory}/*unguarded*/pool.acquire().then(async (lease) => { await lease.client.ping(); await lease.release(); });`,
  'a finally of something else': `${factory}async function f() { const lease = await /*unguarded*/pool.acquire(); try { await lease.client.ping(); lease.release(); } finally { log('done'); } }`,
  'disposed by hand': `${factory}async function f() { const lease = await /*unguarded*/pool.acquire(); await lease.client.ping(); await lease[Symbol.asyncDispose](); }`,
};

const named = casesOf(
  {
    'a parameter that is named in the options': `export async function f(pool) { const lease = await /*unreleased*/pool.acquire(); return lease.client.get('a'); }`,
    'a field that is named in the options': `class A { async f() { const lease = await /*unguarded*/this.leases.acquire(); await lease.release(); } }`,
  },
  { options: { pools: ['pool', 'leases'] } },
);

/** Findings of no-floating-lease. */
export const invalid: readonly Case[] = [...casesOf(unreleased), ...casesOf(unguarded), ...named];
