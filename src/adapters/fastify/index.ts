export { type FastifyRedis, redisHygiene } from './plugin.js';
// Fastify's convention: `app.register(import('redis-hygiene/fastify'))`.
export { redisHygiene as default } from './plugin.js';
