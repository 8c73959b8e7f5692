import { casesFrom, type LintCase } from '../case.js';

const factory = `import { createRedisFactory } from 'redis-hygiene';
const redis = createRedisFactory();
const pool = redis.pool({ max: 4 });
`;

const unreleased = {
  'the lease is not used': `${factory}async function f() { await /*unreleased*/pool.acquire(); }`,
  'the promise is not awaited': `${factory}/*unreleased*/pool.acquire(); void /*unreleased*/pool.acquire();`,
  'only its client is used': `${factory}async function f() { return (await /*unreleased*/pool.acquire()).client.get('a'); }`,
  'only its client is destructured': `${factory}async function f() { const { client } = await /*unreleased*/pool.acquire(); return client.get('a'); }`,
  'never released': `${factory}async function f() { const lease = await /*unreleased*/pool.acquire(); return lease.client.get('a'); }`,
  'its client is returned, the lease is not released': `${factory}async function f() { const { client } = await /*unreleased*/pool.acquire(); return client; }`,
  'assigned to an earlier variable': `${factory}async function f() { let lease; lease = await /*unreleased*/pool.acquire(); await lease.client.ping(); }`,
  'the callback of then() does not release it': `${factory}export const get = () => /*unreleased*/pool.acquire().then((lease) => { lease.client.get('a'); });`,
  'the callback of then() has no parameter': `${factory}/*unreleased*/pool.acquire().then(() => log('ready'));`,
  'the callback of then() destructures the client': `${factory}/*unreleased*/pool.acquire().then(({ client }) => client.ping());`,
  'a blocking pool': `${factory}const queue = redis.blocking(2); async function f() { const l = await /*unreleased*/queue.acquire(); await l.client.blpop('q', 0); }`,
  'a pool of the default factory': `import { defaultFactory } from 'redis-hygiene/ioredis';
    async function f() { const l = await /*unreleased*/defaultFactory().pool().acquire(); await l.client.ping(); }`,
  'a pool in a field': `${factory}class A { pool = redis.pool(); async f() { const l = await /*unreleased*/this.pool.acquire(); await l.client.ping(); } }`,
  'a pool in a field that the constructor assigns': `${factory}class A { constructor() { this.leases = redis.pool(); } async f() { await (await /*unreleased*/this.leases.acquire()).client.ping(); } }`,
  'ts: with types': `${factory}class A { private readonly p: Pool = redis.pool(); async f() { const l: Lease = await /*unreleased*/this.p!.acquire(); return (l as Lease).client.get('a'); } }`,
  'commonjs: require': `const { createRedisFactory } = require('redis-hygiene'); const pool = createRedisFactory().pool();
    exports.f = async () => { const lease = await /*unreleased*/pool.acquire(); await lease.client.ping(); };`,
  'at the top of a module': `${factory}const lease = await /*unreleased*/pool.acquire(); await lease.client.ping();`,
  'two leases, one released': `${factory}async function f() { const a = await /*unreleased*/pool.acquire(); await using b = await pool.acquire(); await a.client.ping(); }`,
};

const unguarded = {
  'released only after success': `${factory}async function f() { const lease = await /*unguarded*/pool.acquire(); await lease.client.get('a'); await lease.release(); }`,
  'released by the pool, only after success': `${factory}async function f() { const lease = await /*unguarded*/pool.acquire(); await lease.client.get('a'); await pool.release(lease); }`,
  'released by its destructured client, only after success': `${factory}async function f() { const { client } = await /*unguarded*/pool.acquire(); await client.ping(); await pool.release(client); }`,
  'released in try': `${factory}async function f() { const lease = await /*unguarded*/pool.acquire(); try { await lease.client.get('a'); await lease.release(); } catch (error) { log(error); } }`,
  'released only in catch': `${factory}async function f() { const lease = await /*unguarded*/pool.acquire(); try { return await lease.client.get('a'); } catch (error) { await lease.release(); throw error; } }`,
  'passed to a function that may throw': `${factory}async function f() { const lease = await /*unguarded*/pool.acquire(); await work(lease); await lease.release(); }`,
  'released in then()': `${factory}/*unguarded*/pool.acquire().then(async (lease) => { await lease.client.ping(); await lease.release(); });`,
  'a finally that does not release it': `${factory}async function f() { const lease = await /*unguarded*/pool.acquire(); try { await lease.client.ping(); lease.release(); } finally { log('done'); } }`,
  'disposed by a call': `${factory}async function f() { const lease = await /*unguarded*/pool.acquire(); await lease.client.ping(); await lease[Symbol.asyncDispose](); }`,
};

const named = casesFrom(
  {
    'a parameter that is named in the options': `export async function f(pool) { const lease = await /*unreleased*/pool.acquire(); return lease.client.get('a'); }`,
    'a field that is named in the options': `class A { async f() { const lease = await /*unguarded*/this.leases.acquire(); await lease.release(); } }`,
  },
  { options: { pools: ['pool', 'leases'] } },
);

/** Cases in which no-floating-lease has findings. */
export const invalid: readonly LintCase[] = [...casesFrom(unreleased), ...casesFrom(unguarded), ...named];
