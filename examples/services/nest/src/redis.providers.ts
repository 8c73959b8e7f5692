import type { Provider } from '@nestjs/common';
import { Redis } from 'ioredis';

export const REDIS = Symbol('redis');
export const SUBSCRIBER = Symbol('subscriber');

export const redisProviders: Provider[] = [
  { provide: REDIS, useFactory: () => new Redis(process.env['REDIS_URL'] ?? 'redis://localhost:6379') },
  { provide: SUBSCRIBER, useFactory: (redis: Redis) => redis.duplicate(), inject: [REDIS] },
];
