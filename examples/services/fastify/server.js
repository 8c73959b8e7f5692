import fastifyRedis from '@fastify/redis';
import Fastify from 'fastify';
import { carts } from './carts.js';
import { limitRate } from './rate-limit.js';
import { sessions } from './sessions.js';

const { hostname, port } = new URL(process.env.REDIS_URL ?? 'redis://localhost:6379');
const app = Fastify();

await app.register(fastifyRedis, { namespace: 'carts', url: process.env.REDIS_URL });
await app.register(fastifyRedis, { namespace: 'sessions', host: hostname, port: Number(port || 6379) });
app.addHook('onRequest', limitRate);
app.register(carts);
app.register(sessions);

await app.listen({ port: Number(process.env.PORT ?? 3000) });
console.log(`listening ${app.server.address().port}`);
