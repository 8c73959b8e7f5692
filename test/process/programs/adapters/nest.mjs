// A Nest application with probes of Terminus. SIGTERM stops it by the hooks of redis-hygiene, or by those of Nest.
import 'reflect-metadata';
import { Controller, Get, Inject, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { HealthCheckService, TerminusModule } from '@nestjs/terminus';
import { installShutdownHooks } from 'redis-hygiene';
import {
  getRedisToken,
  InjectPool,
  InjectRedis,
  REDIS_FACTORY,
  RedisHealthIndicator,
  RedisHygieneModule,
} from 'redis-hygiene/nestjs';

const send = (message) => new Promise((resolve) => process.send(message, resolve));

/** Applies decorators of parameters, as a compiler does. */
const inject = (target, decorators) =>
  decorators.forEach((decorate, index) => decorate(target, undefined, index));
const get = (target, path, method) =>
  Get(path)(target.prototype, method, Object.getOwnPropertyDescriptor(target.prototype, method));

class WorkController {
  constructor(client, pool) {
    Object.assign(this, { client, pool });
  }

  async work() {
    await new Promise((resolve) => setTimeout(resolve, 50));
    return { count: await this.client.incr('count'), again: await this.pool.use((one) => one.get('count')) };
  }
}
inject(WorkController, [InjectRedis(), InjectPool('reports')]);
get(WorkController, 'work', 'work');
Controller()(WorkController);

class HealthController {
  constructor(health, redis) {
    Object.assign(this, { health, redis });
  }

  ready() {
    return this.health.check([() => this.redis.isHealthy()]);
  }
}
inject(HealthController, [Inject(HealthCheckService), Inject(RedisHealthIndicator)]);
get(HealthController, 'ready', 'ready');
Controller()(HealthController);

class AppModule {
  isModule = true;
}
Module({
  imports: [
    TerminusModule.forRoot({ logger: false }),
    RedisHygieneModule.forRootAsync({
      useFactory: async () => ({ service: 'orders', host: 'web-1', connection: process.env.REDIS_URL }),
    }),
    RedisHygieneModule.forFeature([{ name: 'reports', pool: { max: 2 } }]),
  ],
  controllers: [WorkController, HealthController],
})(AppModule);

const app = await NestFactory.create(AppModule, { logger: ['error'] });
const redis = app.get(REDIS_FACTORY);
/** What the last step before the shutdown of Redis has read, when the application had closed. */
let last;
const hooks = process.env.HOOKS ?? 'ours';
if (hooks.startsWith('nest')) app.enableShutdownHooks();
if (hooks.includes('ours')) {
  const readLast = async () => (last = Number(await app.get(getRedisToken()).get('count')));
  installShutdownHooks(redis, {
    before: hooks.includes('function') ? [readLast, () => app.close()] : [readLast, app],
    shutdownDelayMs: 2_000,
    onReport: ({ before, forced }) => send({ before, forced, last }),
  });
}
if (hooks.endsWith('nest')) app.enableShutdownHooks();
await redis.ready();
await app.listen(0, '127.0.0.1');
await send({ port: app.getHttpServer().address().port });
