import { assemble, type Assembly } from '../factory/assembly.js';
import { HygieneError } from '../core/errors.js';
import { createFactoryFace, type RedisFactory } from '../factory/factory.js';
import type { FactoryOptions } from '../options/factory-options.js';

let options: FactoryOptions | undefined;
let assembly: Assembly | undefined;
let factory: RedisFactory | undefined;

/** The parts behind the drop-in, made with the first client. */
export function defaultAssembly(): Assembly {
  assembly ??= assemble(options);
  return assembly;
}

/**
 * Sets the options of the factory behind the drop-in. Call it once, before the first client is made.
 *
 * @throws HygieneError `HYG_ALREADY_CONFIGURED`
 */
export function configure(given: FactoryOptions): void {
  if (assembly ?? options) {
    throw new HygieneError('HYG_ALREADY_CONFIGURED', 'The default factory has its options already.');
  }
  options = given;
}

/**
 * The factory behind the drop-in: its ledger, its events, its shutdown().
 *
 * @throws what createRedisFactory() throws, on its first call
 */
export function defaultFactory(): RedisFactory {
  factory ??= createFactoryFace(defaultAssembly());
  return factory;
}
