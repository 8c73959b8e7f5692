import 'reflect-metadata';
import assert from 'node:assert/strict';
import { Controller, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { ClientProxyFactory, MessagePattern, Transport } from '@nestjs/microservices';
import { firstValueFrom } from 'rxjs';
import { decorate, decorateMethod } from './rig/decorate.mjs';
import { runWork } from './rig/run-work.mjs';

class SumController {
  sum(numbers) {
    return numbers.reduce((sum, number) => sum + number, 0);
  }
}
decorateMethod(SumController, 'sum', MessagePattern('sum'));
decorate(SumController, Controller());

class ApplicationModule {}
decorate(ApplicationModule, Module({ controllers: [SumController] }));

await runWork(async ({ redis }) => {
  const options = { transport: Transport.REDIS, options: redis.options('microservice') };
  const app = await NestFactory.createMicroservice(ApplicationModule, {
    ...options,
    logger: ['error', 'warn'],
  });
  await app.listen();
  const client = ClientProxyFactory.create(options);
  await client.connect();
  assert.equal(await firstValueFrom(client.send('sum', [1, 2, 39])), 42);
  return async () => {
    await client.close();
    await app.close();
  };
});
