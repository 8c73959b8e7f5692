import { createRequire } from 'node:module';
import type * as Runtime from './runtime.js';

const require = createRequire(import.meta.url);

let loaded: typeof Runtime | undefined;

/**
 * Loads the bundle that enforces and names clients. Called with the first client library, so that a program without
 * Redis does not load it.
 */
export function loadRuntime(): typeof Runtime {
  loaded ??= require('./runtime.cjs') as typeof Runtime;
  return loaded;
}

export function getLoadedRuntime(): typeof Runtime | undefined {
  return loaded;
}
