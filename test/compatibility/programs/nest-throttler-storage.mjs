import 'reflect-metadata';
import assert from 'node:assert/strict';
import { ThrottlerStorageRedisService } from '@nest-lab/throttler-storage-redis';
import { Controller, Get, Module } from '@nestjs/common';
import { APP_GUARD, NestFactory } from '@nestjs/core';
import { ThrottlerGuard, ThrottlerModule } from '@nestjs/throttler';
import { decorate, decorateMethod } from './rig/decorate.mjs';
import { statusesOf } from './rig/requests.mjs';
import { runWork } from './rig/run-work.mjs';

class HomeController {
  home() {
    return 'ok';
  }
}
decorateMethod(HomeController, 'home', Get());
decorate(HomeController, Controller());

await runWork(async ({ redis, takes }) => {
  const storage = new ThrottlerStorageRedisService(
    takes === 'client' ? redis.client() : redis.options('throttler'),
  );
  class ApplicationModule {}
  decorate(
    ApplicationModule,
    Module({
      imports: [ThrottlerModule.forRoot({ throttlers: [{ limit: 2, ttl: 60_000 }], storage })],
      controllers: [HomeController],
      providers: [{ provide: APP_GUARD, useClass: ThrottlerGuard }],
    }),
  );
  const app = await NestFactory.create(ApplicationModule, { logger: ['error', 'warn'] });
  await app.listen(0, '127.0.0.1');
  assert.deepEqual(await statusesOf(await app.getUrl(), 3), [200, 200, 429]);
  return () => app.close();
});
