import { casesOf, type Case } from '../case.js';

const factory = `import { createRedisFactory } from 'redis-hygiene';
const redis = createRedisFactory();
const pool = redis.pool({ max: 4 });
`;

const released = {
  'use()': `${factory}await pool.use(async (client) => client.get('a')); await redis.pool().use((c) => c.ping());`,
  'await using': `${factory}async function f() { await using lease = await pool.acquire(); return lease.client.get('a'); }`,
  'await using of a lease that is there': `${factory}async function f() { const taken = await pool.acquire(); await using lease = taken; await lease.client.ping(); }`,
  finally: `${factory}async function f() { const lease = await pool.acquire(); try { return await lease.client.get('a'); } finally { await lease.release(); } }`,
  'finally, by the pool': `${factory}async function f() { const lease = await pool.acquire(); try { await lease.client.ping(); } finally { await pool.release(lease); } }`,
  'finally, by its client': `${factory}async function f() { const lease = await pool.acquire(); try { await lease.client.ping(); } finally { await pool.release(lease.client); } }`,
  'finally, by its client that was taken out': `${factory}async function f() { const { client } = await pool.acquire(); try { await client.ping(); } finally { await pool.release(client); } }`,
  'a chain, by its client that was taken out': `${factory}export const get = () => pool.acquire().then(({ client }) => client.get('a').finally(() => pool.release(client)));`,
  'finally, further within': `${factory}async function f() { const lease = await pool.acquire(); if (ready) { for (const a of all) { try { await lease.client.get(a); } finally { if (lease) { await lease.release(); } } } } }`,
  'a variable from before the try': `${factory}async function f() { let lease; try { lease = await pool.acquire(); await lease.client.ping(); } finally { await lease?.release(); } }`,
  'disposed in finally': `${factory}async function f() { const lease = await pool.acquire(); try { await lease.client.ping(); } finally { await lease[Symbol.asyncDispose](); } }`,
  'both when it went well and when not': `${factory}async function f() { const lease = await pool.acquire(); try { await lease.client.ping(); } catch (error) { await lease.release(); throw error; } await lease.release(); }`,
  'a stack': `${factory}async function f() { await using stack = new AsyncDisposableStack(); const lease = stack.use(await pool.acquire()); await lease.client.ping(); }`,
  'a stack that adopts': `${factory}async function f(stack) { const lease = await pool.acquire(); stack.adopt(lease, (one) => one.release()); stack.defer(lease.release); await lease.client.ping(); }`,
  'a chain': `${factory}export const get = () => pool.acquire().then((lease) => lease.client.get('a').finally(() => lease.release()));`,
  'a chain with a function': `${factory}pool.acquire().then(async (lease) => { try { await lease.client.ping(); } finally { await lease.release(); } }).catch(log);`,
  'when the response is done': `${factory}app.get('/', async (req, res) => { const lease = await pool.acquire(); res.on('close', () => lease.release()); res.send(await lease.client.get('a')); });`,
  'at the top of a module': `${factory}const lease = await pool.acquire(); try { await lease.client.ping(); } finally { await lease.release(); }`,
  'commonjs: in finally': `const { createRedisFactory } = require('redis-hygiene'); const pool = createRedisFactory().pool();
    exports.f = async () => { const lease = await pool.acquire(); try { await lease.client.ping(); } finally { await lease.release(); } };`,
  'ts: in finally': `${factory}async function f(): Promise<void> { const lease = (await pool.acquire()) as Lease; try { await lease.client.ping(); } finally { await lease!.release(); } }`,
};

const handedOn = {
  returned: `${factory}export const borrow = () => pool.acquire(); export async function b() { return pool.acquire(); } export async function c() { const lease = await pool.acquire(); await lease.client.ping(); return lease; }`,
  'returned in an object': `${factory}export async function f() { const lease = await pool.acquire(); return { lease, at: 1 }; }`,
  'kept in a field': `${factory}class A { async open() { this.lease = await pool.acquire(); } close() { return this.lease.release(); } }`,
  'kept in a variable outside': `${factory}let lease; export async function open() { lease = await pool.acquire(); }`,
  'handed to a function': `${factory}async function f() { await work(await pool.acquire()); const lease = await pool.acquire(); await work(lease); }`,
  'a promise that is awaited elsewhere': `${factory}async function f() { const pending = pool.acquire(); const [lease] = await Promise.all([pending]); await lease.release(); }`,
  'taken apart with its release': `${factory}async function f() { const { client, release } = await pool.acquire(); await client.ping(); release(); }`,
  'a function that has a name': `${factory}pool.acquire().then(work);`,
};

const strangers = {
  'a pool of somebody else': `import { createPool } from 'generic-pool'; import { createRedisFactory } from 'redis-hygiene'; const pool = createPool({}); async function f() { const c = await pool.acquire(); }`,
  'a mutex': `import { createRedisFactory } from 'redis-hygiene'; async function f(lock) { const release = await lock.acquire(); }`,
  'an unknown parameter': `${factory}async function f(pool) { const lease = await pool.acquire(); }`,
  'a client of a factory': `${factory}redis.client().acquire();`,
  'odd code': `${factory}pool['acquire'].bind(pool); pool.acquire; new pool.acquire(); const { acquire } = pool; (async () => { await acquire(); })(); export { pool };`,
};

/** No findings of no-floating-lease. */
export const valid: readonly Case[] = [...casesOf(released), ...casesOf(handedOn), ...casesOf(strangers)];
