// Options from the environment, which may be undefined. They are compiled with exactOptionalPropertyTypes.
import { createRedisFactory, installShutdownHooks } from 'redis-hygiene';
import { configure } from 'redis-hygiene/ioredis';

const { REDIS_URL, SERVICE } = process.env;
const limit = REDIS_URL ? 5 : undefined;
configure({ service: SERVICE, connection: REDIS_URL, limits: { connections: limit }, keepAliveMs: limit });

const redis = createRedisFactory({
  service: SERVICE,
  host: SERVICE,
  connection: REDIS_URL,
  limits: undefined,
});
installShutdownHooks(redis, { timeoutMs: limit, before: undefined, signals: undefined, onReport: undefined });
export const pools = [redis.pool({ connection: REDIS_URL, max: limit }), redis.blocking({ role: SERVICE })];
export const subscriber = redis.subscriber({ connection: REDIS_URL, role: SERVICE });
export const inbox = subscriber.messages('prices', { limit, drop: undefined });
export const report = redis.shutdown({ timeoutMs: limit });
