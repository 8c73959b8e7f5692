import { casesFrom, type LintCase } from '../case.js';

const handlers = casesFrom({
  'an express route': `import Redis from 'ioredis';
    app.get('/orders', async (req, res) => {
      const redis = /*inHandler*/new Redis();
      res.json(await redis.get('orders'));
    });`,
  'closed in finally, opened again for the next request': `import Redis from 'ioredis';
    app.post('/orders', async (req, res) => {
      const redis = /*inHandler*/new Redis();
      try { res.json(await redis.get('orders')); } finally { await redis.quit(); }
    });`,
  'disposed at the end of the request': `import { createRedisFactory } from 'redis-hygiene';
    router.get('/', async (req, res) => {
      await using redis = createRedisFactory();
      await /*inHandler*/redis.client().get('a');
    });`,
  'a fastify hook': `import { Redis } from 'iovalkey';
    fastify.addHook('preHandler', async () => { const redis = /*inHandler*/new Redis(); await redis.ping(); });`,
  'a koa middleware': `import { createClient } from 'redis';
    app.use(async (ctx, next) => {
      const client = await /*inHandler*/createClient().on('error', console.error).connect();
      ctx.state.user = await client.get('user');
      await next();
    });`,
  'node:http': `import { createServer } from 'node:http';
    import { Redis } from 'redis-hygiene/ioredis';
    createServer(async (request, response) => response.end(await /*inHandler*/new Redis().ping()));`,
  'a subscriber for each socket': `import { createRedisFactory } from 'redis-hygiene';
    const redis = createRedisFactory();
    io.on('connection', (socket) => {
      const sub = /*inHandler*/redis.subscriber();
      socket.on('disconnect', () => sub.close());
    });`,
  'a job of a worker': `import { Worker } from 'bullmq';
    import { Redis } from 'ioredis';
    new Worker('mail', async (job) => { const redis = /*inHandler*/new Redis(); await redis.incr(job.name); });`,
  'a handler in a wrapper function': `import Redis from 'ioredis';
    export const orders = asyncHandler(async (req, res) => { res.json(await /*inHandler*/new Redis().get('a')); });`,
  'a function with the name of a handler': `import { createRedisFactory } from 'redis-hygiene';
    const redis = createRedisFactory();
    export async function GET() { return Response.json(await /*inHandler*/redis.client().get('a')); }`,
  'a named function that is registered as a handler': `import Redis from 'ioredis';
    async function orders(_, answer) { const redis = /*inCalledFunction*/new Redis(); answer.send(await redis.get('a')); }
    app.get('/orders', orders);`,
  'a handler as an option': `import Redis from 'ioredis';
    async function orders() { return /*inCalledFunction*/new Redis().get('a'); }
    fastify.route({ method: 'GET', url: '/', handler: orders });`,
  'a variable of the module that each request overwrites': `import Redis from 'ioredis';
    let redis;
    app.get('/', (req, res) => { redis = /*inHandler*/new Redis(); });`,
  'a promise that each request makes': `import { createClient } from 'redis';
    let last;
    app.get('/', async (req, res) => { const c = /*inHandler*/createClient(); last = c.connect().then(() => c); res.send(await (await last).get('a')); });`,
  'a promise that is resolved to something else': `import Redis from 'ioredis'; let pending;
    app.get('/', async () => { if (pending) return pending; pending = new Promise((res) => { const c = /*inHandler*/new Redis(); c.get('a').then(res); }); return pending; });`,
  'a pool for each request': `import { createRedisFactory } from 'redis-hygiene';
    const redis = createRedisFactory();
    app.get('/', async (req, res) => res.json(await /*inHandler*/redis.pool({ max: 2 }).use((c) => c.get('a'))));`,
  'blocking() of an imported factory': `import { redis } from './redis.js';
    app.get('/', async (req, res) => res.json(await /*inHandler*/redis.blocking().use((c) => c.blpop('q', 1))));`,
  'client() of an imported factory': `import { factory } from '../lib/redis.js';
    app.get('/', async (req, res) => res.json(await /*inHandler*/factory.client({ db: 1 }).get('a')));`,
  'a duplicate': `import { Redis } from 'ioredis';
    const redis = new Redis();
    app.get('/events', (req, res) => { const sub = /*inHandler*/redis.duplicate(); sub.subscribe('events'); });`,
  'a duplicate of a duplicate': `import { defaultFactory } from 'redis-hygiene/ioredis';
    const redis = defaultFactory().client().duplicate();
    app.get('/events', (req, res) => { /*inHandler*/redis.duplicate().subscribe('events'); });`,
  glide: `import { GlideClient } from '@valkey/valkey-glide';
    app.get('/', async (req, res) => { const c = await /*inHandler*/GlideClient.createClient({ addresses: [] }); res.send(await c.get('a')); });`,
  'commonjs: require': `const Redis = require('ioredis');
    exports.handler = async (event) => { const redis = /*inHandler*/new Redis(); return redis.get(event.id); };`,
  'ts: a method of a Nest controller': `import { Redis } from 'ioredis';
    @Controller() export class Orders {
      @Get(':id') async find(@Param('id') id: string) { const redis: Redis = /*inHandler*/new Redis(); return redis.get(id); }
    }`,
  'ts: a handler by the type of its parameter': `import { Redis } from 'ioredis';
    export const orders = async (r: FastifyRequest) => { const redis = /*inHandler*/new Redis(); await redis.set('a', r.id); };`,
  'in a callback within a handler': `import Redis from 'ioredis';
    app.get('/', (req, res) => { load().then(async () => { const redis = /*inHandler*/new Redis(); res.send(await redis.get('a')); }); });`,
  'a condition about something else is no lazy initialisation': `import Redis from 'ioredis';
    let redis;
    app.get('/', (req, res) => { if (req.query.fresh) redis = /*inHandler*/new Redis(); });`,
});

const called = casesFrom({
  'a factory that a handler calls': `import Redis from 'ioredis';
    function connectTo(url) { return /*inCalledFunction*/new Redis(url); }
    app.get('/', async (req, res) => { const redis = connectTo(process.env.URL); res.send(await redis.get('a')); });`,
  'a factory that a handler calls through another function': `import Redis from 'ioredis';
    const make = () => /*inCalledFunction*/new Redis();
    const load = async (id) => make().get(id);
    app.get('/', async (req, res) => res.send(await load(req.params.id)));`,
  'a factory within a handler': `import Redis from 'ioredis';
    app.get('/', (req, res) => { const make = () => /*inCalledFunction*/new Redis(); make().get('a'); });`,
  'ts: a middleware of Nest that configures itself for each request': `import { Redis } from 'ioredis';
    @Injectable() export class Sessions implements NestMiddleware {
      configure() { const client = /*inCalledFunction*/new Redis({ keyPrefix: 'session:' }); return session({ store: new RedisStore({ client }) }); }
      use(req: Request, res: Response, next: NextFunction) { this.configure()(req, res, next); }
    }`,
  'a private method that a route calls': `import Redis from 'ioredis';
    class Orders {
      make() { return /*inCalledFunction*/new Redis(); }
      handler(req, res) { return this.make().get('a'); }
    }`,
});

const functions = casesFrom({
  'never closed, returned or passed on': `import Redis from 'ioredis';
    export async function ping() { const redis = /*inFunction*/new Redis(); return redis.ping(); }`,
  'closed, opened again by the next call': `import Redis from 'ioredis';
    export async function load(id) {
      const redis = /*inFunction*/new Redis();
      const order = await find(redis, id);
      await redis.quit();
      return order;
    }`,
  'used in a callback that runs immediately': `import { createClient } from 'redis';
    export async function loadAll(ids) { const redis = /*inFunction*/createClient(); return Promise.all(ids.map((id) => redis.get(id))); }`,
  'a form action of SvelteKit': `import { createClient } from 'redis';
    export const actions = { default: async ({ request }) => { const redis = await /*inFunction*/createClient().connect(); await redis.publish('a', 'b'); redis.destroy(); } };`,
  'with only a listener for errors': `import Redis from 'ioredis';
    export async function count() { const redis = /*inFunction*/new Redis(); redis.on('error', log); return redis.incr('a'); }`,
  'a method': `import Redis from 'ioredis';
    export class Orders { async load(id) { const redis = /*inFunction*/new Redis(); return redis.get(id); } }`,
  'the health check of the incident': `import Redis from 'ioredis';
    export const isHealthy = async () => (await /*inFunction*/new Redis(process.env.REDIS_URL).ping()) === 'PONG';`,
});

const loops = casesFrom({
  for: `import Redis from 'ioredis';
    const clients = []; for (let i = 0; i < 10; i++) clients.push(/*inLoop*/new Redis());`,
  'for of': `import Redis from 'ioredis';
    for (const url of urls) { const redis = /*inLoop*/new Redis(url); await redis.ping(); }`,
  while: `import { createRedisFactory } from 'redis-hygiene';
    const redis = createRedisFactory(); while (isBusy()) await /*inLoop*/redis.client().lpop('q');`,
  do: `import Redis from 'ioredis'; do { await /*inLoop*/new Redis().lpop('q'); } while (isBusy());`,
  map: `import Redis from 'ioredis'; export const clients = urls.map((url) => /*inLoop*/new Redis(url));`,
  'forEach in a function': `import Redis from 'ioredis'; export function go(jobs) { jobs.forEach(() => { /*inLoop*/new Redis().ping(); }); }`,
  'Array.from': `import Redis from 'ioredis'; const pool = Array.from({ length: 4 }, () => /*inLoop*/new Redis());`,
  setInterval: `import Redis from 'ioredis'; setInterval(async () => { await /*inLoop*/new Redis().ping(); }, 1000);`,
  'for in': `import Redis from 'ioredis'; for (const name in hosts) { clients[name] = /*inLoop*/new Redis(hosts[name]); }`,
});

/** Cases in which no-client-in-function has findings. */
export const invalid: readonly LintCase[] = [...handlers, ...called, ...functions, ...loops];
