import type { RedisOptions } from 'ioredis';
import type { RedisFactory } from '../../factory/factory.js';
import type { ReadyOptions } from '../../factory/health/readiness.js';
import { HygieneError } from '../../core/errors.js';
import { checkPlainOptions, CONNECTION_FORMS, optionTypeError } from '../../options/check-options.js';
import type { FactoryOptions } from '../../options/factory-options.js';
import { checkGivenFactory } from '../given-factory.js';

/** Options of the plugin: those of `createRedisFactory()`, or a `factory`, and what the plugin adds to the application. */
export interface RedisHygieneOptions extends FactoryOptions {
  /**
   * A factory of the application, in place of options for one. It stays open when the application closes; the clients that the
   * plugin has opened are closed.
   */
  readonly factory?: RedisFactory | undefined;
  /**
   * Further clients, by name: `{ sessions: {} }` becomes `fastify.redis.sessions`, and `service@host#sessions` in CLIENT LIST.
   * A value is a URL or ioredis options, added to the factory's `connection`.
   */
  readonly clients?: Readonly<Record<string, string | RedisOptions>> | undefined;
  /** Name of the decorator. @default 'redis' */
  readonly decorator?: string | undefined;
  /** Path of the readiness probe, for instance `/readyz`. Its report has addresses. @default false */
  readonly readiness?: string | false | undefined;
  /** Path of the liveness probe, for instance `/livez`. @default false */
  readonly liveness?: string | false | undefined;
  /**
   * Whether the start waits until the clients are ready, and fails with `HYG_NOT_READY` if they are not in time: by default
   * nine tenths of Fastify's `pluginTimeout`, whose own error does not say why.
   * @default false
   */
  readonly ready?: boolean | ReadyOptions | undefined;
}

/** The options of the plugin, checked, apart from those of the factory. */
export interface CheckedPluginOptions {
  readonly given: RedisFactory | undefined;
  readonly factoryOptions: FactoryOptions;
  readonly clients: Readonly<Record<string, string | RedisOptions>>;
  readonly decorator: string;
  readonly readiness: string | undefined;
  readonly liveness: string | undefined;
  readonly ready: ReadyOptions | boolean;
}

/** Members of `fastify.redis` that no client may have as its name. */
const RESERVED_NAMES = ['factory', 'client'];

/** @throws HygieneError `HYG_OPTION_UNKNOWN`, `HYG_OPTION_TYPE`, `HYG_OPTION_RANGE` */
export function checkPluginOptions(options: RedisHygieneOptions): CheckedPluginOptions {
  const { factory: given, clients = {}, decorator = 'redis', readiness, liveness, ...rest } = options;
  const { ready = false, ...others } = rest;
  const factoryOptions = withoutRegisterOptions(others);
  if (given !== undefined) checkGivenFactory(given, factoryOptions);
  checkClients(clients);
  if (!isText(decorator)) {
    throw optionTypeError('decorator', decorator, 'the name of a decorator, such as "redis"');
  }
  if (typeof ready !== 'boolean' && !isObject(ready)) {
    throw optionTypeError('ready', ready, 'true, false, or { timeoutMs }');
  }
  return {
    given,
    factoryOptions,
    clients,
    decorator,
    readiness: checkPath('readiness', readiness),
    liveness: checkPath('liveness', liveness),
    ready,
  };
}

/** What `register()` itself takes. Fastify passes it on to the plugin. */
const REGISTER_OPTIONS = ['prefix', 'logLevel', 'logSerializers'];

function withoutRegisterOptions(options: FactoryOptions): FactoryOptions {
  return Object.fromEntries(Object.entries(options).filter(([name]) => !REGISTER_OPTIONS.includes(name)));
}

function isText(value: unknown): boolean {
  return typeof value === 'string' && value !== '';
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function checkClients(clients: CheckedPluginOptions['clients']): void {
  if (!isObject(clients)) {
    throw optionTypeError('clients', clients, 'an object such as { sessions: {} }');
  }
  for (const [name, options] of Object.entries(clients)) {
    checkClientName(name);
    if (typeof options === 'string') continue;
    if (!isObject(options)) throw optionTypeError(`clients.${name}`, options, CONNECTION_FORMS);
    checkPlainOptions(`clients.${name}`, options);
  }
}

function checkClientName(name: string): void {
  if (!RESERVED_NAMES.includes(name)) return;
  throw new HygieneError(
    'HYG_OPTION_RANGE',
    `Option "clients" has the name "${name}", which fastify.redis.${name} has already. Choose another name.`,
    { details: { option: 'clients', value: name } },
  );
}

function checkPath(option: string, path: unknown): string | undefined {
  if (path === undefined || path === false) return undefined;
  if (typeof path === 'string' && path.startsWith('/')) return path;
  throw optionTypeError(
    option,
    path,
    `a path such as "/${option === 'liveness' ? 'livez' : 'readyz'}", or false`,
  );
}
