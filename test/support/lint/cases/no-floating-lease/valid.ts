import { casesFrom, type LintCase } from '../case.js';

const factory = `import { createRedisFactory } from 'redis-hygiene';
const redis = createRedisFactory();
const pool = redis.pool({ max: 4 });
`;

const released = {
  'use()': `${factory}await pool.use(async (client) => client.get('a')); await redis.pool().use((c) => c.ping());`,
  'await using': `${factory}async function f() { await using lease = await pool.acquire(); return lease.client.get('a'); }`,
  'await using of an existing lease': `${factory}async function f() { const taken = await pool.acquire(); await using lease = taken; await lease.client.ping(); }`,
  finally: `${factory}async function f() { const lease = await pool.acquire(); try { return await lease.client.get('a'); } finally { await lease.release(); } }`,
  'finally, by the pool': `${factory}async function f() { const lease = await pool.acquire(); try { await lease.client.ping(); } finally { await pool.release(lease); } }`,
  'finally, by its client': `${factory}async function f() { const lease = await pool.acquire(); try { await lease.client.ping(); } finally { await pool.release(lease.client); } }`,
  'finally, by its destructured client': `${factory}async function f() { const { client } = await pool.acquire(); try { await client.ping(); } finally { await pool.release(client); } }`,
  'a promise chain, by its destructured client': `${factory}export const get = () => pool.acquire().then(({ client }) => client.get('a').finally(() => pool.release(client)));`,
  'a nested finally': `${factory}async function f() { const lease = await pool.acquire(); if (ready) { for (const a of all) { try { await lease.client.get(a); } finally { if (lease) { await lease.release(); } } } } }`,
  'a variable declared before the try': `${factory}async function f() { let lease; try { lease = await pool.acquire(); await lease.client.ping(); } finally { await lease?.release(); } }`,
  'disposed in finally': `${factory}async function f() { const lease = await pool.acquire(); try { await lease.client.ping(); } finally { await lease[Symbol.asyncDispose](); } }`,
  'after success and in catch': `${factory}async function f() { const lease = await pool.acquire(); try { await lease.client.ping(); } catch (error) { await lease.release(); throw error; } await lease.release(); }`,
  'a DisposableStack': `${factory}async function f() { await using stack = new AsyncDisposableStack(); const lease = stack.use(await pool.acquire()); await lease.client.ping(); }`,
  'a DisposableStack that adopts the lease': `${factory}async function f(stack) { const lease = await pool.acquire(); stack.adopt(lease, (one) => one.release()); stack.defer(lease.release); await lease.client.ping(); }`,
  'a promise chain': `${factory}export const get = () => pool.acquire().then((lease) => lease.client.get('a').finally(() => lease.release()));`,
  'a promise chain with try and finally': `${factory}pool.acquire().then(async (lease) => { try { await lease.client.ping(); } finally { await lease.release(); } }).catch(log);`,
  'when the response is closed': `${factory}app.get('/', async (req, res) => { const lease = await pool.acquire(); res.on('close', () => lease.release()); res.send(await lease.client.get('a')); });`,
  'at the top of a module': `${factory}const lease = await pool.acquire(); try { await lease.client.ping(); } finally { await lease.release(); }`,
  'commonjs: in finally': `const { createRedisFactory } = require('redis-hygiene'); const pool = createRedisFactory().pool();
    exports.f = async () => { const lease = await pool.acquire(); try { await lease.client.ping(); } finally { await lease.release(); } };`,
  'ts: in finally': `${factory}async function f(): Promise<void> { const lease = (await pool.acquire()) as Lease; try { await lease.client.ping(); } finally { await lease!.release(); } }`,
};

const passedOn = {
  returned: `${factory}export const borrow = () => pool.acquire(); export async function b() { return pool.acquire(); } export async function c() { const lease = await pool.acquire(); await lease.client.ping(); return lease; }`,
  'returned in an object': `${factory}export async function f() { const lease = await pool.acquire(); return { lease, at: 1 }; }`,
  'stored in a field': `${factory}class A { async open() { this.lease = await pool.acquire(); } close() { return this.lease.release(); } }`,
  'stored in a variable outside': `${factory}let lease; export async function open() { lease = await pool.acquire(); }`,
  'passed to a function': `${factory}async function f() { await work(await pool.acquire()); const lease = await pool.acquire(); await work(lease); }`,
  'a promise that is awaited elsewhere': `${factory}async function f() { const pending = pool.acquire(); const [lease] = await Promise.all([pending]); await lease.release(); }`,
  'destructured with its release()': `${factory}async function f() { const { client, release } = await pool.acquire(); await client.ping(); release(); }`,
  'a named callback of then()': `${factory}pool.acquire().then(work);`,
};

const others = {
  'a pool of another library': `import { createPool } from 'generic-pool'; import { createRedisFactory } from 'redis-hygiene'; const pool = createPool({}); async function f() { const c = await pool.acquire(); }`,
  'a mutex': `import { createRedisFactory } from 'redis-hygiene'; async function f(lock) { const release = await lock.acquire(); }`,
  'an unknown parameter': `${factory}async function f(pool) { const lease = await pool.acquire(); }`,
  'a client of a factory': `${factory}redis.client().acquire();`,
  'unusual code': `${factory}pool['acquire'].bind(pool); pool.acquire; new pool.acquire(); const { acquire } = pool; (async () => { await acquire(); })(); export { pool };`,
};

/** Cases in which no-floating-lease has no findings. */
export const valid: readonly LintCase[] = [
  ...casesFrom(released),
  ...casesFrom(passedOn),
  ...casesFrom(others),
];
