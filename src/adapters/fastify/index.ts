export { type FastifyRedis, redisHygiene } from './plugin.js';
export type { RedisHygieneOptions } from './plugin-options.js';
// Fastify's convention: `app.register(import('redis-hygiene/fastify'))`.
export { redisHygiene as default } from './plugin.js';
