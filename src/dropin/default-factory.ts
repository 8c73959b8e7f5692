import { HygieneError } from '../core/errors.js';
import { assembleFactory, type Assembly } from '../factory/assembly.js';
import { createFactoryFromAssembly, type RedisFactory } from '../factory/factory.js';
import type { FactoryOptions } from '../options/factory-options.js';

let options: FactoryOptions | undefined;
let assembly: Assembly | undefined;
let factory: RedisFactory | undefined;

/** The parts of the default factory. Created when they are first needed, usually by the first client. */
export function defaultAssembly(): Assembly {
  assembly ??= assembleFactory(options, { authErrors: 'reply' });
  return assembly;
}

/**
 * Sets the options of the default factory. Call it once, before the first client is created.
 *
 * @throws HygieneError `HYG_ALREADY_CONFIGURED`
 */
export function configure(given: FactoryOptions): void {
  if (assembly ?? options) {
    throw new HygieneError(
      'HYG_ALREADY_CONFIGURED',
      'The options of the default factory can no longer be set.',
    );
  }
  options = given;
}

/**
 * The default factory: ledger, events and shutdown() of all clients that the drop-in classes create.
 *
 * @throws HygieneError the errors of createRedisFactory(), on the first call
 */
export function defaultFactory(): RedisFactory {
  factory ??= createFactoryFromAssembly(defaultAssembly());
  return factory;
}
