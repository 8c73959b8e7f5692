export type { ClientFeature, PoolFeature, RedisFeature, SubscriberFeature } from './features.js';
export { type RedisHealthDetails, RedisHealthIndicator } from './health-indicator.js';
export { RedisHygieneModule } from './redis-hygiene-module.js';
export type { RedisHygieneModuleOptions } from './redis-root.js';
export {
  getPoolToken,
  getRedisToken,
  getSubscriberToken,
  InjectPool,
  InjectRedis,
  InjectRedisFactory,
  InjectSubscriber,
  REDIS_FACTORY,
} from './tokens.js';
