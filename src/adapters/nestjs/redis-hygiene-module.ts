import type { DynamicModule, Provider } from '@nestjs/common';
import { HygieneError } from '../../core/errors.js';
import { type CheckedFeature, checkFeatures, type RedisFeature } from './features.js';
import { RedisHealthIndicator } from './health-indicator.js';
import { modulesToken, nest, type NestModules } from './load-nest.js';
import { createRoot, type RedisHygieneModuleOptions, type RedisRoot } from './redis-root.js';
import { getRedisToken, REDIS_FACTORY } from './tokens.js';

/** Token of what `forFeature()` needs of `forRoot()`. */
const REDIS_ROOT = Symbol.for('redis-hygiene.root');

const { ConfigurableModuleClass, MODULE_OPTIONS_TOKEN } =
  new nest.ConfigurableModuleBuilder<RedisHygieneModuleOptions>()
    .setClassMethodName('forRoot')
    .setFactoryMethodName('createRedisOptions')
    .setExtras({}, (definition) => ({
      ...definition,
      global: true, // one factory for all modules, which forFeature() has to find
      providers: [...(definition.providers ?? []), ...rootProviders()],
      exports: [REDIS_ROOT, REDIS_FACTORY, getRedisToken(), RedisHealthIndicator],
    }))
    .build();

function rootProviders(): Provider[] {
  const modules = modulesToken();
  return [
    {
      provide: REDIS_ROOT,
      useFactory(options: RedisHygieneModuleOptions, container?: NestModules) {
        checkOnlyRoot(container);
        return createRoot(options);
      },
      inject: [MODULE_OPTIONS_TOKEN, ...(modules ? [{ token: modules, optional: true }] : [])],
    },
    { provide: REDIS_FACTORY, useFactory: ({ factory }: RedisRoot) => factory, inject: [REDIS_ROOT] },
    { provide: getRedisToken(), useFactory: (root: RedisRoot) => root.openDefault(), inject: [REDIS_ROOT] },
    {
      provide: RedisHealthIndicator,
      useFactory: ({ factory }: RedisRoot) => new RedisHealthIndicator(factory),
      inject: [REDIS_ROOT],
    },
  ];
}

/** Refuses a second root: classes would get clients of either, as Nest happens to find them. */
function checkOnlyRoot(modules: NestModules | undefined): void {
  const roots = [...(modules?.values() ?? [])].filter(({ providers }) => providers.has(REDIS_ROOT));
  if (roots.length < 2) return;
  const what = `${roots.length} modules use forRoot() or forRootAsync() of RedisHygieneModule, expected one.`;
  throw new HygieneError('HYG_NEST_ROOT_TWICE', what, { details: { roots: roots.length } });
}

/**
 * The module of an application that uses Redis.
 *
 * - `forRoot(options)` or `forRootAsync({ useFactory, inject })`, once in the root module, creates the factory.
 * - `forFeature([{ name: 'cache' }])`, in any module, opens clients, pools and subscribers by name.
 */
export class RedisHygieneModule extends ConfigurableModuleClass {
  /**
   * Creates the factory of the application. Without options it has all defaults.
   *
   * @throws HygieneError when the application starts `HYG_NEST_ROOT_TWICE`, and those of `createRedisFactory()`
   */
  static override forRoot(options: RedisHygieneModuleOptions = {}): DynamicModule {
    return super.forRoot(options);
  }

  /**
   * Opens clients, pools and subscribers for a module. Those of the same name are shared between modules.
   *
   * @throws HygieneError `HYG_OPTION_UNKNOWN`, `HYG_OPTION_TYPE`; when the application starts `HYG_NEST_ROOT_MISSING`,
   * `HYG_NEST_CONFLICT`, and those of `client()`, `pool()` and `subscriber()`
   */
  static forFeature(features: readonly RedisFeature[]): DynamicModule {
    const providers = checkFeatures(features).map(featureProvider);
    return { module: RedisHygieneModule, providers, exports: providers.map(({ provide }) => provide) };
  }
}

nest.Module({})(RedisHygieneModule);

function featureProvider(feature: CheckedFeature) {
  return {
    provide: feature.token,
    inject: [{ token: REDIS_ROOT, optional: true }],
    useFactory(root: RedisRoot | undefined) {
      if (root) return root.open(feature);
      const what = `RedisHygieneModule.forFeature() opens the ${feature.kind} "${feature.name}", but there is no forRoot().`;
      throw new HygieneError('HYG_NEST_ROOT_MISSING', what, { details: { name: feature.name } });
    },
  };
}
