import { nest } from './load-nest.js';

/** Token of the factory: `app.get<RedisFactory>(REDIS_FACTORY)`. */
export const REDIS_FACTORY = Symbol.for('redis-hygiene.factory');

/** The name of what is injected or opened without a name. */
export const DEFAULT_NAME = 'default';

/** Token of a client, for `app.get()` and for tests that override its provider. */
export function getRedisToken(name = DEFAULT_NAME): symbol {
  return Symbol.for(`redis-hygiene.client.${name}`);
}

/** Token of a pool. */
export function getPoolToken(name = DEFAULT_NAME): symbol {
  return Symbol.for(`redis-hygiene.pool.${name}`);
}

/** Token of a subscriber. */
export function getSubscriberToken(name = DEFAULT_NAME): symbol {
  return Symbol.for(`redis-hygiene.subscriber.${name}`);
}

type Injection = ParameterDecorator & PropertyDecorator;

/** Tokens of clients that classes of this process ask for. */
const injectedClients = new Set<symbol>();

/** Whether a class asks for the client with this token. */
export function isInjected(token: symbol): boolean {
  return injectedClients.has(token);
}

/** Injects a client: the one of `forRoot()`, or the one that `forFeature()` has opened by this name. */
export function InjectRedis(name?: string): Injection {
  const token = getRedisToken(name);
  injectedClients.add(token);
  return nest.Inject(token);
}

/** Injects a pool that `forFeature()` has opened. */
export function InjectPool(name?: string): Injection {
  return nest.Inject(getPoolToken(name));
}

/** Injects a subscriber that `forFeature()` has opened. */
export function InjectSubscriber(name?: string): Injection {
  return nest.Inject(getSubscriberToken(name));
}

/** Injects the factory. */
export function InjectRedisFactory(): Injection {
  return nest.Inject(REDIS_FACTORY);
}
