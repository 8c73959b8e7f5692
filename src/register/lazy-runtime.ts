import { createRequire } from 'node:module';
import type * as Runtime from './runtime.js';

const require = createRequire(import.meta.url);

let loaded: typeof Runtime | undefined;

/** All that enforces and names: loaded with the first client library, so that a program without Redis pays nothing. */
export function loadRuntime(): typeof Runtime {
  loaded ??= require('./runtime.cjs') as typeof Runtime;
  return loaded;
}

export function runtimeIfLoaded(): typeof Runtime | undefined {
  return loaded;
}
