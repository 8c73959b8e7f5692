import { createRequire } from 'node:module';
import type * as Nest from '@nestjs/common';
import { createRedisFactory } from '../../factory/factory.js';
import type { FactoryOptions } from '../../options/factory-options.js';

const require = createRequire(import.meta.url);
const { ConfigurableModuleBuilder, Module } = require('@nestjs/common') as typeof Nest;

/** Token of the factory. */
export const REDIS_FACTORY = Symbol.for('redis-hygiene.factory');

const { ConfigurableModuleClass, MODULE_OPTIONS_TOKEN } = new ConfigurableModuleBuilder<FactoryOptions>()
  .setClassMethodName('forRoot')
  .build();

/** The module: `RedisHygieneModule.forRoot(options)`. */
export class RedisHygieneModule extends ConfigurableModuleClass {}

Module({
  providers: [{ provide: REDIS_FACTORY, useFactory: createRedisFactory, inject: [MODULE_OPTIONS_TOKEN] }],
  exports: [REDIS_FACTORY],
})(RedisHygieneModule);
