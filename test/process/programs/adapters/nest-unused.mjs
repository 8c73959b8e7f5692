// A Nest application no class of which asks for the client of forRoot().
import 'reflect-metadata';
import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { getRedisToken, REDIS_FACTORY, RedisHygieneModule } from 'redis-hygiene/nestjs';

class AppModule {
  isModule = true;
}
Module({ imports: [RedisHygieneModule.forRoot({ service: 'orders', connection: process.env.REDIS_URL })] })(
  AppModule,
);
const app = await NestFactory.createApplicationContext(AppModule, { logger: ['error'] });
const redis = app.get(REDIS_FACTORY);
await new Promise((resolve) => setImmediate(resolve));
const before = redis.connections().length;
await app.get(getRedisToken()).ping();
console.log(JSON.stringify({ before, after: redis.connections().length }));
await app.close();
