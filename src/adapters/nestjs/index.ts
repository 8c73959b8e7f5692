export { REDIS_FACTORY, RedisHygieneModule } from './redis-hygiene-module.js';
