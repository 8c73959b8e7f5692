import { casesFrom, type LintCase } from '../case.js';

const starts = casesFrom({
  'the top of a module': `import Redis from 'ioredis'; export const redis = new Redis(); redis.duplicate().subscribe('a');`,
  'a block at the top of a module': `import Redis from 'ioredis'; let redis; try { redis = new Redis(); } catch {} if (process.env.SUB) redis.duplicate();`,
  'an immediately invoked function': `import Redis from 'ioredis'; const redis = (() => { const c = new Redis(); c.on('error', log); return c; })(); (async function () { await new Redis().ping(); })();`,
  'call() of a function': `import Redis from 'ioredis'; (function () { this.a = new Redis().ping(); }).call(globalThis);`,
  'main()': `import Redis from 'ioredis'; async function main() { const redis = new Redis(); await redis.ping(); await redis.quit(); } main();`,
  'a function with another name that is called at the start': `import Redis from 'ioredis'; async function work() { const redis = new Redis(); await redis.ping(); } void work();`,
  'called with await and catch()': `import Redis from 'ioredis'; const work = async () => { await new Redis().ping(); }; await work().catch(console.error);`,
  'called at the start through other functions': `import Redis from 'ioredis';
    async function cache() { const redis = new Redis(); await redis.ping(); }
    async function services() { await cache(); }
    services().then(() => log('up'));`,
  'ts: a migration': `import Redis from 'ioredis'; export async function up(db: Kysely<any>) { const redis = new Redis(); await redis.del('a'); await redis.quit(); } export const down = async () => { await new Redis().flushdb(); };`,
  'then() at the start': `import Redis from 'ioredis'; load().then((config) => { const redis = new Redis(config); redis.ping(); });`,
  'a script that closes what it opened': `import Redis from 'ioredis';
    async function migrate() { const redis = new Redis(); try { await redis.flushdb(); } finally { await redis.quit(); } }
    await migrate();`,
  'callbacks of a server that has started': `import Redis from 'ioredis'; app.listen(3000, () => { const redis = new Redis(); redis.subscribe('a'); }); app.on('ready', () => { new Redis().ping(); });`,
  'a list of known length': `import { createRedisFactory } from 'redis-hygiene'; const f = createRedisFactory(); const NAMES = ['cache', 'sessions'];
    export const clients = NAMES.map((connectionName) => f.client({ connectionName })); for (const db of [0, 1]) f.client({ db });`,
});

const factories = casesFrom({
  'a named factory': `import Redis from 'ioredis'; export function makeClient(url) { const c = new Redis(url); c.on('error', log); return c; }`,
  'an arrow function': `import Redis from 'ioredis'; export const makeClient = (url) => new Redis(url);`,
  'the client is part of the result': `import Redis from 'ioredis'; export function store() { const redis = new Redis(); return { redis, get: (key) => redis.get(key) }; }`,
  'an app whose routes share it': `import Redis from 'ioredis'; import express from 'express';
    export function orders() { const redis = new Redis(); const app = express(); app.get('/', async (req, res) => res.send(await redis.get('a'))); return app; }`,
  'passed on, not closed here': `import Redis from 'ioredis'; export function queue(name) { return new Queue(name, { connection: new Redis() }); }`,
  'a client of node-redis': `import { createClient } from 'redis'; export async function redis() { return createClient().on('error', log).connect(); }`,
  'a function called connect': `import Redis from 'ioredis'; export async function connectRedis() { const r = new Redis(); await r.ping(); }`,
  'a variable of the module': `import Redis from 'ioredis'; let redis; export function reset() { redis = new Redis(); }`,
  'a factory that takes a context': `import Redis from 'ioredis'; export const redisFor = (ctx) => new Redis(ctx.config.url);`,
  'the createClient of bull': `import Redis from 'ioredis'; export const queue = new Queue('mail', { createClient: (type, options) => new Redis(options) });`,
  'callbacks that run once': `import Redis from 'ioredis'; export const get = once(() => { const r = new Redis(); r.ping(); return r; });
    export const a = _.memoize(() => new Redis()); container.register({ redis: asFunction(() => new Redis()).singleton() }); lazy(async () => { await new Redis().ping(); });`,
  providers: `import Redis from 'ioredis'; export const providers = [{ provide: 'REDIS', useFactory: (config) => new Redis(config.url) }, { provide: 'B', useFactory() { const r = new Redis(); r.on('error', log); return r; } }];`,
});

const listeners = casesFrom({
  'a subscriber that keeps listening': `import Redis from 'ioredis'; export function forward(io) { const sub = new Redis(); sub.on('error', log); sub.subscribe('a'); sub.on('message', (channel, text) => io.emit(channel, text)); }`,
  'a subscriber of a factory': `import { createRedisFactory } from 'redis-hygiene'; const f = createRedisFactory(); export const follow = async () => { const sub = f.subscriber(); await sub.subscribe('a'); };`,
  'a consumer in an endless loop': `import Redis from 'ioredis'; export async function drain() { const redis = new Redis(); while (true) { await redis.blpop('q', 0); } } export async function drainAlso() { const redis = new Redis(); for (;;) await redis.brpop('q', 0); }`,
  'a handler for the end of the process': `import Redis from 'ioredis'; process.on('SIGTERM', async () => { const redis = new Redis(); await redis.del('lock'); process.exit(); });`,
  'a startup function that takes a request': `import Redis from 'ioredis'; export async function initSession(req) { const redis = new Redis(); await redis.ping(); }`,
});

const lazy = casesFrom({
  '??=': `import Redis from 'ioredis'; let c; export const get = () => (c ??= new Redis()); app.get('/', async (req, res) => { c ??= new Redis(); res.send(await c.get('a')); });`,
  if: `import Redis from 'ioredis'; let c; app.get('/', async (req, res) => { if (!c) { c = new Redis(); c.on('error', log); } res.send(await c.get('a')); });`,
  'an early return': `import Redis from 'ioredis'; let c; function get() { if (c) return c; c = new Redis(); return c; } app.get('/', (req, res) => get().get('a'));`,
  globalThis: `import Redis from 'ioredis'; globalThis.redis ??= new Redis(); app.get('/', () => { globalThis.redis ||= new Redis(); if (!global.c) global.c = new Redis(); });`,
  '??': `import Redis from 'ioredis'; let c; app.get('/', (req, res) => { c = c ?? new Redis(); res.send(c); });`,
  'a conditional': `import Redis from 'ioredis'; let c; app.get('/', (req, res) => { c = c ? c : new Redis(); res.send(c); });`,
  'a map': `import Redis from 'ioredis'; const all = new Map(); function of(url) { if (!all.has(url)) { const c = new Redis(url); all.set(url, c); } return all.get(url); } app.get('/', (req) => of(req.url).ping());`,
  'a map whose entry is read into a variable first': `import Redis from 'ioredis'; const all = new Map(); app.get('/', (req) => { const known = all.get(req.url); if (known) return known; const c = new Redis(); all.set(req.url, c); return c.ping(); });`,
  'in a loop': `import Redis from 'ioredis'; const all = {}; for (const name of names) { all[name] ??= new Redis(); if (!all.b) all.b = new Redis(); }`,
  'a field': `import Redis from 'ioredis'; class A { #c; handler(req, res) { this.#c ??= new Redis(); if (!this.d) this.d = new Redis(); return this.#c; } }`,
  'a factory that is called only while there is no client': `import Redis from 'ioredis'; let c; const make = () => new Redis(); app.get('/', (req, res) => { c ??= make(); res.send(c); });`,
});

const pending = casesFrom({
  'a promise of the client': `import { createClient } from 'redis'; let pending; function get() { if (pending) return pending; const c = createClient(); pending = c.connect().then(() => c); return pending; } app.get('/', async () => (await get()).get('a'));`,
  'a promise that resolves to the client': `import Redis from 'ioredis'; let pending; const get = () => { if (pending) return pending; pending = new Promise((res) => { const c = new Redis(); c.once('ready', () => res(c)); }); return pending; }; app.get('/', async () => (await get()).get('a'));`,
  'a promise of a client that was made before': `import Redis from 'ioredis'; let pending; app.get('/', async () => { if (!pending) { const c = new Redis(); pending = new Promise((resolve, reject) => { c.once('ready', () => resolve(c)); c.once('error', reject); }); } return (await pending).get('a'); });`,
  'a promise of an async function': `import { createClient } from 'redis'; let pending; app.get('/', async () => { pending ??= (async () => { const c = createClient(); await c.connect(); return c; })(); return (await pending).get('a'); });`,
  'stored once it is connected': `import { createClient } from 'redis'; let client; async function get() { if (client) return client; const c = createClient(); await c.connect().then(() => { client = c; }); return client; } app.get('/', async () => (await get()).get('a'));`,
  'a map of promises': `import { createClient } from 'redis'; const all = new Map(); function of(url) { const known = all.get(url); if (known) return known; const c = createClient({ url }); const p = c.connect().then(() => c); all.set(url, p); return p; } app.get('/', async (req) => (await of(req.url)).ping());`,
});

const classes = casesFrom({
  'a constructor, a field and a static field': `import Redis from 'ioredis'; class A { static shared = new Redis(); static { A.b = new Redis(); } redis = new Redis(); constructor() { new Redis().ping(); } }`,
  'ts: life-cycle methods': `import Redis from 'ioredis'; @Injectable() class A { private r?: Redis; async onModuleInit() { this.r = new Redis(); } async init() { const r = new Redis(); await r.ping(); } start() { new Redis().ping(); } }`,
  'a method that stores the client': `import Redis from 'ioredis'; export class A { reopen() { this.redis = new Redis(); } }`,
  'a method that returns the client': `import Redis from 'ioredis'; export class A { redis() { return new Redis(this.url); } }`,
});

const frameworks = casesFrom({
  'plugins of fastify': `import { createRedisFactory } from 'redis-hygiene'; const f = createRedisFactory();
    export default fp(async (app) => { const c = f.client(); await c.ping(); app.decorate('redis', c); });
    app.register(async (instance) => { const sub = f.subscriber(); sub.on('message', instance.log.info); });`,
  'a fixture of tests': `import Redis from 'ioredis'; export const it = test.extend({ redis: async ({}, use) => { const redis = new Redis(); await use(redis); await redis.quit(); } });`,
  'a fixture of vitest with options': `import { createClient } from 'redis'; export const it = test.extend({ redis: [async ({}, use) => { const c = await createClient().connect(); await use(c); await c.quit(); }, { scope: 'file' }] });`,
  'named fixtures': `import Redis from 'ioredis'; async function redis({}, use) { const r = new Redis(); await use(r); await r.quit(); } const queue = async ({}, use) => { const r = new Redis(); await use(r); r.disconnect(); }; export const it = test.extend({ redis: [redis, { scope: 'file' }], queue });`,
  'a plugin as default export': `import Redis from 'ioredis'; export default async function (fastify, options) { const redis = new Redis(options); fastify.addHook('onClose', () => redis.quit()); await redis.ping(); }`,
  'commonjs: a plugin as the module': `const Redis = require('ioredis'); module.exports = async function (fastify) { const redis = new Redis(); await redis.ping(); };`,
  'tests and hooks': `import Redis from 'ioredis'; describe('a', () => { let c; beforeEach(() => { c = new Redis(); }); it('b', async () => { const d = new Redis(); for (const x of many) await new Redis().get(x); await d.quit(); }); test.each([1])('c', () => { new Redis().ping(); }); });
    beforeAll(async () => { await new Redis().flushall(); }); before(() => { many.map(() => new Redis()); });`,
});

const others = casesFrom({
  'client() of ioredis is a command': `import { redis } from './redis.js'; app.get('/', async (req, res) => res.send(await redis.client('LIST')));`,
  'a pool of another library': `import { db } from './db.js'; app.get('/', async (req, res) => res.send(await db.pool().query('a')));`,
  'a factory of unknown origin': `app.get('/', async (req, res) => res.send(await factory.client().get('redis')));`,
  'a class of the same name': `import { Redis as R } from 'ioredis'; class Redis {} app.get('/', () => new Redis());`,
  'a duplicate of something else': `import { redis } from './redis.js'; app.get('/', (req, res) => { canvas.duplicate(); redis.duplicate(); });`,
  'ts: types and instanceof': `import { Redis } from 'ioredis'; app.get('/', (req: R, res: S) => { const c: Redis = req.redis; if (c instanceof Redis) c.ping(); });`,
  'a get() that is no route': `import Redis from 'ioredis'; export const c = cache.get(() => new Redis());`,
  'unusual code':
    `import Redis from 'ioredis'; export default () => {}; (() => () => new Redis())()(); label: for (;;) break label; new (class extends Redis {})(); new.target; Redis\`a\`; [...new Redis()];`.replace(
      ' new.target;',
      '',
    ),
  '40 functions that each call two others': `import Redis from 'ioredis'; function f0() { new Redis().ping(); } ${Array.from({ length: 40 }, (_, n) => `function f${n + 1}() { f${n}(); f${Math.max(0, n - 1)}(); f${n}(); }`).join(' ')} f40();`,
  'functions that call each other': `import Redis from 'ioredis'; function a() { b(); return new Redis(); } function b() { a(); }`,
});

const tests = casesFrom(
  {
    'a file of tests': `import Redis from 'ioredis'; export async function flush() { const redis = new Redis(); await redis.flushall(); await redis.quit(); }`,
  },
  { filename: 'test/support/flush.mjs' },
);

/** Cases in which no-client-in-function has no findings. */
export const valid: readonly LintCase[] = [
  ...starts,
  ...factories,
  ...listeners,
  ...lazy,
  ...pending,
  ...classes,
  ...frameworks,
  ...others,
  ...tests,
];
