import { createRequire } from 'node:module';
import type * as Runtime from './runtime.js';

const require = createRequire(import.meta.url);

let loaded: typeof Runtime | undefined;

/**
 * Loads the part of the preload that enforces and names clients. Called with the first client library, so that a program
 * without Redis does not load it. The path is that of the built file, see scripts/build.
 */
export function loadRuntime(): typeof Runtime {
  loaded ??= require('./register-runtime.cjs') as typeof Runtime;
  return loaded;
}

export function getLoadedRuntime(): typeof Runtime | undefined {
  return loaded;
}
